// SPDX-License-Identifier: Apache-2.0
package io.varve.node.partition;

import io.varve.metadata.MetadataListener;
import io.varve.metadata.image.MetadataDelta;
import io.varve.metadata.image.MetadataImage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
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
 * thread then takes everything noted at once. <i>Thread-safe.</i>
 *
 * <p>{@link #appliedIndex()} is the index that all partition loops and their I/O have applied, which is what heartbeats
 * report. Invariant: it never falls, and is at most the index of the newest image noted.
 */
public final class MetadataFollower implements MetadataListener, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(MetadataFollower.class);
    private static final long TRANSITION_SECONDS = 60;
    private static final long RETRY_MILLIS = 1000;

    private final RoleTransitions transitions;
    private final Consumer<MetadataImage> onChange;
    private final Thread thread = new Thread(this::run, "metadata-follower");
    private final NavigableMap<Long, List<CompletableFuture<Void>>> waiting = new TreeMap<>(); // guarded by this
    private Noted noted = Noted.nothing(); // guarded by this
    private boolean closed; // guarded by this
    private volatile long appliedIndex = -1; // volatile: written by the thread, read by everybody

    /** What the quorum reported since the thread looked last. <i>Confined to whoever holds the follower's lock.</i> */
    private record Noted(
            @Nullable MetadataImage image, boolean reset, boolean members, Set<UUID> changed, Set<UUID> removed) {

        static Noted nothing() {
            return new Noted(null, false, false, new HashSet<>(), new HashSet<>());
        }
    }

    /** @param onChange hears every image that was taken up; must not block */
    MetadataFollower(RoleTransitions transitions, Consumer<MetadataImage> onChange) {
        this.transitions = transitions;
        this.onChange = onChange;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    @Override
    public synchronized void onApplied(long index, long term, MetadataDelta delta, MetadataImage image) {
        noted.changed().addAll(delta.changedTopics());
        noted.removed().addAll(delta.removedTopics());
        boolean members = noted.members() || !delta.changedBrokers().isEmpty();
        noted = new Noted(image, noted.reset(), members, noted.changed(), noted.removed());
        notifyAll();
    }

    @Override
    public synchronized void onImageReset(MetadataImage image) {
        noted = new Noted(image, true, true, noted.changed(), noted.removed());
        notifyAll();
    }

    /** The index of the metadata log up to which this node's replicas are as it says. */
    public long appliedIndex() {
        return appliedIndex;
    }

    /** Completes when {@link #appliedIndex()} has reached the index. */
    public CompletableFuture<Void> whenApplied(long index) {
        synchronized (this) {
            if (appliedIndex < index && !closed) {
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
            thread.join(TimeUnit.SECONDS.toMillis(TRANSITION_SECONDS));
        }
        complete(Long.MAX_VALUE);
    }

    private void run() {
        try {
            MetadataImage last = MetadataImage.EMPTY;
            while (true) {
                Noted work = take();
                if (work == null) {
                    return;
                }
                last = work.image() == null ? last : work.image();
                apply(last, work);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Throwable t) {
            LOG.error("the metadata is followed no further, the node must be restarted", t);
            throw t;
        }
    }

    /** Waits for something to do: news, or replicas that could not be made before. Null when closed. */
    private synchronized @Nullable Noted take() throws InterruptedException {
        while (!closed && noted.image() == null) {
            if (!transitions.hasUnfinished()) {
                wait();
            } else {
                wait(RETRY_MILLIS);
                break;
            }
        }
        Noted work = noted;
        noted = Noted.nothing();
        return closed ? null : work;
    }

    private void apply(MetadataImage image, Noted work) throws InterruptedException {
        CompletableFuture<Void> done = work.reset()
                ? transitions.onImage(image, work.removed())
                : transitions.onDeltas(image, work.changed(), work.removed());
        if (work.members()) {
            transitions.onMembers(image);
        }
        try {
            done.get(TRANSITION_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            LOG.warn("role changes of metadata index {} take more than {} s", image.index(), TRANSITION_SECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException("role changes report their failures themselves", e);
        }
        appliedIndex = Math.max(appliedIndex, image.index());
        complete(image.index());
        onChange.accept(image);
    }

    private void complete(long index) {
        List<CompletableFuture<Void>> reached = new ArrayList<>();
        synchronized (this) {
            var due = waiting.headMap(index, true);
            due.values().forEach(reached::addAll);
            due.clear();
        }
        reached.forEach(future -> future.complete(null));
    }
}
