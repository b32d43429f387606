// SPDX-License-Identifier: Apache-2.0
package io.varve.it.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.it.history.Finding.Kind;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AcknowledgedRecordsCheckerTest {
    private static final int RECORDS = 20;
    private static final int REFUSED = 7;
    private static final int UNKNOWN_AND_STORED = 11;
    private static final int UNKNOWN_AND_GONE = 15;

    private final PartitionHistory history = new PartitionHistory("orders-0");
    private final List<ConsumedRecord> read = new ArrayList<>();

    @BeforeEach
    void record() {
        for (int sequence = 0; sequence < RECORDS; sequence++) {
            history.sending(sequence, hash(sequence));
            if (sequence == REFUSED) {
                history.refused(sequence);
            } else if (sequence != UNKNOWN_AND_GONE) {
                if (sequence != UNKNOWN_AND_STORED) {
                    history.acknowledged(sequence, read.size());
                }
                read.add(new ConsumedRecord(read.size(), sequence, hash(sequence)));
            }
        }
    }

    @Test
    void shouldFindNothingWhenAllPromisesWereKept() {
        assertThat(found()).isEmpty();
    }

    @Test
    void shouldAcceptAnIndeterminateRecordInEitherCase() {
        assertThat(history.count(PartitionHistory.Outcome.INDETERMINATE)).isEqualTo(2);
        assertThat(found()).isEmpty();
    }

    @Test
    void shouldFindAnyRecordRemoved() {
        for (int at = 0; at < read.size(); at++) {
            ConsumedRecord removed = read.remove(at);
            if (removed.sequence() == UNKNOWN_AND_STORED) {
                assertThat(found()).containsExactly(Kind.GAP); // the record may be missing, its offset may not
            } else {
                assertThat(found()).as("removed %s", removed).contains(Kind.LOST);
            }
            read.add(at, removed);
        }
    }

    @Test
    void shouldFindARecordRemovedByShiftingTheRest() {
        read.remove(3);
        renumber();

        assertThat(found()).contains(Kind.LOST, Kind.MOVED);
    }

    @Test
    void shouldFindAnyRecordDoubled() {
        for (int at = 0; at < read.size(); at++) {
            List<ConsumedRecord> before = List.copyOf(read);
            read.add(at, read.get(at));
            renumber();
            assertThat(found()).as("doubled %s", at).contains(Kind.DUPLICATED);
            read.clear();
            read.addAll(before);
        }
    }

    @Test
    void shouldFindTwoRecordsSwapped() {
        ConsumedRecord third = read.get(3);
        read.set(3, read.get(4));
        read.set(4, third);
        renumber();

        assertThat(found()).contains(Kind.REORDERED, Kind.MOVED);
    }

    @Test
    void shouldFindAFlippedBit() {
        for (int bit = 0; bit < Long.SIZE; bit++) {
            ConsumedRecord original = read.get(2);
            read.set(2, new ConsumedRecord(2, original.sequence(), original.hash() ^ 1L << bit));
            assertThat(found()).contains(Kind.CORRUPT, Kind.LOST);
            read.set(2, original);
        }
    }

    @Test
    void shouldFindARecordNobodySent() {
        read.add(new ConsumedRecord(read.size(), ConsumedRecord.UNREADABLE, 0));

        assertThat(found()).containsExactly(Kind.CORRUPT);
    }

    @Test
    void shouldFindARefusedRecordThatIsThere() {
        read.add(7, new ConsumedRecord(7, REFUSED, hash(REFUSED)));
        renumber();

        assertThat(found()).contains(Kind.REFUSED_BUT_STORED);
    }

    @Test
    void shouldFindALostTail() {
        read.subList(10, read.size()).clear();

        assertThat(found()).contains(Kind.LOST).doesNotContain(Kind.GAP, Kind.CORRUPT);
    }

    @Test
    void shouldLookAtTheOrderOfEachProducerAlone() {
        PartitionHistory other = new PartitionHistory("orders-0");
        for (int n = 0; n < 2; n++) {
            long sequence = PartitionHistory.firstSequence(1) + n;
            other.sending(sequence, hash(sequence));
            other.acknowledged(sequence, PartitionHistory.NO_OFFSET);
            read.add(5 * n, new ConsumedRecord(0, sequence, hash(sequence)));
        }
        renumber();
        assertThat(foundWith(other)).doesNotContain(Kind.REORDERED, Kind.LOST, Kind.CORRUPT);

        ConsumedRecord earlier = read.get(0);
        read.set(0, read.get(5));
        read.set(5, earlier);
        renumber();
        assertThat(foundWith(other)).contains(Kind.REORDERED).doesNotContain(Kind.LOST);

        read.remove(5);
        renumber();
        assertThat(foundWith(other)).contains(Kind.LOST);
    }

    private List<Kind> foundWith(PartitionHistory other) {
        return AcknowledgedRecordsChecker.check("orders-0", List.of(history, other), read).stream()
                .map(Finding::kind)
                .distinct()
                .toList();
    }

    private List<Kind> found() {
        return AcknowledgedRecordsChecker.check(history, read).stream()
                .map(Finding::kind)
                .distinct()
                .toList();
    }

    private void renumber() {
        for (int at = 0; at < read.size(); at++) {
            read.set(
                    at,
                    new ConsumedRecord(at, read.get(at).sequence(), read.get(at).hash()));
        }
    }

    private static long hash(long sequence) {
        return sequence * 31 + 5;
    }
}
