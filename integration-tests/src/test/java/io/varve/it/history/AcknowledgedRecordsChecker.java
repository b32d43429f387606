// SPDX-License-Identifier: Apache-2.0
package io.varve.it.history;

import io.varve.it.history.Finding.Kind;
import io.varve.it.history.PartitionHistory.Outcome;
import io.varve.it.history.PartitionHistory.Sent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Compares one partition's history with what was read from its beginning: every acknowledged record is there once, where it was said to be, and
 * unharmed; an indeterminate one at most once; those of a producer in the order sent; nothing else. Confined to one thread.
 */
public final class AcknowledgedRecordsChecker {
    private final String partition;
    private final Map<Long, Sent> sent;
    private final Map<Long, Long> offsetBySequence = new HashMap<>();
    private final List<Finding> findings = new ArrayList<>();
    private final Map<Integer, Long> lastSequenceByProducer = new HashMap<>();
    private long nextOffset;

    private AcknowledgedRecordsChecker(String partition, Collection<PartitionHistory> histories) {
        this.partition = partition;
        this.sent = new HashMap<>();
        histories.forEach(history -> sent.putAll(history.sent()));
    }

    /** @return nothing when all promises were kept */
    public static List<Finding> check(PartitionHistory history, List<ConsumedRecord> consumed) {
        return check(history.name(), List.of(history), consumed);
    }

    /**
     * The same for several producers.
     *
     * @param histories of this partition
     */
    public static List<Finding> check(
            String partition, Collection<PartitionHistory> histories, List<ConsumedRecord> consumed) {
        AcknowledgedRecordsChecker checker = new AcknowledgedRecordsChecker(partition, histories);
        consumed.forEach(checker::read);
        checker.atTheEnd();
        return List.copyOf(checker.findings);
    }

    private void read(ConsumedRecord record) {
        if (record.offset() != nextOffset) {
            found(Kind.GAP, "offset " + record.offset() + " where " + nextOffset + " should be");
        }
        nextOffset = record.offset() + 1;
        Sent original = sent.get(record.sequence());
        if (original == null || original.hash() != record.hash()) {
            found(
                    Kind.CORRUPT,
                    "record " + record.sequence() + " at offset " + record.offset()
                            + (original == null ? " was never sent" : " has other bytes than were sent"));
            return;
        }
        Long earlier = offsetBySequence.putIfAbsent(record.sequence(), record.offset());
        if (earlier != null) {
            found(
                    Kind.DUPLICATED,
                    "record " + record.sequence() + " at offset " + earlier + " and at " + record.offset());
            return;
        }
        checkPlace(record, original);
    }

    private void checkPlace(ConsumedRecord record, Sent original) {
        int producer = PartitionHistory.producerOf(record.sequence());
        long lastSequence = lastSequenceByProducer.getOrDefault(producer, -1L);
        if (record.sequence() < lastSequence) {
            found(
                    Kind.REORDERED,
                    "record " + record.sequence() + " at offset " + record.offset() + " after record " + lastSequence);
        }
        lastSequenceByProducer.merge(producer, record.sequence(), Math::max);
        if (original.outcome() == Outcome.ACKNOWLEDGED
                && original.offset() != PartitionHistory.NO_OFFSET
                && original.offset() != record.offset()) {
            found(
                    Kind.MOVED,
                    "record " + record.sequence() + " acknowledged at offset " + original.offset() + ", read at "
                            + record.offset());
        }
        if (original.outcome() == Outcome.REFUSED) {
            found(Kind.REFUSED_BUT_STORED, "record " + record.sequence() + " at offset " + record.offset());
        }
    }

    private void atTheEnd() {
        sent.forEach((sequence, original) -> {
            if (original.outcome() == Outcome.ACKNOWLEDGED && !offsetBySequence.containsKey(sequence)) {
                found(
                        Kind.LOST,
                        "record " + sequence + " acknowledged at offset " + original.offset() + ", the log ends at "
                                + nextOffset);
            }
        });
    }

    private void found(Kind kind, String text) {
        findings.add(new Finding(kind, partition + ": " + text));
    }
}
