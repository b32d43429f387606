// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal.consume;

import io.varve.client.ErrorCode;
import io.varve.client.ErrorDetails;
import io.varve.client.ListedOffset;
import io.varve.client.OutOfRange;
import io.varve.client.Outcome;
import io.varve.client.Start;
import io.varve.client.TopicPartition;
import io.varve.client.internal.ClientContext;
import io.varve.client.internal.Cluster;
import io.varve.client.internal.ConsumerSettings;
import io.varve.client.internal.Errors;
import io.varve.client.internal.NodeAddress;
import io.varve.client.internal.OffsetLookup;
import io.varve.client.internal.TopicViews;
import io.varve.proto.v1.AddPartition;
import io.varve.proto.v1.Isolation;
import io.varve.proto.v1.PartitionMetadata;
import io.varve.proto.v1.TopicMetadata;
import io.varve.record.InvalidBatchException;
import io.varve.transport.SubscribeBatches;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps every cursor resolved and subscribed at its leader. Questions are asked without waiting; answers and batches
 * come through the inbox. <i>Confined to the consumer's thread</i>, but for what posts.
 */
final class Subscriptions implements SubscribeStream.Events, Cluster.News {
    private static final Logger log = LoggerFactory.getLogger(Subscriptions.class);

    private final ClientContext context;
    private final ConsumerSettings settings;
    private final OffsetLookup lookup;
    private final ConsumerCounts counts;
    private final LinkedBlockingQueue<Runnable> inbox = new LinkedBlockingQueue<>();
    private final Map<Integer, SubscribeStream> streams = new HashMap<>();
    private final Set<String> news = new HashSet<>();
    private int lastSubscription;

    Subscriptions(ClientContext context, ConsumerSettings settings, OffsetLookup lookup, ConsumerCounts counts) {
        this.context = context;
        this.settings = settings;
        this.lookup = lookup;
        this.counts = counts;
        context.cluster().tell(this);
    }

    // ---- any thread ----

    void wake() {
        inbox.add(() -> {});
    }

    @Override
    public void arrived(SubscribeStream stream, SubscribeBatches batches) {
        inbox.add(() -> take(stream, batches));
    }

    @Override
    public void ended(SubscribeStream stream, ErrorDetails error) {
        inbox.add(() -> lose(stream, error));
    }

    @Override
    public void changed(Set<String> topics) {
        inbox.add(() -> news.addAll(topics));
    }

    // ---- the consumer's thread ----

    /** Handles everything that has arrived. */
    void takeArrivals() {
        for (Runnable event = inbox.poll(); event != null; event = inbox.poll()) {
            event.run();
        }
    }

    /** Waits for something to arrive, and handles it. */
    void await(long nanos) {
        try {
            Runnable event = inbox.poll(Math.max(0, nanos), TimeUnit.NANOSECONDS);
            if (event != null) {
                event.run();
            }
        } catch (InterruptedException e) {
            throw ClientContext.interrupted();
        }
    }

    /** Starts whatever each cursor lacks: a position, metadata, a subscription. */
    void maintain(Collection<PartitionCursor> cursors, long now) {
        takeNews(cursors);
        cursors.forEach(PartitionCursor::giveCredit);
        Map<String, List<PartitionCursor>> toResolve = new HashMap<>();
        for (PartitionCursor cursor : cursors) {
            if (cursor.failure != null || cursor.asking || now < cursor.retryAtNanos) {
                continue;
            }
            if (cursor.unresolved instanceof Start.None) {
                cursor.fail(noPosition(cursor), true);
            } else if (cursor.unresolved != null) {
                toResolve
                        .computeIfAbsent(cursor.partition.topic(), t -> new ArrayList<>())
                        .add(cursor);
            } else if (cursor.stream == null && !cursor.paused) {
                subscribe(cursor, cursors.size(), now);
            }
        }
        toResolve.values().forEach(this::resolve);
    }

    /** Goes along with leaders that moved, without waiting for the old ones to say so: they may say nothing any more. */
    private void takeNews(Collection<PartitionCursor> cursors) {
        if (news.isEmpty()) {
            return;
        }
        for (PartitionCursor cursor : cursors) {
            int leader = news.contains(cursor.partition.topic()) ? leader(cursor) : 0;
            if (leader == 0) {
                continue;
            }
            if (cursor.stream == null) {
                cursor.retryNow();
            } else if (cursor.stream.node != leader) {
                cursor.unsubscribe();
                cursor.retryNow();
            }
        }
        news.clear();
    }

    /** Who leads, as far as is known; 0 for nobody. */
    private int leader(PartitionCursor cursor) {
        TopicMetadata topic = context.cluster().known(cursor.partition.topic());
        PartitionMetadata partition = topic == null ? null : TopicViews.partition(topic, cursor.partition.partition());
        return partition == null ? 0 : partition.getLeader();
    }

    /** When a cursor that waits for a pause to end may go on; {@code Long.MAX_VALUE} for none. */
    long nextRetry(Collection<PartitionCursor> cursors, long now) {
        long next = Long.MAX_VALUE;
        for (PartitionCursor cursor : cursors) {
            if (cursor.retryAtNanos > now && (cursor.stream == null || cursor.unresolved != null)) {
                next = Math.min(next, cursor.retryAtNanos);
            }
            SubscribeStream stream = cursor.stream;
            if (stream != null && stream.heldUntilNanos() - now > 0) {
                next = Math.min(next, stream.heldUntilNanos());
            }
        }
        return next;
    }

    void discard(PartitionCursor cursor) {
        cursor.generation++;
        cursor.unsubscribe();
        counts.buffered.add(-cursor.drop());
    }

    void close() {
        context.cluster().forget(this);
        streams.values().forEach(SubscribeStream::cancel);
        streams.clear();
        takeArrivals();
    }

    private void take(SubscribeStream stream, SubscribeBatches message) {
        PartitionCursor cursor = stream.cursor(message.subscription());
        int bytes = message.batches().readableBytes();
        counts.received.add(bytes);
        if (message.throttleMs() > 0) {
            stream.hold(message.throttleMs() * 1_000_000L);
        }
        if (cursor == null || message.error() != null || bytes == 0) {
            message.release();
        }
        if (cursor == null) {
            // Late, for a position that was left since.
            return;
        }
        if (message.error() != null) {
            stream.forget(message.subscription());
            cursor.lost();
            refused(cursor, stream.node, Errors.of(message.error()), System.nanoTime());
        } else if (bytes > 0) {
            counts.buffered.add(bytes);
            try {
                cursor.add(message.batches());
            } catch (InvalidBatchException e) {
                cursor.fail(
                        Errors.local(
                                ErrorCode.DATA_LOSS,
                                "CORRUPT_MESSAGE",
                                "partition " + cursor.partition + ": damaged batches behind offset "
                                        + cursor.fetchOffset + ": " + e.getMessage(),
                                "seek behind them to go on"),
                        true);
            }
        }
    }

    private void lose(SubscribeStream stream, ErrorDetails error) {
        if (!streams.remove(stream.node, stream)) {
            return;
        }
        long now = System.nanoTime();
        log.debug("subscriptions at node {} are lost, reading goes on when it can: {}", stream.node, error.message());
        counts.reconnects.increment();
        for (PartitionCursor cursor : stream.cursors()) {
            cursor.lost();
            cursor.stale = true;
            cursor.backOff(now);
        }
    }

    private void refused(PartitionCursor cursor, int node, ErrorDetails error, long now) {
        cursor.backOff(now);
        if (error.reason().equals("OFFSET_OUT_OF_RANGE")) {
            if (!cursor.hasFetched()) {
                outOfRange(cursor, error);
            }
        } else if (error.reason().equals("LOG_TRUNCATED")) {
            if (!cursor.hasFetched()) {
                truncated(cursor, error);
            }
        } else if (error.retriable()) {
            context.cluster().learnFrom(error);
            int leader = leader(cursor);
            if (leader != 0 && leader != node) {
                cursor.retryNow();
            } else {
                cursor.stale = true;
            }
        } else {
            cursor.fail(error, false);
        }
    }

    /** The records read last are not in the log any more (P32). Never passed over in silence. */
    private void truncated(PartitionCursor cursor, ErrorDetails error) {
        if (settings.outOfRange() == OutOfRange.FAIL) {
            cursor.fail(error, true);
            return;
        }
        long end;
        try {
            end = Long.parseLong(error.metadata().getOrDefault("endOffset", ""));
        } catch (NumberFormatException e) {
            cursor.fail(error, true);
            return;
        }
        log.warn(
                "partition {}: reading goes on at {} instead of {}: {}",
                cursor.partition,
                end,
                cursor.position,
                error.message());
        cursor.resolved(Math.min(end, cursor.position));
    }

    /** The topic was deleted, and another one has its name now: positions in the old one mean nothing in it. */
    private void replaced(PartitionCursor cursor) {
        String what = "partition " + cursor.partition + ": the topic was deleted and created again, position "
                + cursor.position + " is one of the old topic";
        if (settings.outOfRange() == OutOfRange.FAIL) {
            cursor.fail(
                    Errors.local(ErrorCode.NOT_FOUND, "UNKNOWN_TOPIC_ID", what, "seek to where to read the new one"),
                    true);
            return;
        }
        log.warn("{}: reading goes on at the beginning", what);
        counts.buffered.add(-cursor.seek(Start.EARLIEST));
        wake();
    }

    private void outOfRange(PartitionCursor cursor, ErrorDetails error) {
        if (settings.outOfRange() == OutOfRange.FAIL) {
            cursor.fail(error, true);
            return;
        }
        cursor.asking = true;
        int generation = cursor.generation;
        TopicPartition p = cursor.partition;
        lookup.find(Map.of(p, Start.EARLIEST))
                .thenCombine(lookup.find(Map.of(p, Start.LATEST)), (start, end) -> {
                    long first = offset(start, p);
                    return Math.max(first, Math.min(offset(end, p), cursor.position));
                })
                .whenComplete((nearest, failure) -> inbox.add(() -> {
                    if (cursor.generation != generation) {
                        return;
                    }
                    cursor.asking = false;
                    if (nearest == null) {
                        failed(cursor, failure, System.nanoTime());
                    } else {
                        log.warn(
                                "partition {}: position {} does not exist, reading goes on at {}: {}",
                                p,
                                cursor.position,
                                nearest,
                                error.message());
                        cursor.resolved(nearest);
                    }
                }));
    }

    private static long offset(Map<TopicPartition, ListedOffset> found, TopicPartition partition) {
        ListedOffset offset = found.get(partition);
        if (offset == null) {
            throw new IllegalStateException("no offset for " + partition + " in " + found);
        }
        return offset.offset();
    }

    private void resolve(List<PartitionCursor> cursors) {
        Map<TopicPartition, Start> positions = new HashMap<>();
        Map<PartitionCursor, Integer> generations = new HashMap<>();
        for (PartitionCursor cursor : cursors) {
            if (cursor.unresolved != null) {
                positions.put(cursor.partition, cursor.unresolved);
                generations.put(cursor, cursor.generation);
                cursor.asking = true;
            }
        }
        lookup.find(positions)
                .whenComplete((found, failure) -> inbox.add(() -> generations.forEach((cursor, generation) -> {
                    if (cursor.generation != generation) {
                        return;
                    }
                    cursor.asking = false;
                    if (found == null) {
                        failed(cursor, failure, System.nanoTime());
                    } else {
                        cursor.resolved(offset(found, cursor.partition));
                    }
                })));
    }

    private void subscribe(PartitionCursor cursor, int share, long now) {
        Cluster cluster = context.cluster();
        cluster.follow(cursor.partition.topic());
        TopicMetadata topic = cluster.known(cursor.partition.topic());
        if (topic == null || cursor.stale) {
            refresh(cursor);
            return;
        }
        PartitionMetadata partition = TopicViews.partition(topic, cursor.partition.partition());
        if (partition == null) {
            cursor.stale = true;
            cursor.backOff(now);
            cursor.fail(noPartition(cursor, topic), false);
            return;
        }
        if (cursor.topicId != null && !cursor.topicId.equals(topic.getTopicId())) {
            if (!cursor.hasFetched()) {
                replaced(cursor);
            } // else what was read ahead of the old topic comes first
            return;
        }
        NodeAddress address = cluster.address(partition.getLeader());
        if (address == null) {
            cursor.stale = true;
            cursor.backOff(now);
            return;
        }
        SubscribeStream stream = streams.get(partition.getLeader());
        if (stream == null) {
            stream = new SubscribeStream(partition.getLeader(), address, this);
            streams.put(stream.node, stream);
            stream.open(context.connections());
        }
        if (stream.isHeld()) {
            cursor.retryAtNanos = stream.heldUntilNanos();
            return;
        }
        cursor.topicId = topic.getTopicId();
        int number = ++lastSubscription;
        long credit = cursor.subscribed(stream, number, Math.max(1, settings.prefetchBytes() / share));
        stream.add(
                cursor,
                AddPartition.newBuilder()
                        .setSubscription(number)
                        .setTopicId(topic.getTopicId())
                        .setPartition(cursor.partition.partition())
                        .setOffset(cursor.fetchOffset)
                        .setLastReadEpoch(cursor.lastFetchedEpoch)
                        .setCurrentLeaderEpoch(partition.getLeaderEpoch())
                        .setIsolation(Isolation.ISOLATION_READ_UNCOMMITTED)
                        .setRack(context.settings().rack())
                        .setCreditBytes(credit)
                        .build());
    }

    private void refresh(PartitionCursor cursor) {
        cursor.asking = true;
        int generation = cursor.generation;
        context.cluster()
                .refresh(cursor.partition.topic())
                .whenComplete((topic, failure) -> inbox.add(() -> {
                    if (cursor.generation != generation) {
                        return;
                    }
                    cursor.asking = false;
                    long now = System.nanoTime();
                    if (topic == null) {
                        failed(cursor, failure, now);
                    } else if (topic.hasError()) {
                        missing(cursor, Errors.of(topic.getError()), now);
                    } else {
                        cursor.stale = false;
                        cursor.missingSinceNanos = 0;
                    }
                }));
    }

    private void missing(PartitionCursor cursor, ErrorDetails error, long now) {
        cursor.backOff(now);
        if (cursor.missingSinceNanos == 0) {
            cursor.missingSinceNanos = now;
        }
        if (!error.retriable() || now - cursor.missingSinceNanos >= Cluster.UNKNOWN_TOPIC_GRACE.toNanos()) {
            cursor.fail(error, false);
        }
    }

    /** A question of the cursor's has no answer although it was repeated. */
    private void failed(PartitionCursor cursor, @Nullable Throwable failure, long now) {
        ErrorDetails error = failure == null
                ? Errors.network("no answer", Outcome.NOT_APPLIED)
                : ClientContext.asVarveException(failure).details();
        cursor.backOff(now);
        boolean lostContact = error.code() == ErrorCode.UNAVAILABLE || error.code() == ErrorCode.DEADLINE_EXCEEDED;
        if (lostContact && context.cluster().known(cursor.partition.topic()) != null) {
            // It was there before: the cluster restarts, or the network is away for a while.
            log.warn("partition {}: reading stands still: {}", cursor.partition, error.message());
        } else {
            cursor.fail(error, false);
        }
    }

    private static ErrorDetails noPosition(PartitionCursor cursor) {
        return Errors.local(
                ErrorCode.FAILED_PRECONDITION,
                "NO_OFFSET_FOR_PARTITION",
                "partition " + cursor.partition + " has no position to read from",
                "seek first, or build the consumer with startFrom");
    }

    private static ErrorDetails noPartition(PartitionCursor cursor, TopicMetadata topic) {
        return new ErrorDetails(
                ErrorCode.NOT_FOUND,
                "UNKNOWN_TOPIC_OR_PARTITION",
                "partition " + cursor.partition + " is not there: the topic has " + topic.getPartitionsCount()
                        + " partitions",
                "partitions are numbered from 0",
                true,
                Outcome.NOT_APPLIED,
                Map.of("topic", cursor.partition.topic(), "partition", Integer.toString(cursor.partition.partition())),
                null);
    }
}
