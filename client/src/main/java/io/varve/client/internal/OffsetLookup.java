// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal;

import io.varve.client.ErrorCode;
import io.varve.client.ErrorDetails;
import io.varve.client.ListedOffset;
import io.varve.client.Outcome;
import io.varve.client.Start;
import io.varve.client.TopicPartition;
import io.varve.client.VarveException;
import io.varve.proto.v1.ConsumeServiceGrpc;
import io.varve.proto.v1.ListOffsetsRequest;
import io.varve.proto.v1.ListOffsetsResponse;
import io.varve.proto.v1.OffsetQuery;
import io.varve.proto.v1.OffsetResult;
import io.varve.proto.v1.PartitionMetadata;
import io.varve.proto.v1.TopicMetadata;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Turns positions into offsets by asking the leaders of the partitions. <i>Thread-safe.</i> */
public final class OffsetLookup {
    private static final long FIRST_PAUSE_NANOS = 20_000_000;
    private static final long MAX_PAUSE_NANOS = 200_000_000;

    /** A leader that stands still is replaced within about this time: then another one is to be asked. Later it grows. */
    private static final long PATIENCE_NANOS = 2_000_000_000;

    private final Cluster cluster;
    private final Timer timer;
    private final long timeoutNanos;
    private final AtomicLong throttledUntilNanos = new AtomicLong(System.nanoTime());

    public OffsetLookup(ClientContext context) {
        this.cluster = context.cluster();
        this.timer = context.timer();
        this.timeoutNanos = context.settings().requestTimeout().toNanos();
    }

    /** Fails if any position cannot be resolved within the request timeout. Completes on any thread of the client. */
    public CompletableFuture<Map<TopicPartition, ListedOffset>> find(Map<TopicPartition, Start> positions) {
        CompletableFuture<Map<TopicPartition, ListedOffset>> result = cluster.untilClosed(new CompletableFuture<>());
        long held = throttledUntilNanos.get() - System.nanoTime();
        if (held > 0) {
            timer.after(held, () -> attempt(positions, System.nanoTime(), FIRST_PAUSE_NANOS, result));
            return result;
        }
        attempt(positions, System.nanoTime(), FIRST_PAUSE_NANOS, result);
        return result;
    }

    private void attempt(
            Map<TopicPartition, Start> positions,
            long startNanos,
            long pauseNanos,
            CompletableFuture<Map<TopicPartition, ListedOffset>> result) {
        once(positions, startNanos).whenComplete((found, failure) -> {
            if (failure == null) {
                result.complete(found);
                return;
            }
            VarveException error = ClientContext.asVarveException(failure);
            // A topic that was just created takes a moment to be known everywhere; then it is really not there.
            long patience = error.code() == ErrorCode.NOT_FOUND
                    ? Math.min(timeoutNanos, Cluster.UNKNOWN_TOPIC_GRACE.toNanos())
                    : timeoutNanos;
            // The one who leads instead is known now, if the node said so: no need to wait.
            long pause = cluster.learnFrom(error.details())
                    ? 0
                    : Math.max(pauseNanos, throttledUntilNanos.get() - System.nanoTime());
            if (error.isRetriable() && System.nanoTime() + pause - startNanos < patience) {
                long nextPause = Math.min(pauseNanos * 2, MAX_PAUSE_NANOS);
                timer.after(pause, () -> attempt(positions, startNanos, nextPause, result));
            } else {
                result.completeExceptionally(error);
            }
        });
    }

    private CompletableFuture<Map<TopicPartition, ListedOffset>> once(
            Map<TopicPartition, Start> positions, long startNanos) {
        Map<TopicPartition, ListedOffset> found = new HashMap<>();
        Map<TopicPartition, Start> open = new HashMap<>();
        positions.forEach((partition, start) -> {
            if (start instanceof Start.None) {
                throw new IllegalArgumentException("partition " + partition + ": Start.NONE is not a position");
            }
            if (start instanceof Start.Offset offset) {
                found.put(partition, new ListedOffset(offset.offset(), ListedOffset.NO_TIMESTAMP, 0));
            } else {
                open.put(partition, start);
            }
        });
        if (open.isEmpty()) {
            return CompletableFuture.completedFuture(Map.copyOf(found));
        }
        List<String> topics = List.copyOf(
                new TreeSet<>(open.keySet().stream().map(TopicPartition::topic).toList()));
        return cluster.metadata(topics).thenCompose(metadata -> {
            Map<String, TopicMetadata> byName = new HashMap<>();
            metadata.getTopicsList().forEach(t -> byName.put(t.getName(), t));
            Map<Integer, List<TopicPartition>> byLeader = new HashMap<>();
            for (TopicPartition partition : open.keySet()) {
                byLeader.computeIfAbsent(leader(partition, byName.get(partition.topic())), n -> new ArrayList<>())
                        .add(partition);
            }
            CompletableFuture<Void> all = CompletableFuture.completedFuture(null);
            for (Map.Entry<Integer, List<TopicPartition>> e : byLeader.entrySet()) {
                all = all.thenCombine(askLeader(e.getKey(), e.getValue(), open, startNanos), (nothing, offsets) -> {
                    found.putAll(offsets);
                    return nothing;
                });
            }
            return all.thenApply(nothing -> Map.copyOf(found));
        });
    }

    private CompletableFuture<Map<TopicPartition, ListedOffset>> askLeader(
            int leader, List<TopicPartition> partitions, Map<TopicPartition, Start> positions, long startNanos) {
        ListOffsetsRequest.Builder request = ListOffsetsRequest.newBuilder();
        for (TopicPartition partition : partitions) {
            request.addQueries(query(partition, positions.get(partition)));
        }
        return cluster.ask(
                        leader,
                        ConsumeServiceGrpc.getListOffsetsMethod(),
                        request.build(),
                        Math.min(timeoutNanos, Math.max(PATIENCE_NANOS, System.nanoTime() - startNanos)))
                .thenApply(answer -> {
                    if (answer.getThrottleMs() > 0) {
                        throttledUntilNanos.set(System.nanoTime() + answer.getThrottleMs() * 1_000_000L);
                    }
                    return results(partitions, answer);
                });
    }

    private static OffsetQuery query(TopicPartition partition, @Nullable Start start) {
        OffsetQuery.Builder query =
                OffsetQuery.newBuilder().setTopic(partition.topic()).setPartition(partition.partition());
        if (start instanceof Start.Latest) {
            query.setEnd(true);
        } else if (start instanceof Start.At at) {
            query.setTimestampMs(at.time().toEpochMilli());
        } else {
            query.setBeginning(true);
        }
        return query.build();
    }

    private static Map<TopicPartition, ListedOffset> results(
            List<TopicPartition> partitions, ListOffsetsResponse answer) {
        Map<TopicPartition, ListedOffset> offsets = new HashMap<>();
        for (OffsetResult result : answer.getResultsList()) {
            if (result.hasError()) {
                throw Exceptions.of(Errors.of(result.getError()));
            }
            offsets.put(
                    new TopicPartition(result.getTopic(), result.getPartition()),
                    new ListedOffset(result.getOffset(), result.getTimestampMs(), result.getLeaderEpoch()));
        }
        if (!offsets.keySet().containsAll(partitions)) {
            throw Exceptions.of(Errors.local(
                    ErrorCode.INTERNAL,
                    "UNKNOWN_SERVER_ERROR",
                    "ListOffsets answered for " + offsets.keySet() + ", asked for " + partitions,
                    ""));
        }
        return offsets;
    }

    private static int leader(TopicPartition partition, @Nullable TopicMetadata topic) {
        if (topic == null || topic.hasError()) {
            throw Exceptions.of(
                    topic == null
                            ? failure(partition, "UNKNOWN_TOPIC_OR_PARTITION", "topic is not in the metadata")
                            : Errors.of(topic.getError()));
        }
        PartitionMetadata metadata = TopicViews.partition(topic, partition.partition());
        if (metadata == null) {
            throw Exceptions.of(failure(
                    partition,
                    "UNKNOWN_TOPIC_OR_PARTITION",
                    "the topic has " + topic.getPartitionsCount() + " partitions, numbered from 0"));
        }
        if (metadata.getLeader() == 0) {
            throw Exceptions.of(failure(partition, "LEADER_NOT_AVAILABLE", "no leader at the moment"));
        }
        return metadata.getLeader();
    }

    private static ErrorDetails failure(TopicPartition partition, String reason, String why) {
        return new ErrorDetails(
                reason.startsWith("UNKNOWN") ? ErrorCode.NOT_FOUND : ErrorCode.UNAVAILABLE,
                reason,
                "partition " + partition + ": " + why,
                "",
                true,
                Outcome.NOT_APPLIED,
                Map.of("topic", partition.topic(), "partition", Integer.toString(partition.partition())),
                null);
    }
}
