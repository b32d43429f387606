// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal;

import io.grpc.MethodDescriptor;
import io.varve.client.ErrorCode;
import io.varve.client.ErrorDetails;
import io.varve.client.Outcome;
import io.varve.proto.v1.ClusterMetadata;
import io.varve.proto.v1.GetMetadataRequest;
import io.varve.proto.v1.GetMetadataResponse;
import io.varve.proto.v1.MetadataServiceGrpc;
import io.varve.proto.v1.TopicMetadata;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Knows where nodes and topics are: asks whichever node answers, until the request timeout, and follows what one node tells
 * of the topics in use. Futures complete on event loops or on the timer: what follows must not block. <i>Thread-safe.</i>
 */
public final class Cluster {
    /** How long a topic may be missing before it counts as not there. */
    public static final Duration UNKNOWN_TOPIC_GRACE = Duration.ofSeconds(2);

    private final ClientSettings settings;
    private final Connections connections;
    private final Timer timer;
    private final Routes routes = new Routes();
    private final NodeChoice choice;
    private final MetadataWatch watch;
    private final List<News> listeners = new CopyOnWriteArrayList<>();
    private final Map<String, CompletableFuture<TopicMetadata>> refreshing = new ConcurrentHashMap<>();
    private final Set<CompletableFuture<?>> open = ConcurrentHashMap.newKeySet();
    private volatile boolean closed; // volatile: set by whoever closes, read by everybody who asks

    /** Hears that topics are known differently. Called on any of the client's threads, and must only post. */
    public interface News {
        void changed(Set<String> topics);
    }

    Cluster(ClientSettings settings, Connections connections, Timer timer) {
        this.settings = settings;
        this.connections = connections;
        this.timer = timer;
        this.choice = new NodeChoice(settings.bootstrap(), routes);
        this.watch = new MetadataWatch(this, routes, choice, connections, timer);
    }

    /** Tells of changes from now on, until {@link #forget}. */
    public void tell(News listener) {
        listeners.add(listener);
    }

    public void forget(News listener) {
        listeners.remove(listener);
    }

    /** Where a node listens; null if it is not known. */
    public @Nullable NodeAddress address(int node) {
        return routes.address(node);
    }

    /** What is known of a topic; null if nothing, or that it is not there. */
    public @Nullable TopicMetadata known(String topic) {
        return routes.topic(topic);
    }

    /** Follows a topic from now on: whoever listens hears of every new leader. */
    public void follow(String topic) {
        watch.want(topic);
    }

    void close() {
        closed = true;
        watch.close();
        open.forEach(Cluster::fail);
    }

    /** Fails the future when the client is closed, if it has no outcome by then: its next attempt would never come. */
    <T> CompletableFuture<T> untilClosed(CompletableFuture<T> future) {
        open.add(future);
        var unused = future.whenComplete((outcome, failure) -> open.remove(future));
        if (closed) {
            fail(future);
        }
        return future;
    }

    private static void fail(CompletableFuture<?> future) {
        future.completeExceptionally(Exceptions.of(Errors.local(
                ErrorCode.CANCELLED, "CLIENT_CLOSED", "the client was closed before there was an answer", "")));
    }

    /** Takes in what a node said; older news than what is known changes nothing. */
    void learn(ClusterMetadata answer) {
        Set<String> changed = routes.learn(answer);
        if (!changed.isEmpty()) {
            listeners.forEach(listener -> listener.changed(changed));
        }
    }

    /** Takes in who leads a partition instead, if the error says so. Returns whether that was news; listeners hear of it. */
    public boolean learnFrom(ErrorDetails error) {
        Map<String, String> said = error.metadata();
        String topic = said.getOrDefault("topic", "");
        boolean news;
        try {
            news = routes.hint(
                    topic,
                    said.getOrDefault("topicId", ""),
                    Integer.parseInt(said.getOrDefault("partition", "-1")),
                    Integer.parseInt(said.getOrDefault("leader", "0")),
                    Integer.parseInt(said.getOrDefault("leaderEpoch", "0")),
                    Long.parseLong(said.getOrDefault("metadataIndex", "0")));
        } catch (NumberFormatException e) {
            return false;
        }
        if (news) {
            listeners.forEach(listener -> listener.changed(Set.of(topic)));
        }
        return news;
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

    /** The nodes and some topics, each with an error if it is not there, and each as it is known best. */
    public CompletableFuture<ClusterMetadata> metadata(List<String> names) {
        GetMetadataRequest request =
                GetMetadataRequest.newBuilder().addAllTopics(names).build();
        return askAny(MetadataServiceGrpc.getGetMetadataMethod(), request, true)
                .thenApply(GetMetadataResponse::getMetadata)
                .thenApply(answer -> {
                    learn(answer);
                    ClusterMetadata.Builder best = answer.toBuilder();
                    for (int i = 0; i < answer.getTopicsCount(); i++) {
                        // A node that lags does not know what others have told.
                        TopicMetadata known = known(answer.getTopics(i).getName());
                        if (known != null) {
                            best.setTopics(i, known);
                        }
                    }
                    return best.build();
                });
    }

    /**
     * Asks one node after another, until one answers or the request timeout is over.
     *
     * @param repeatable whether asking again does no harm if the first question was answered but the answer was lost
     */
    public <Q, R> CompletableFuture<R> askAny(MethodDescriptor<Q, R> method, Q question, boolean repeatable) {
        if (repeatable || !routes.addresses().isEmpty()) {
            return inquire(method, question, repeatable);
        }
        // Nobody can be asked beside a node that is silent: so who answers is found out by something that does no harm.
        return metadata(List.of()).thenCompose(nodes -> inquire(method, question, false));
    }

    private <Q, R> CompletableFuture<R> inquire(MethodDescriptor<Q, R> method, Q question, boolean repeatable) {
        return untilClosed(new Inquiry<>(
                        connections,
                        choice,
                        timer,
                        method,
                        question,
                        repeatable,
                        settings.requestTimeout().toNanos())
                .start());
    }

    /** Asks a given node, once. */
    public <Q, R> CompletableFuture<R> ask(int node, MethodDescriptor<Q, R> method, Q question, long timeoutNanos) {
        NodeAddress address = address(node);
        if (address == null) {
            return CompletableFuture.failedFuture(
                    Exceptions.of(Errors.network("node " + node + " has no known address", Outcome.NOT_APPLIED)));
        }
        return connections.ask(address, method, question, timeoutNanos);
    }
}
