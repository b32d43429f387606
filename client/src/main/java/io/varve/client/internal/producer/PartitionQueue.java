// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal.producer;

import io.varve.client.ErrorDetails;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A partition's batches in the order in which they must be stored. The admitted ones have a sequence and a place among
 * the few that the leader remembers; the waiting ones have neither. <i>Confined to the core's thread.</i>
 */
final class PartitionQueue {
    static final long NEVER = Long.MAX_VALUE;

    private final String topic;
    private final int partition;

    @Nullable
    UUID topicId;

    int leader;
    int leaderEpoch;

    /** In order of sequence; |admitted| ≤ maxInFlight, so a retry is never older than what the leader remembers (P38). */
    final ArrayDeque<Batch> admitted = new ArrayDeque<>();

    final ArrayDeque<Batch> waiting = new ArrayDeque<>();

    int nextSequence;

    /** |{b ∈ admitted : b.flight ≠ null}|. */
    int inFlight;

    int flightNode;
    boolean awaitingMetadata = true;

    /** The first admitted batch that is not settled can only go under a new epoch. */
    boolean broken;

    int failures;
    long retryAtNanos;
    long openDueNanos = NEVER;
    long openDeadlineNanos = NEVER;
    long missingSinceNanos = NEVER;

    @Nullable
    ErrorDetails lastError;

    PartitionQueue(String topic, int partition) {
        this.topic = topic;
        this.partition = partition;
    }

    String topic() {
        return topic;
    }

    int partition() {
        return partition;
    }

    boolean hasWork() {
        return !admitted.isEmpty() || !waiting.isEmpty() || openDueNanos != NEVER;
    }

    /** The first admitted batch that has to be sent (again), if nothing behind it is under way: else it would overtake. */
    @Nullable
    Batch nextUnsent() {
        Batch candidate = null;
        for (Batch b : admitted) {
            if (b.flight != null) {
                if (candidate != null) {
                    return null;
                }
            } else if (candidate == null && !b.settled && !b.told) {
                candidate = b;
            }
        }
        return candidate;
    }

    /** Whether every admitted batch is under way or settled, so that a new one may follow. */
    boolean mayAdmit(int maxInFlight) {
        if (admitted.size() >= maxInFlight) {
            return false;
        }
        for (Batch b : admitted) {
            if (b.flight == null && !b.settled && !b.told) {
                return false;
            }
        }
        return true;
    }

    /** Whether everything before the batch has its outcome. */
    boolean isFirstUnsettled(Batch batch) {
        for (Batch b : admitted) {
            if (b == batch) {
                return true;
            }
            if (!b.settled) {
                return false;
            }
        }
        return false;
    }

    /** Whether a batch that the user still waits for may or may not be stored. */
    boolean holdsUnknown() {
        for (Batch b : admitted) {
            if (isUnknown(b)) {
                return true;
            }
        }
        return false;
    }

    /** Whether the epoch may not be replaced yet because of this partition (P40). */
    boolean holdsEpoch() {
        return inFlight > 0 || holdsUnknown();
    }

    static boolean isUnknown(Batch b) {
        return b.fateUnknown && !b.settled && !b.told;
    }

    void admit(Batch batch, @Nullable ProducerIdentity identity) {
        if (identity != null) {
            batch.producerId = identity.id();
            batch.producerEpoch = identity.epoch();
            batch.sequence = nextSequence;
            nextSequence = advance(nextSequence, batch.recordCount());
        }
        admitted.add(batch);
    }

    /** The attempt no longer counts. Returns false if it had not counted before. */
    boolean land(Flight flight) {
        Batch batch = flight.batch();
        flight.ended = true;
        batch.openFlights--;
        if (batch.flight != flight) {
            return false;
        }
        batch.flight = null;
        inFlight--;
        return true;
    }

    /** Takes all sequences back: what is not settled waits again, in its old order, before everything else. */
    void unadmit() {
        if (holdsEpoch()) {
            throw new IllegalStateException("partition " + topic + "-" + partition + ": " + inFlight
                    + " batches under way or of unknown fate while sequences are taken back");
        }
        for (Iterator<Batch> i = admitted.descendingIterator(); i.hasNext(); ) {
            Batch b = i.next();
            if (!b.told) {
                // Settled ones too: their outcome is told after those ahead of them.
                b.forgetSequence();
                waiting.addFirst(b);
            }
        }
        admitted.clear();
        nextSequence = 0;
        broken = false;
    }

    /** Pauses of earlier failures count no longer. */
    void retryNow(long now) {
        failures = 0;
        retryAtNanos = Math.min(retryAtNanos, now);
    }

    /** Notes why the partition does not get on; returns when to try again. */
    long backOff(@Nullable ErrorDetails error, long now) {
        if (error != null) {
            lastError = error;
        }
        if (now >= retryAtNanos) {
            failures++;
            retryAtNanos = now + Backoff.nanos(failures, now);
        }
        return retryAtNanos;
    }

    /** The sequence after {@code count} records; follows 2^31-1 by 0 (P38). */
    static int advance(int sequence, int count) {
        return (int) (((long) sequence + count) & Integer.MAX_VALUE);
    }

    /** The next time at which something happens here by itself, after {@code now}. */
    long nextDeadline(long now, long linkRetryAtNanos) {
        long next = NEVER;
        for (Batch b : admitted) {
            if (!b.told) {
                next = earlier(next, b.deadlineNanos(), now);
            }
        }
        Batch head = waiting.peek();
        if (head != null) {
            next = earlier(next, head.deadlineNanos(), now);
        }
        next = earlier(next, openDueNanos, now);
        next = earlier(next, openDeadlineNanos, now);
        if (hasWork() || awaitingMetadata) {
            next = earlier(next, retryAtNanos, now);
            next = earlier(next, linkRetryAtNanos, now);
        }
        return next;
    }

    private static long earlier(long best, long candidate, long now) {
        return candidate > now && candidate < best ? candidate : best;
    }
}
