// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal;

import io.grpc.MethodDescriptor;
import io.varve.client.ErrorDetails;
import io.varve.client.Outcome;
import io.varve.proto.v1.ClusterMetadata;
import io.varve.proto.v1.GetMetadataRequest;
import io.varve.proto.v1.GetMetadataResponse;
import io.varve.proto.v1.MetadataServiceGrpc;
import io.varve.proto.v1.NodeMetadata;
import io.varve.proto.v1.TopicMetadata;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Asks whichever node answers, until the request timeout, and remembers where nodes and topics are. Futures complete on
 * event loops or on the timer: what follows must not block. <i>Thread-safe.</i>
 */
public final class Cluster {
    /** How long a topic may be missing before it counts as not there. */
    public static final Duration UNKNOWN_TOPIC_GRACE = Duration.ofSeconds(2);

    private static final long FIRST_PAUSE_NANOS = 50_000_000;
    private static final long MAX_PAUSE_NANOS = 500_000_000;

    private final ClientSettings settings;
    private final Connections connections;
    private final Timer timer;
    private final AtomicInteger turn = new AtomicInteger();
    private final Map<String, CompletableFuture<TopicMetadata>> refreshing = new ConcurrentHashMap<>();
    private final Map<String, TopicMetadata> topics = new ConcurrentHashMap<>();
    private volatile Map<Integer, NodeAddress> nodes = Map.of();

    Cluster(ClientSettings settings, Connections connections, Timer timer) {
        this.settings = settings;
        this.connections = connections;
        this.timer = timer;
    }

    /** Where a node listens, as the last metadata answer had it; null if it was not there. */
    public @Nullable NodeAddress address(int node) {
        return nodes.get(node);
    }

    /** What was last heard of a topic; null if nothing, or that it is not there. */
    public @Nullable TopicMetadata known(String topic) {
        return topics.get(topic);
    }

    /** Asks for one topic's metadata; callers at the same time share the question. A missing topic carries an error. */
    public CompletableFuture<TopicMetadata> refresh(String topic) {
        CompletableFuture<TopicMetadata> mine = new CompletableFuture<>();
        CompletableFuture<TopicMetadata> earlier = refreshing.putIfAbsent(topic, mine);
        if (earlier != null) {
            return earlier;
        }
        metadata(List.of(topic)).whenComplete((metadata, failure) -> {
            refreshing.remove(topic, mine);
            if (metadata == null) {
                mine.completeExceptionally(failure);
            } else if (metadata.getTopicsCount() != 1) {
                mine.completeExceptionally(new IllegalStateException(
                        "asked for topic " + topic + ", got " + metadata.getTopicsCount() + " topics"));
            } else {
                mine.complete(metadata.getTopics(0));
            }
        });
        return mine;
    }

    /** The nodes and some topics, each with an error if it is not there. */
    public CompletableFuture<ClusterMetadata> metadata(List<String> names) {
        GetMetadataRequest request =
                GetMetadataRequest.newBuilder().addAllTopics(names).build();
        return askAny(MetadataServiceGrpc.getGetMetadataMethod(), request, true)
                .thenApply(GetMetadataResponse::getMetadata)
                .thenApply(this::remember);
    }

    /**
     * Asks one node after another, with pauses that grow, until one answers or the request timeout is over.
     *
     * @param repeatable whether asking again does no harm if the first question was answered but the answer was lost
     */
    public <Q, R> CompletableFuture<R> askAny(MethodDescriptor<Q, R> method, Q question, boolean repeatable) {
        Attempt<Q, R> attempt = new Attempt<>(method, question, repeatable);
        attempt.run();
        return attempt.future;
    }

    /** Asks a given node, once. */
    public <Q, R> CompletableFuture<R> ask(int node, MethodDescriptor<Q, R> method, Q question) {
        NodeAddress address = address(node);
        if (address == null) {
            return CompletableFuture.failedFuture(
                    Exceptions.of(Errors.network("node " + node + " has no known address", Outcome.NOT_APPLIED)));
        }
        return connections.ask(
                address, method, question, settings.requestTimeout().toNanos());
    }

    private ClusterMetadata remember(ClusterMetadata metadata) {
        nodes = metadata.getNodesList().stream()
                .collect(Collectors.toUnmodifiableMap(
                        NodeMetadata::getId, n -> new NodeAddress(n.getHost(), n.getPort()), (a, b) -> b));
        for (TopicMetadata topic : metadata.getTopicsList()) {
            if (topic.hasError()) {
                topics.remove(topic.getName());
            } else {
                topics.put(topic.getName(), topic);
            }
        }
        return metadata;
    }

    private List<NodeAddress> candidates() {
        Set<NodeAddress> all = new LinkedHashSet<>(nodes.values());
        all.addAll(settings.bootstrap());
        return new ArrayList<>(all);
    }

    private final class Attempt<Q, R> implements Runnable {
        final CompletableFuture<R> future = new CompletableFuture<>();
        private final MethodDescriptor<Q, R> method;
        private final Q question;
        private final boolean repeatable;
        private final long deadlineNanos =
                System.nanoTime() + settings.requestTimeout().toNanos();
        private long pauseNanos = FIRST_PAUSE_NANOS;
        private @Nullable ErrorDetails unreachable;

        Attempt(MethodDescriptor<Q, R> method, Q question, boolean repeatable) {
            this.method = method;
            this.question = question;
            this.repeatable = repeatable;
        }

        @Override
        public void run() {
            List<NodeAddress> candidates = candidates();
            NodeAddress address = candidates.get(Math.floorMod(turn.get(), candidates.size()));
            long left = Math.max(1_000_000, deadlineNanos - System.nanoTime());
            // A silent node must not use up the time of those that would answer.
            long share = repeatable && candidates.size() > 1 ? Math.max(left / 2, 1_000_000_000) : left;
            connections.ask(address, method, question, Math.min(left, share)).whenComplete((answer, failure) -> {
                if (answer != null) {
                    future.complete(answer);
                } else {
                    failed(Errors.of(failure, method.getBareMethodName() + " at " + address));
                }
            });
        }

        private void failed(ErrorDetails error) {
            turn.incrementAndGet();
            if (error.reason().equals("NETWORK_EXCEPTION")) {
                unreachable = error;
            }
            boolean again = error.retriable() && (repeatable || error.outcome() == Outcome.NOT_APPLIED);
            long now = System.nanoTime();
            if (!again || now + pauseNanos >= deadlineNanos) {
                future.completeExceptionally(Exceptions.of(again ? giveUp(error) : error));
                return;
            }
            timer.after(pauseNanos, this);
            pauseNanos = Math.min(pauseNanos * 2, MAX_PAUSE_NANOS);
        }

        private ErrorDetails giveUp(ErrorDetails last) {
            long ms = settings.requestTimeout().toMillis();
            // That time ran out in the last attempt says less than why the attempts before it failed.
            ErrorDetails error = unreachable;
            if (error == null
                    || !Set.of("NETWORK_EXCEPTION", "REQUEST_TIMED_OUT").contains(last.reason())) {
                return last.withMessage(last.message() + "; gave up after " + ms + " ms");
            }
            String tried = candidates().stream().map(NodeAddress::toString).collect(Collectors.joining(", "));
            return new ErrorDetails(
                    error.code(),
                    error.reason(),
                    "cannot reach " + tried + " within " + ms + " ms: " + error.message(),
                    "check that a node runs and listens there",
                    true,
                    error.outcome(),
                    Map.of("address", tried),
                    error.cause());
        }
    }
}
