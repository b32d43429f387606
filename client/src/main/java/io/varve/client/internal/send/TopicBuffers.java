// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal.send;

import io.varve.client.ErrorCode;
import io.varve.client.ErrorDetails;
import io.varve.client.Outcome;
import io.varve.client.VarveException;
import io.varve.client.internal.Errors;
import io.varve.client.internal.Exceptions;
import io.varve.client.internal.producer.Reasons;
import io.varve.record.BatchBuilder;
import io.varve.record.Murmur2;
import io.varve.record.RecordHeader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A topic's records on their way to its partitions: by the partition given, else by the key's murmur2, else all to one
 * partition until its batch is full. Before the partitions are known records are kept in the order sent.
 * <i>Thread-safe.</i>
 */
final class TopicBuffers {
    private static final int NO_LIMIT = Integer.MAX_VALUE;

    final String topic;
    private final int batchSizeBytes;
    private final MemoryBudget budget;
    private final Room room;
    private final Consumer<PartitionBuffer> sender;
    private final Consumer<TopicBuffers> asker;
    private final AtomicInteger sticky = new AtomicInteger();
    private volatile PartitionBuffer @Nullable [] partitions;
    private volatile int maxBatchBytes = NO_LIMIT;
    private final List<KeptRecord> kept = new ArrayList<>(); // guarded by this
    private CompletableFuture<Void> routed = CompletableFuture.completedFuture(null); // guarded by this
    private boolean asking; // guarded by this

    /** When the topic was first found missing; 0 for not. The sender thread's. */
    long missingSinceNanos;

    TopicBuffers(
            String topic,
            int batchSizeBytes,
            MemoryBudget budget,
            Room room,
            Consumer<PartitionBuffer> sender,
            Consumer<TopicBuffers> asker) {
        this.topic = topic;
        this.batchSizeBytes = batchSizeBytes;
        this.budget = budget;
        this.room = room;
        this.sender = sender;
        this.asker = asker;
    }

    PartitionBuffer @Nullable [] partitions() {
        return partitions;
    }

    /** Takes a record, or returns why not: then its waiter hears nothing from here. */
    @Nullable
    VarveException add(
            @Nullable Integer partition,
            long timestampMs,
            byte @Nullable [] key,
            byte @Nullable [] value,
            List<RecordHeader> headers,
            Object waiter,
            boolean hurry) {
        PartitionBuffer[] known = partitions;
        if (known == null) {
            int bytes = sizeUpperBound(key, value, headers);
            VarveException full = room.reserve(bytes);
            if (full != null) {
                return full;
            }
            if (keep(new KeptRecord(partition, timestampMs, key, value, headers, waiter, bytes))) {
                return null;
            }
            budget.release(bytes);
            known = partitions;
        }
        return known == null
                ? Exceptions.of(closed())
                : append(known, partition, timestampMs, key, value, headers, waiter, hurry, false);
    }

    private boolean keep(KeptRecord record) {
        boolean ask;
        synchronized (this) {
            if (partitions != null) {
                return false;
            }
            if (kept.isEmpty()) {
                routed = new CompletableFuture<>();
            }
            kept.add(record);
            ask = !asking;
            asking = true;
        }
        if (ask) {
            asker.accept(this);
        }
        return true;
    }

    private @Nullable VarveException append(
            PartitionBuffer[] known,
            @Nullable Integer partition,
            long timestampMs,
            byte @Nullable [] key,
            byte @Nullable [] value,
            List<RecordHeader> headers,
            Object waiter,
            boolean hurry,
            boolean forced) {
        int number = partition != null
                ? partition
                : key != null ? Murmur2.partitionOf(key, known.length) : Math.min(sticky.get(), known.length - 1);
        if (number >= known.length) {
            return Exceptions.of(Reasons.missingPartition(topic, number, known.length));
        }
        boolean mayMove = partition == null && key == null && known.length > 1;
        int needed = sizeUpperBound(key, value, headers);
        int batchBytes = Math.min(Math.max(batchSizeBytes, needed), maxBatchBytes);
        int reserved = 0;
        if (forced) {
            budget.reserve(batchBytes);
            reserved = batchBytes;
        }
        while (true) {
            PartitionBuffer buffer = known[number];
            switch (buffer.append(timestampMs, key, value, headers, waiter, batchBytes, reserved, mayMove)) {
                case DONE -> {
                    if (hurry) {
                        buffer.hurry();
                        sender.accept(buffer);
                    }
                    return null;
                }
                case DONE_LOOK -> {
                    if (hurry) {
                        buffer.hurry();
                    }
                    sender.accept(buffer);
                    return null;
                }
                case MOVE -> {
                    sender.accept(buffer);
                    number = moveSticky(number, known.length);
                    mayMove = false;
                }
                case NEEDS_ROOM -> {
                    sender.accept(buffer);
                    VarveException full = room.reserve(batchBytes);
                    if (full != null) {
                        return full;
                    }
                    reserved = batchBytes;
                }
                case TOO_LARGE -> {
                    return Exceptions.of(tooLarge(needed, batchBytes));
                }
                case CLOSED -> {
                    return Exceptions.of(closed());
                }
            }
        }
    }

    /** Sends keyless records elsewhere from now on, unless someone just did; returns where. */
    private int moveSticky(int from, int count) {
        int next = ThreadLocalRandom.current().nextInt(count - 1);
        sticky.compareAndSet(from, next >= from ? next + 1 : next);
        return Math.min(sticky.get(), count - 1);
    }

    /**
     * The topic has this many partitions. What was kept goes to them first, so that nothing overtakes it.
     *
     * @param refused told of a kept record that cannot be taken after all
     */
    synchronized void publish(int count, int maxBytes, BufferFactory factory, Refused refused) {
        PartitionBuffer[] before = partitions;
        int had = before == null ? 0 : before.length;
        maxBatchBytes = maxBytes > 0 ? maxBytes : NO_LIMIT;
        if (count <= had) {
            return;
        }
        PartitionBuffer[] now = before == null ? new PartitionBuffer[count] : Arrays.copyOf(before, count);
        for (int i = had; i < count; i++) {
            now[i] = factory.create(i);
        }
        if (before == null) {
            sticky.set(ThreadLocalRandom.current().nextInt(count));
        }
        for (KeptRecord r : kept) {
            budget.release(r.reservedBytes);
            VarveException error =
                    append(now, r.partition, r.timestampMs, r.key, r.value, r.headers, r.waiter, false, true);
            if (error != null) {
                refused.tell(r.waiter, error);
            }
        }
        kept.clear();
        asking = false;
        partitions = now;
        routed.complete(null);
    }

    /** Takes back everything kept; the caller tells their waiters, then completes the future. */
    synchronized List<KeptRecord> giveUp() {
        List<KeptRecord> all = List.copyOf(kept);
        kept.clear();
        asking = false;
        return all;
    }

    /** Done when nothing is kept that is kept now. */
    synchronized CompletableFuture<Void> routed() {
        return routed;
    }

    private static int sizeUpperBound(byte @Nullable [] key, byte @Nullable [] value, List<RecordHeader> headers) {
        return BatchBuilder.sizeUpperBound(key == null ? 0 : key.length, value == null ? 0 : value.length, headers);
    }

    private ErrorDetails tooLarge(int neededBytes, int limitBytes) {
        return new ErrorDetails(
                ErrorCode.INVALID_ARGUMENT,
                "MESSAGE_TOO_LARGE",
                "a record of up to " + neededBytes + " bytes is larger than the " + limitBytes + " bytes that topic "
                        + topic + " takes in a batch",
                "send less at once, or raise max.message.bytes of the topic",
                false,
                Outcome.NOT_APPLIED,
                Map.of("topic", topic, "limit", Integer.toString(limitBytes), "actual", Integer.toString(neededBytes)),
                null);
    }

    static ErrorDetails closed() {
        return Errors.local(ErrorCode.CANCELLED, "CLOSED", "the producer was closed", "");
    }

    /** Makes the buffer of a partition. */
    interface BufferFactory {
        PartitionBuffer create(int partition);
    }

    /** Told of a record that cannot be taken. */
    interface Refused {
        void tell(Object waiter, VarveException error);
    }

    /** A record whose partition cannot be chosen yet. */
    record KeptRecord(
            @Nullable Integer partition,
            long timestampMs,
            byte @Nullable [] key,
            byte @Nullable [] value,
            List<RecordHeader> headers,
            Object waiter,
            long reservedBytes) {}
}
