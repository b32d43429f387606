// SPDX-License-Identifier: Apache-2.0
package io.varve.node.partition;

import io.varve.metadata.MetadataListener;
import io.varve.metadata.image.MetadataDelta;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.stream.MetadataUpdate;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings this node's replicas up to the metadata, on a thread of its own. What the quorum reports is only noted; the
 * thread then takes everything noted at once. What one replica waits for holds up no other. <i>Thread-safe.</i>
 *
 * <p>{@link #appliedIndex()} is the index that all partition loops and their I/O have applied, which is what heartbeats
 * report. Invariant: it never falls, and is at most the index of the newest image noted.
 */
public final class MetadataFollower implements MetadataListener, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(MetadataFollower.class);
    private static final long LOOPS_SECONDS = 60;
    private static final long READY_SECONDS = 2;
    private static final long RETRY_MILLIS = 1000;

    private final RoleTransitions transitions;
    private final Consumer<MetadataImage> onChange;
    private final Consumer<Throwable> onFatal;
    private final Thread thread = new Thread(this::run, "metadata-follower");
    private final NavigableMap<Long, List<CompletableFuture<Void>>> waiting = new TreeMap<>(); // guarded by this
    private final Deque<MetadataUpdate> noted = new ArrayDeque<>(); // not looked at yet, oldest first; guarded by this
    private long readyIndex = -1; // of which whoever leads takes requests; guarded by this
    private boolean lookWanted; // guarded by this
    private boolean closed; // guarded by this
    private volatile long appliedIndex = -1; // volatile: written by the thread, read by everybody

    /**
     * @param onChange hears every image that was taken up; must not block
     * @param onFatal hears when the metadata is followed no further: this node would lead on and know nothing
     */
    MetadataFollower(RoleTransitions transitions, Consumer<MetadataImage> onChange, Consumer<Throwable> onFatal) {
        this.transitions = transitions;
        this.onChange = onChange;
        this.onFatal = onFatal;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    @Override
    public synchronized void onApplied(long index, long term, MetadataDelta delta, MetadataImage image) {
        noted.add(MetadataUpdate.of(delta, image));
        notifyAll();
    }

    @Override
    public synchronized void onImageReset(MetadataImage image) {
        noted.add(MetadataUpdate.reset(image));
        notifyAll();
    }

    /** Something else than the metadata asks for a look at the replicas. */
    synchronized void look() {
        lookWanted = true;
        notifyAll();
    }

    /** The index of the metadata log up to which this node's replicas are as it says. */
    public long appliedIndex() {
        return appliedIndex;
    }

    /**
     * Completes when {@link #appliedIndex()} has reached the index and the replicas that lead by it take requests. Those
     * that need longer than a moment are not waited for.
     */
    public CompletableFuture<Void> whenApplied(long index) {
        synchronized (this) {
            if (readyIndex < index && !closed) {
                CompletableFuture<Void> reached = new CompletableFuture<>();
                waiting.computeIfAbsent(index, i -> new ArrayList<>()).add(reached);
                return reached;
            }
        }
        return CompletableFuture.completedFuture(null);
    }

    /** Stops following; replicas stay as they are. */
    @Override
    public void close() throws InterruptedException {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        if (thread.isAlive()) {
            thread.join(TimeUnit.SECONDS.toMillis(LOOPS_SECONDS));
        }
        complete(Long.MAX_VALUE);
    }

    private void run() {
        try {
            MetadataImage last = MetadataImage.EMPTY;
            while (true) {
                List<MetadataUpdate> work = take();
                if (work == null) {
                    return;
                }
                for (MetadataUpdate update : work) {
                    last = update.image();
                    apply(update);
                }
                if (work.isEmpty()) {
                    apply(new MetadataUpdate(List.of(), last, false));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Throwable t) {
            LOG.error("the metadata is followed no further, the node stops", t);
            onFatal.accept(t);
        }
    }

    /** Waits for something to do: news, or replicas that could not be made before. Null when closed. */
    private synchronized @Nullable List<MetadataUpdate> take() throws InterruptedException {
        while (!closed && noted.isEmpty() && !lookWanted) {
            if (!transitions.hasUnfinished()) {
                wait();
            } else {
                wait(RETRY_MILLIS);
                break;
            }
        }
        lookWanted = false;
        List<MetadataUpdate> work = merged(noted);
        noted.clear();
        return closed ? null : work;
    }

    /** Deltas that follow each other are taken up in one go; every one of them is looked at. */
    private static List<MetadataUpdate> merged(Collection<MetadataUpdate> updates) {
        List<MetadataUpdate> merged = new ArrayList<>();
        List<MetadataDelta> deltas = new ArrayList<>();
        MetadataImage last = null;
        for (MetadataUpdate update : updates) {
            if (update.reset()) {
                if (last != null) {
                    merged.add(new MetadataUpdate(deltas, last, false));
                    deltas.clear();
                    last = null;
                }
                merged.add(update);
            } else {
                deltas.addAll(update.deltas());
                last = update.image();
            }
        }
        if (last != null) {
            merged.add(new MetadataUpdate(deltas, last, false));
        }
        return merged;
    }

    private void apply(MetadataUpdate update) throws InterruptedException {
        long index = update.image().index();
        CompletableFuture<Void> ready = transitions.take(update);
        try {
            // What waits for other nodes, or for a long replay, is taken up all the same: it holds up nobody.
            transitions.takenUp().get(LOOPS_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            LOG.warn("the partition loops are busy: metadata index {} waits for more than {} s", index, LOOPS_SECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException("loops report their failures themselves", e);
        }
        appliedIndex = Math.max(appliedIndex, index);
        onChange.accept(update.image());
        var unused = ready.orTimeout(READY_SECONDS, TimeUnit.SECONDS).whenComplete((done, late) -> complete(index));
    }

    private void complete(long index) {
        List<CompletableFuture<Void>> reached = new ArrayList<>();
        synchronized (this) {
            readyIndex = Math.max(readyIndex, index);
            var due = waiting.headMap(index, true);
            due.values().forEach(reached::addAll);
            due.clear();
        }
        reached.forEach(future -> future.complete(null));
    }
}
