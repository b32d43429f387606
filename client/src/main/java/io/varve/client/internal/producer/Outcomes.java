// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal.producer;

import io.varve.client.ErrorDetails;
import io.varve.client.Outcome;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of batches: tells the user, once each and in order within a partition; releases bytes when no connection
 * can read them any more; notes when a sequence will never be stored. <i>Confined to the core's thread.</i>
 */
final class Outcomes {
    private final CoreSettings settings;
    private final ProducerPort port;
    private final ProducerIdentity identity;
    private final List<Batch> sealed = new ArrayList<>();

    Outcomes(CoreSettings settings, ProducerPort port, ProducerIdentity identity) {
        this.settings = settings;
        this.port = port;
        this.identity = identity;
    }

    /** Tells outcomes, none before all outcomes ahead of it. */
    void deliver(PartitionQueue queue) {
        for (Iterator<Batch> i = queue.admitted.iterator(); i.hasNext(); ) {
            Batch b = i.next();
            if (b.told) {
                if (b.flight == null) {
                    i.remove();
                }
                continue;
            }
            if (!b.settled) {
                return;
            }
            i.remove();
            tell(b);
        }
    }

    void tell(Batch batch) {
        ErrorDetails failure = batch.failure;
        if (failure != null) {
            fail(batch, failure, failure.outcome() == Outcome.INDETERMINATE);
        } else if (!batch.told) {
            batch.told = true;
            port.complete(batch, batch.baseOffset, batch.logAppendTimeMs);
            release(batch);
        }
    }

    void fail(Batch batch, ErrorDetails error, boolean unknown) {
        if (!batch.told) {
            batch.told = true;
            port.fail(batch, error.withOutcome(unknown ? Outcome.INDETERMINATE : Outcome.NOT_APPLIED));
            release(batch);
        }
    }

    /** Tells what is settled, and fails what is not. */
    void end(Batch batch, ErrorDetails error, boolean unknown) {
        if (batch.settled) {
            tell(batch);
        } else {
            fail(batch, error, unknown);
        }
    }

    /** Frees the bytes once the user was told and no connection has them: an early free would send others' bytes. */
    void release(Batch batch) {
        if (batch.told && batch.openFlights == 0 && !batch.released) {
            batch.released = true;
            port.release(batch);
        }
    }

    void settleFailed(Batch batch, ErrorDetails error) {
        batch.settled = true;
        batch.failure = error.withOutcome(batch.fateUnknown ? Outcome.INDETERMINATE : Outcome.NOT_APPLIED);
    }

    /** Its sequence will never be stored, so those behind it need a new epoch. */
    void spendFor(Batch batch) {
        if (settings.idempotent() && batch.sequence != Batch.NO_SEQUENCE) {
            identity.spend();
        }
    }

    /** The user has long been told; now nothing keeps the batch any more, and its sequence may be a hole. */
    void drop(PartitionQueue queue, Batch batch) {
        queue.admitted.remove(batch);
        spendFor(batch);
    }

    /** Behind a batch that this epoch will never take, nothing of unknown fate can be found out by asking again. */
    void giveUpUnknown(PartitionQueue queue) {
        for (Batch b : queue.admitted) {
            if (b.flight == null && PartitionQueue.isUnknown(b)) {
                settleFailed(b, lastWord(queue));
            }
        }
    }

    /** Fails everything that is not under way. */
    void giveUp(PartitionQueue queue, ErrorDetails error) {
        takeOpen(queue);
        for (Batch b : queue.admitted) {
            if (b.flight == null && !b.settled && !b.told) {
                settleFailed(b, error);
                spendFor(b);
            }
        }
        deliver(queue);
        if (queue.admitted.isEmpty()) {
            failWaiting(queue, error, PartitionQueue.NEVER);
        }
    }

    /** Ends what is past its deadline. */
    void expire(PartitionQueue queue, long now) {
        for (Iterator<Batch> i = queue.admitted.iterator(); i.hasNext(); ) {
            Batch b = i.next();
            if (b.told) {
                continue;
            }
            if (b.settled) {
                // Everything ahead of it has just been told.
                i.remove();
                tell(b);
                continue;
            }
            if (b.deadlineNanos() > now) {
                break;
            }
            fail(b, expired(queue), b.fateUnknown || b.flight != null);
            if (b.flight == null) {
                i.remove();
                spendFor(b);
            }
        }
        if (queue.openDeadlineNanos <= now) {
            takeOpen(queue);
        }
        failWaiting(queue, null, now);
    }

    void failWaiting(PartitionQueue queue, @Nullable ErrorDetails error, long deadlineNanos) {
        Batch head = queue.waiting.peek();
        while (head != null && head.deadlineNanos() <= deadlineNanos) {
            queue.waiting.remove();
            end(head, error == null ? expired(queue) : error, false);
            head = queue.waiting.peek();
        }
    }

    void takeOpen(PartitionQueue queue) {
        queue.openDueNanos = PartitionQueue.NEVER;
        queue.openDeadlineNanos = PartitionQueue.NEVER;
        sealed.clear();
        port.seal(queue.topic(), queue.partition(), sealed);
        queue.waiting.addAll(sealed);
        sealed.clear();
    }

    /** Why the partition does not get on, as far as anyone said. */
    ErrorDetails lastWord(PartitionQueue queue) {
        ErrorDetails last = queue.lastError;
        return last != null
                ? last
                : Reasons.timedOut(
                        queue.topic(),
                        queue.partition(),
                        "records were not acknowledged",
                        settings.deliveryTimeoutNanos());
    }

    private ErrorDetails expired(PartitionQueue queue) {
        ErrorDetails last = queue.lastError;
        return last == null
                ? lastWord(queue)
                : last.withMessage(
                        last.message() + "; gave up after " + settings.deliveryTimeoutNanos() / 1_000_000 + " ms");
    }
}
