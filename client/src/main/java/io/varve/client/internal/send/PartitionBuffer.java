// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal.send;

import io.varve.record.BatchBuilder;
import io.varve.record.Codec;
import io.varve.record.RecordHeader;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Where a partition's records are collected: one short lock, taken once per record. <i>Thread-safe.</i> */
final class PartitionBuffer {
    enum Append {
        DONE,
        /** Done, and the sender has to look at this partition. */
        DONE_LOOK,
        /** Not done: a new batch is needed, and its bytes have to be reserved first. The sender has to look. */
        NEEDS_ROOM,
        /** Not done: the open batch is full, and the record may as well go to another partition. The sender has to look. */
        MOVE,
        /** Not done, and never will be: the record is larger than a batch may be. */
        TOO_LARGE,
        CLOSED
    }

    private static final int FIRST_BYTES = 4096;

    final String topic;
    final int partition;

    private final Codec codec;
    private final MemoryBudget budget;
    private final Set<RecordBatch> incomplete;
    private final ArrayDeque<RecordBatch> full = new ArrayDeque<>(); // guarded by this
    private @Nullable RecordBatch open; // guarded by this
    private boolean hurried; // guarded by this: the open batch shall not linger
    private boolean queued; // guarded by this: the sender will look
    private boolean closed; // guarded by this
    private int expectedBytes = FIRST_BYTES; // guarded by this

    PartitionBuffer(String topic, int partition, Codec codec, MemoryBudget budget, Set<RecordBatch> incomplete) {
        this.topic = topic;
        this.partition = partition;
        this.codec = codec;
        this.budget = budget;
        this.incomplete = incomplete;
    }

    /**
     * Adds a record to the open batch, or to a new one.
     *
     * @param waiter its future or callback
     * @param batchBytes the size of a new batch
     * @param reservedBytes 0, or what was reserved for a new batch: exactly {@code batchBytes}; taken over
     * @param mayMove whether to prefer another partition to a new batch
     */
    synchronized Append append(
            long timestampMs,
            byte @Nullable [] key,
            byte @Nullable [] value,
            List<RecordHeader> headers,
            Object waiter,
            int batchBytes,
            long reservedBytes,
            boolean mayMove) {
        if (closed) {
            budget.release(reservedBytes);
            return Append.CLOSED;
        }
        RecordBatch current = open;
        if (current != null && current.tryAppend(timestampMs, key, value, headers, waiter)) {
            if (reservedBytes > 0) {
                budget.release(reservedBytes);
            }
            return Append.DONE;
        }
        if (current != null) {
            seal(current);
        }
        if (mayMove) {
            return Append.MOVE;
        }
        if (reservedBytes == 0 && !budget.tryReserve(batchBytes)) {
            return Append.NEEDS_ROOM;
        }
        BatchBuilder builder = new BatchBuilder(codec, batchBytes, expectedBytes);
        RecordBatch next = new RecordBatch(topic, partition, builder, batchBytes, System.nanoTime());
        if (!next.tryAppend(timestampMs, key, value, headers, waiter)) {
            budget.release(batchBytes);
            return Append.TOO_LARGE;
        }
        open = next;
        incomplete.add(next);
        return Append.DONE_LOOK;
    }

    /** The open batch goes as soon as it can. */
    synchronized void hurry() {
        hurried = open != null;
    }

    /** Whether the sender is not yet about to look; it is afterwards. */
    synchronized boolean enqueue() {
        boolean was = queued;
        queued = true;
        return !was;
    }

    /** Moves full batches into the list; returns what is left open. */
    synchronized OpenBatch look(List<RecordBatch> into) {
        queued = false;
        into.addAll(full);
        full.clear();
        return open == null ? OpenBatch.NONE : new OpenBatch(open.openedNanos, hurried);
    }

    /** Moves everything into the list. */
    synchronized void sealAll(List<RecordBatch> into) {
        if (open != null) {
            seal(open);
        }
        into.addAll(full);
        full.clear();
    }

    /** Takes no more records. */
    synchronized void close() {
        closed = true;
    }

    private void seal(RecordBatch batch) {
        int size = batch.sizeBytes();
        budget.release(batch.reservedBytes - size);
        batch.reservedBytes = size;
        // The next one will be about as large: growing a buffer costs copies.
        expectedBytes = size + size / 8;
        full.add(batch);
        open = null;
        hurried = false;
    }

    /**
     * The batch that still takes records.
     *
     * @param openedNanos {@code Long.MAX_VALUE} if there is none
     */
    record OpenBatch(long openedNanos, boolean hurried) {
        static final OpenBatch NONE = new OpenBatch(Long.MAX_VALUE, false);

        boolean present() {
            return openedNanos != Long.MAX_VALUE;
        }
    }
}
