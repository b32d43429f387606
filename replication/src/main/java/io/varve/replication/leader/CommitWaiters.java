// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.leader;

import io.varve.replication.AppendCompletion;
import io.varve.replication.AppendResult;
import io.varve.replication.RejectReason;
import java.util.ArrayDeque;
import java.util.Iterator;

/**
 * Appended batches of one epoch that wait for one end offset (the leader's own or the high watermark) to pass them. Invariant: end offsets in the queue
 * never fall from head to tail; every waiter is answered exactly once. *Confined to the partition loop.*
 */
final class CommitWaiters {
    private static final long NEVER = Long.MAX_VALUE;

    private static final class Waiter {
        final long baseOffset;
        final long endOffset;
        final long logAppendTimeMillis;
        final long deadlineNanos;
        final AppendCompletion completion;
        boolean answered; // timed out while others before it still wait

        Waiter(long baseOffset, long endOffset, long timeMillis, long deadlineNanos, AppendCompletion completion) {
            this.baseOffset = baseOffset;
            this.endOffset = endOffset;
            this.logAppendTimeMillis = timeMillis;
            this.deadlineNanos = deadlineNanos;
            this.completion = completion;
        }

        void answer(AppendResult result) {
            if (!answered) {
                answered = true;
                completion.onResult(result);
            }
        }
    }

    private final ArrayDeque<Waiter> queue = new ArrayDeque<>();
    private final ArrayDeque<Waiter> aside = new ArrayDeque<>();
    private boolean anyDeadline;
    private long earliestDeadlineNanos = NEVER; // meaningful only while anyDeadline: nanoTime has no origin

    /** Adds a batch; usually at the tail, further ahead for a duplicate of a batch that is still waiting. */
    void add(long baseOffset, long endOffset, long timeMillis, long deadlineNanos, AppendCompletion completion) {
        Waiter waiter = new Waiter(baseOffset, endOffset, timeMillis, deadlineNanos, completion);
        for (Waiter last = queue.peekLast(); last != null && last.endOffset > endOffset; last = queue.peekLast()) {
            aside.addLast(queue.removeLast());
        }
        queue.addLast(waiter);
        while (!aside.isEmpty()) {
            queue.addLast(aside.removeLast());
        }
        noteDeadline(deadlineNanos);
    }

    /** Answers everything that ends at or before {@code endOffset}, in order. */
    void completeUpTo(long endOffset, long logStartOffset) {
        for (Waiter head = queue.peekFirst(); head != null && head.endOffset <= endOffset; head = queue.peekFirst()) {
            queue.removeFirst();
            if (!head.answered) {
                head.answer(new AppendResult.Appended(head.baseOffset, head.logAppendTimeMillis, logStartOffset));
            }
        }
        if (queue.isEmpty()) {
            anyDeadline = false;
        }
    }

    /** Answers those whose deadline has come INDETERMINATE; they keep their place, later ones do not overtake. */
    void expire(long nowNanos, String partition) {
        if (!anyDeadline || earliestDeadlineNanos - nowNanos > 0) {
            return;
        }
        anyDeadline = false;
        for (Iterator<Waiter> all = queue.iterator(); all.hasNext(); ) {
            Waiter waiter = all.next();
            if (waiter.answered) {
                continue;
            }
            if (waiter.deadlineNanos - nowNanos <= 0) {
                waiter.answer(new AppendResult.Indeterminate(
                        RejectReason.REQUEST_TIMED_OUT,
                        "partition " + partition + ": the batch at offset " + waiter.baseOffset
                                + " was not acknowledged in time"));
            } else {
                noteDeadline(waiter.deadlineNanos);
            }
        }
    }

    /** Answers all INDETERMINATE and forgets them (P5). */
    void failAll(RejectReason reason, String message) {
        AppendResult result = new AppendResult.Indeterminate(reason, message);
        for (Waiter head = queue.pollFirst(); head != null; head = queue.pollFirst()) {
            head.answer(result);
        }
        anyDeadline = false;
    }

    boolean isEmpty() {
        return queue.isEmpty();
    }

    private void noteDeadline(long deadlineNanos) {
        if (!anyDeadline || deadlineNanos - earliestDeadlineNanos < 0) {
            anyDeadline = true;
            earliestDeadlineNanos = deadlineNanos;
        }
    }
}
