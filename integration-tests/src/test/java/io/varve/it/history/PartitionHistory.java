// SPDX-License-Identifier: Apache-2.0
package io.varve.it.history;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * What became of the records that one producer sent to one partition. Each has a sequence that no other record of the partition has, and that grows in
 * the order of sending: 0, 1, 2, ... if there is one producer, see {@link #firstSequence}. A record without an outcome is indeterminate.
 * <i>Thread-safe.</i>
 */
public final class PartitionHistory {
    /** What the producer knows of a record. */
    public enum Outcome {
        /** May be stored or not. */
        INDETERMINATE,
        /** Stored at the offset that the acknowledgement says. */
        ACKNOWLEDGED,
        /** Not stored, and never will be. */
        REFUSED
    }

    /** @param offset meaningful when acknowledged, and then {@link #NO_OFFSET} if the acknowledgement did not say */
    public record Sent(long hash, Outcome outcome, long offset) {}

    public static final long NO_OFFSET = -1;

    private static final int PRODUCER_SHIFT = 40;

    private final String name;
    private final TreeMap<Long, Sent> sent = new TreeMap<>(); // guarded by this

    public PartitionHistory(String name) {
        this.name = name;
    }

    /** Where a producer's sequences begin that shares the partition with others, numbered from 0. */
    public static long firstSequence(int producer) {
        return (long) producer << PRODUCER_SHIFT;
    }

    /** The producer's number. */
    static int producerOf(long sequence) {
        return (int) (sequence >> PRODUCER_SHIFT);
    }

    /** Topic and partition, for messages. */
    public String name() {
        return name;
    }

    /** Before the record is handed to the producer. */
    public synchronized void sending(long sequence, long hash) {
        if (!sent.isEmpty() && sequence <= sent.lastKey()) {
            throw new IllegalArgumentException(name + ": sequence " + sequence + " after " + sent.lastKey());
        }
        sent.put(sequence, new Sent(hash, Outcome.INDETERMINATE, NO_OFFSET));
    }

    public synchronized void acknowledged(long sequence, long offset) {
        decide(sequence, Outcome.ACKNOWLEDGED, offset);
    }

    public synchronized void refused(long sequence) {
        decide(sequence, Outcome.REFUSED, NO_OFFSET);
    }

    /** A copy, by sequence. */
    public synchronized Map<Long, Sent> sent() {
        return Collections.unmodifiableMap(new TreeMap<>(sent));
    }

    public synchronized long count(Outcome outcome) {
        return sent.values().stream().filter(s -> s.outcome() == outcome).count();
    }

    private void decide(long sequence, Outcome outcome, long offset) {
        Sent before = sent.get(sequence);
        if (before == null || before.outcome() != Outcome.INDETERMINATE) {
            throw new IllegalStateException(name + ": record " + sequence + " is " + before + ", now " + outcome);
        }
        sent.put(sequence, new Sent(before.hash(), outcome, offset));
    }
}
