// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.varve.proto.v1.MetadataServiceGrpc;
import io.varve.proto.v1.WatchMetadataRequest;
import io.varve.proto.v1.WatchMetadataResponse;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows what one node tells of the topics in use: new leaders are known here as soon as that node knows them. Moves to
 * another node when the stream breaks, when the node gives no sign of life, and when it stays behind what others have told.
 * <i>Confined to the client's timer thread</i>, but for {@link #want} and the calls' listeners, which only post to it.
 */
final class MetadataWatch {
    private static final Logger log = LoggerFactory.getLogger(MetadataWatch.class);

    private static final int SIGN_OF_LIFE_MS = 500;
    private static final long SILENCE_NANOS = 1_600_000_000;
    private static final long OPENING_NANOS = 1_000_000_000;
    private static final long LAG_NANOS = 1_000_000_000;
    private static final long CHECK_NANOS = 250_000_000;
    private static final long GATHER_NANOS = 5_000_000;
    private static final int LOOKS_MAX = 40;
    private static final long FIRST_PAUSE_NANOS = 20_000_000;
    private static final long MAX_PAUSE_NANOS = 1_000_000_000;

    private final Cluster cluster;
    private final Routes routes;
    private final NodeChoice choice;
    private final Connections connections;
    private final Timer timer;
    private final Set<String> wanted = ConcurrentHashMap.newKeySet();
    private @Nullable Watch current;
    /** Takes over from the current one once it has said something. */
    private @Nullable Watch next;

    private volatile boolean closed;
    private boolean opening;
    private boolean checking;
    private int failures;
    private int looks;
    private long behindSinceNanos;
    private boolean behind;

    MetadataWatch(Cluster cluster, Routes routes, NodeChoice choice, Connections connections, Timer timer) {
        this.cluster = cluster;
        this.routes = routes;
        this.choice = choice;
        this.connections = connections;
        this.timer = timer;
    }

    /** Adds a topic to what is followed. Any thread; cheap for one that is followed already. */
    void want(String topic) {
        if (wanted.add(topic)) {
            post(() -> openAfter(GATHER_NANOS));
        }
    }

    /** Opens nothing more; what is open ends with its connection. Any thread. */
    void close() {
        closed = true;
    }

    private void openAfter(long nanos) {
        if (!opening) {
            opening = true;
            timer.after(nanos, () -> guarded(this::open));
        }
    }

    private void open() {
        opening = false;
        if (routes.addresses().isEmpty() && looks < LOOKS_MAX) {
            // Whoever wants a topic asks for it too. Without that answer all clients would follow the first address.
            looks++;
            openAfter(GATHER_NANOS);
            return;
        }
        if (next != null) {
            next.cancel();
        }
        // For another set of topics the same node does.
        Watch watch =
                new Watch(current != null ? current.address : choice.inOrder().get(0));
        next = watch;
        watch.open();
        if (!checking) {
            checking = true;
            timer.after(CHECK_NANOS, () -> guarded(this::check));
        }
    }

    private void heard(Watch watch, WatchMetadataResponse message) {
        if (watch == next) {
            if (current != null) {
                current.cancel();
            }
            current = watch;
            next = null;
            failures = 0;
            behind = false;
            choice.heard(watch.address);
        }
        if (watch != current) {
            return;
        }
        watch.heardNanos = System.nanoTime();
        if (message.hasMetadata()) {
            cluster.learn(message.getMetadata());
        }
        watch.request();
        boolean isBehind = message.getMetadataIndex() < routes.index();
        if (isBehind && !behind) {
            behindSinceNanos = watch.heardNanos;
        }
        behind = isBehind;
        if (behind && watch.heardNanos - behindSinceNanos >= LAG_NANOS) {
            behind = false;
            log.debug(
                    "node at {} is at metadata index {}, others are at {}",
                    watch.address,
                    message.getMetadataIndex(),
                    routes.index());
            moveOn(watch);
        }
    }

    private void ended(Watch watch, Status status) {
        if (watch != current && watch != next) {
            return;
        }
        log.debug("metadata of {} ended: {}", watch.address, status);
        moveOn(watch);
    }

    /** Leaves a node for another: at once while there are others to try, then with pauses that grow. */
    private void moveOn(Watch watch) {
        choice.failed(watch.address);
        watch.cancel();
        if (watch == current) {
            current = null;
        } else {
            next = null;
        }
        if (next != null) {
            return;
        }
        int others = choice.inOrder().size() - 1;
        failures++;
        if (failures <= others) {
            openAfter(0);
        } else {
            long pause = Math.min(FIRST_PAUSE_NANOS << Math.min(failures - others - 1, 10), MAX_PAUSE_NANOS);
            openAfter(pause - ThreadLocalRandom.current().nextLong(pause / 4));
        }
    }

    /** A node that stands still breaks no stream: only its silence tells. */
    private void check() {
        long now = System.nanoTime();
        Watch coming = next;
        if (coming != null && now - coming.heardNanos >= OPENING_NANOS) {
            log.debug("no metadata of {} within {} ms", coming.address, OPENING_NANOS / 1_000_000);
            moveOn(coming);
        }
        Watch open = current;
        if (open != null && now - open.heardNanos >= SILENCE_NANOS) {
            log.debug("no sign of life of {} for {} ms", open.address, SILENCE_NANOS / 1_000_000);
            moveOn(open);
        }
        timer.after(CHECK_NANOS, () -> guarded(this::check));
    }

    private void post(Runnable task) {
        timer.now().execute(() -> guarded(task));
    }

    private void guarded(Runnable task) {
        try {
            if (!closed) {
                task.run();
            }
        } catch (RuntimeException e) {
            if (!closed) { // else the connections went while it ran
                log.error("following the metadata failed", e);
            }
        }
    }

    /** One call. */
    private final class Watch extends ClientCall.Listener<WatchMetadataResponse> {
        private final NodeAddress address;
        private long heardNanos = System.nanoTime();
        private @Nullable ClientCall<WatchMetadataRequest, WatchMetadataResponse> call;

        Watch(NodeAddress address) {
            this.address = address;
        }

        void open() {
            ClientCall<WatchMetadataRequest, WatchMetadataResponse> started =
                    connections.start(address, MetadataServiceGrpc.getWatchMetadataMethod(), CallOptions.DEFAULT, this);
            call = started;
            started.request(1);
            started.sendMessage(WatchMetadataRequest.newBuilder()
                    .addAllTopics(List.copyOf(wanted))
                    .setSignOfLifeMs(SIGN_OF_LIFE_MS)
                    .build());
            started.halfClose();
        }

        void request() {
            if (call != null) {
                call.request(1);
            }
        }

        void cancel() {
            if (call != null) {
                call.cancel("another node is followed now", null);
            }
        }

        @Override
        public void onMessage(WatchMetadataResponse message) {
            post(() -> heard(this, message));
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            post(() -> ended(this, status));
        }
    }
}
