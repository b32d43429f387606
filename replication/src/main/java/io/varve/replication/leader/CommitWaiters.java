// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.leader;

import io.varve.replication.AppendCompletion;
import io.varve.replication.AppendResult;
import io.varve.replication.RejectReason;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Appended batches of one epoch that wait for one end offset (the leader's own or the high watermark) to pass them. Invariant: end offsets in the queue
 * grow from head to tail; every waiter is answered exactly once, and nothing of it is kept after that. *Confined to the partition loop.*
 */
final class CommitWaiters {
    private static final class Waiter {
        final long baseOffset;
        final long endOffset;
        final long logAppendTimeMillis;
        final long deadlineNanos;
        final AppendCompletion completion;

        @Nullable
        Waiter next; // in the queue

        Waiter(
                long baseOffset,
                long endOffset,
                long logAppendTimeMillis,
                long deadlineNanos,
                AppendCompletion completion) {
            this.baseOffset = baseOffset;
            this.endOffset = endOffset;
            this.logAppendTimeMillis = logAppendTimeMillis;
            this.deadlineNanos = deadlineNanos;
            this.completion = completion;
        }
    }

    private static final NavigableMap<Long, List<Waiter>> NO_DUPLICATES = Collections.emptyNavigableMap();

    // The queue: of thousands of partitions few have anybody in it.
    private @Nullable Waiter first;
    private @Nullable Waiter last;
    /** Of batches in the queue, or timed out of it, by end offset. */
    private NavigableMap<Long, List<Waiter>> duplicates = NO_DUPLICATES;

    private boolean anyDeadline;
    private long earliestDeadlineNanos; // meaningful only while anyDeadline: nanoTime has no origin

    /** Adds a batch; one that does not end above those that wait is a duplicate of one of them. */
    void add(long baseOffset, long endOffset, long timeMillis, long deadlineNanos, AppendCompletion completion) {
        Waiter waiter = new Waiter(baseOffset, endOffset, timeMillis, deadlineNanos, completion);
        if (last == null || last.endOffset < endOffset) {
            addLast(waiter);
        } else {
            if (duplicates == NO_DUPLICATES) {
                duplicates = new TreeMap<>();
            }
            duplicates.computeIfAbsent(endOffset, any -> new ArrayList<>(1)).add(waiter);
        }
        noteDeadline(deadlineNanos);
    }

    /** Answers everything that ends at or before {@code endOffset}, in order. */
    void completeUpTo(long endOffset, long logStartOffset) {
        for (Waiter head = first; head != null && head.endOffset <= endOffset; head = first) {
            completeDuplicatesBelow(head.endOffset, logStartOffset);
            removeFirst(head);
            complete(head, logStartOffset);
        }
        if (!duplicates.isEmpty()) {
            completeDuplicatesBelow(endOffset + 1, logStartOffset);
        }
        if (isEmpty()) {
            anyDeadline = false;
        }
    }

    private void completeDuplicatesBelow(long offset, long logStartOffset) {
        while (!duplicates.isEmpty() && duplicates.firstKey() < offset) {
            duplicates.pollFirstEntry().getValue().forEach(waiter -> complete(waiter, logStartOffset));
        }
    }

    private static void complete(Waiter waiter, long logStartOffset) {
        waiter.completion.onResult(
                new AppendResult.Appended(waiter.baseOffset, waiter.logAppendTimeMillis, logStartOffset));
    }

    /** Answers those whose deadline has come INDETERMINATE, and forgets them. */
    void expire(long nowNanos, String partition) {
        if (!anyDeadline || earliestDeadlineNanos - nowNanos > 0) {
            return;
        }
        anyDeadline = false;
        List<Waiter> late = new ArrayList<>();
        Waiter waiter = first;
        first = null;
        last = null;
        while (waiter != null) {
            Waiter next = waiter.next;
            waiter.next = null;
            if (!takeIfLate(waiter, nowNanos, late)) {
                addLast(waiter);
            }
            waiter = next;
        }
        if (!duplicates.isEmpty()) {
            duplicates.values().removeIf(same -> {
                same.removeIf(one -> takeIfLate(one, nowNanos, late));
                return same.isEmpty();
            });
        }
        for (Waiter one : late) {
            one.completion.onResult(new AppendResult.Indeterminate(
                    RejectReason.REQUEST_TIMED_OUT,
                    "partition " + partition + ": the batch at offset " + one.baseOffset
                            + " was not acknowledged in time"));
        }
    }

    private boolean takeIfLate(Waiter waiter, long nowNanos, List<Waiter> late) {
        boolean isLate = waiter.deadlineNanos - nowNanos <= 0;
        if (isLate) {
            late.add(waiter);
        } else {
            noteDeadline(waiter.deadlineNanos);
        }
        return isLate;
    }

    /** Answers all INDETERMINATE and forgets them (P5). */
    void failAll(RejectReason reason, String message) {
        AppendResult result = new AppendResult.Indeterminate(reason, message);
        for (Waiter head = first; head != null; head = first) {
            removeFirst(head);
            head.completion.onResult(result);
        }
        while (!duplicates.isEmpty()) {
            duplicates.pollFirstEntry().getValue().forEach(waiter -> waiter.completion.onResult(result));
        }
        anyDeadline = false;
    }

    boolean isEmpty() {
        return first == null && duplicates.isEmpty();
    }

    private void addLast(Waiter waiter) {
        if (last == null) {
            first = waiter;
        } else {
            last.next = waiter;
        }
        last = waiter;
    }

    private void removeFirst(Waiter head) {
        first = head.next;
        head.next = null; // an old one would keep the young one alive
        if (first == null) {
            last = null;
        }
    }

    private void noteDeadline(long deadlineNanos) {
        if (!anyDeadline || deadlineNanos - earliestDeadlineNanos < 0) {
            anyDeadline = true;
            earliestDeadlineNanos = deadlineNanos;
        }
    }
}
