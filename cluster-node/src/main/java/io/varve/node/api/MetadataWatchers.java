// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

import io.grpc.stub.ServerCallStreamObserver;
import io.varve.metadata.image.MetadataImage;
import io.varve.proto.v1.ClusterMetadata;
import io.varve.proto.v1.WatchMetadataRequest;
import io.varve.proto.v1.WatchMetadataResponse;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells those who watch what has changed for them. One thread sends everything; changes within {@link #MERGE_WINDOW}
 * become one answer, and a watcher that reads slowly gets the newest state when it is ready, never a queue. While nothing
 * changes it gets the signs of life that it asked for.
 * <i>Thread-safe.</i>
 */
public final class MetadataWatchers implements AutoCloseable {

    private static final Duration MERGE_WINDOW = Duration.ofMillis(20);

    /** The first change after a while goes out at once: whoever waits for a new leader waits for nothing else. */
    private static final Duration FIRST_WINDOW = Duration.ofMillis(1);

    private static final Duration SIGNS_CHECK = Duration.ofMillis(50);
    private static final long SIGN_MIN_MILLIS = 100;

    private final Supplier<MetadataImage> image;
    private final MetadataAnswers answers;
    private final Set<Watcher> watchers = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean roundPlanned = new AtomicBoolean();
    // volatile: written by the thread that sends, read by whoever changes the image
    private volatile long lastRoundNanos = System.nanoTime() - MERGE_WINDOW.toNanos();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread t = new Thread(task, "metadata-watch");
        t.setDaemon(true);
        return t;
    });

    MetadataWatchers(Supplier<MetadataImage> image, MetadataAnswers answers) {
        this.image = image;
        this.answers = answers;
        watchSigns();
    }

    /** Something may have changed. Cheap, never blocks; from any thread. */
    public void imageChanged() {
        if (roundPlanned.compareAndSet(false, true)) {
            boolean quiet = System.nanoTime() - lastRoundNanos >= MERGE_WINDOW.toNanos();
            execute(quiet ? FIRST_WINDOW : MERGE_WINDOW, () -> {
                lastRoundNanos = System.nanoTime();
                roundPlanned.set(false);
                watchers.forEach(Watcher::send);
            });
        }
    }

    private void watchSigns() {
        execute(SIGNS_CHECK, () -> {
            long now = System.nanoTime();
            watchers.forEach(watcher -> watcher.sign(now));
            watchSigns();
        });
    }

    void add(WatchMetadataRequest request, String listener, ServerCallStreamObserver<WatchMetadataResponse> out) {
        Watcher watcher = new Watcher(request, listener, out);
        out.setOnCancelHandler(() -> watchers.remove(watcher));
        out.setOnReadyHandler(() -> execute(Duration.ZERO, watcher::send));
        watchers.add(watcher);
        execute(Duration.ZERO, watcher::send);
    }

    int count() {
        return watchers.size();
    }

    /** Ends every watch; clients ask another node. */
    @Override
    public void close() {
        thread.shutdownNow();
        watchers.clear();
    }

    private void execute(Duration delay, Runnable task) {
        try {
            var unused = thread.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            // closed: the connection goes next
        }
    }

    /** <i>Confined to the thread that sends.</i> */
    private final class Watcher {

        private final WatchMetadataRequest request;
        private final String listener;
        private final ServerCallStreamObserver<WatchMetadataResponse> out;
        private final long signNanos;
        private @Nullable ClusterMetadata lastSent;
        private long lastSentNanos;

        Watcher(WatchMetadataRequest request, String listener, ServerCallStreamObserver<WatchMetadataResponse> out) {
            this.request = request;
            this.listener = listener;
            this.out = out;
            int wantedMillis = request.getSignOfLifeMs();
            this.signNanos = wantedMillis <= 0
                    ? Long.MAX_VALUE
                    : TimeUnit.MILLISECONDS.toNanos(Math.max(SIGN_MIN_MILLIS, wantedMillis));
        }

        void send() {
            if (out.isCancelled() || !out.isReady()) {
                return; // the ready handler comes back here
            }
            ClusterMetadata now =
                    answers.answer(image.get(), listener, request.getTopicsList(), request.getAllTopics());
            if (lastSent != null && sameButForIndex(lastSent, now)) {
                return;
            }
            lastSent = now;
            lastSentNanos = System.nanoTime();
            out.onNext(WatchMetadataResponse.newBuilder()
                    .setMetadata(now)
                    .setMetadataIndex(now.getMetadataIndex())
                    .build());
        }

        void sign(long nowNanos) {
            if (lastSent != null && nowNanos - lastSentNanos >= signNanos && !out.isCancelled() && out.isReady()) {
                lastSentNanos = nowNanos;
                out.onNext(WatchMetadataResponse.newBuilder()
                        .setMetadataIndex(image.get().index())
                        .build());
            }
        }

        private boolean sameButForIndex(ClusterMetadata a, ClusterMetadata b) {
            return a.toBuilder().setMetadataIndex(b.getMetadataIndex()).build().equals(b);
        }
    }
}
