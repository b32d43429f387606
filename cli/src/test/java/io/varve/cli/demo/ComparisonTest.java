// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ComparisonTest {
    private static final int RECORDS = 4;

    private final Ledger ledger = new Ledger(RECORDS, 2);
    private final Sightings read = new Sightings(RECORDS, 2);

    /** Numbers 0 and 2 in partition 0, 1 and 3 in partition 1. */
    private void sendAndAcknowledgeAll() {
        for (int number = 0; number < RECORDS; number++) {
            ledger.sent(number, value(number), number);
            ledger.acknowledged(number, number % 2, number / 2, number + 10);
        }
    }

    private void see(int number) {
        read.saw(number % 2, number / 2, Sightings.key(number), value(number));
    }

    private static byte[] value(int number) {
        return ("value " + number).getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void shouldBeCleanIfEachRecordIsSeenOnceWhereItWasAcknowledged() {
        sendAndAcknowledgeAll();
        for (int number = 0; number < RECORDS; number++) {
            see(number);
        }

        assertThat(read.compare(ledger)).isEqualTo(new Comparison(4, 0, 0, 0, 0, 0));
        assertThat(read.compare(ledger).isClean()).isTrue();
    }

    @Test
    void shouldCountAnAcknowledgedRecordAsLostThatNobodySaw() {
        sendAndAcknowledgeAll();
        see(0);
        see(1);
        see(3);

        assertThat(read.compare(ledger)).isEqualTo(new Comparison(3, 1, 0, 0, 0, 0));
        assertThat(read.compare(ledger).wrongs()).isEqualTo("1 lost");
    }

    @Test
    void shouldNotMissARecordThatWasNeverAcknowledged() {
        ledger.sent(0, value(0), 0);

        assertThat(read.compare(ledger).lost()).isZero();
    }

    @Test
    void shouldCountEachFurtherSightingAsADuplicate() {
        sendAndAcknowledgeAll();
        for (int number : new int[] {0, 1, 2, 3}) {
            see(number);
        }
        read.saw(0, 2, Sightings.key(0), value(0));
        read.saw(0, 3, Sightings.key(0), value(0));

        assertThat(read.compare(ledger)).isEqualTo(new Comparison(6, 0, 2, 0, 0, 0));
    }

    @Test
    void shouldNoticeOtherBytesAndOtherPlaces() {
        sendAndAcknowledgeAll();
        read.saw(0, 0, Sightings.key(0), value(7));
        read.saw(0, 9, Sightings.key(2), value(2));
        see(1);
        see(3);

        assertThat(read.compare(ledger)).isEqualTo(new Comparison(4, 0, 0, 2, 0, 0));
    }

    @Test
    void shouldNoticeRecordsInAnotherOrderThanTheyWereSent() {
        sendAndAcknowledgeAll();
        for (int number : new int[] {2, 0, 1, 3}) {
            see(number);
        }

        assertThat(read.compare(ledger)).isEqualTo(new Comparison(4, 0, 0, 0, 1, 0));
    }

    @Test
    void shouldNoticeWhatNobodySent() {
        sendAndAcknowledgeAll();
        for (int number = 0; number < RECORDS; number++) {
            see(number);
        }
        read.saw(1, 2, Sightings.key(4), value(4));
        read.saw(1, 3, "x".getBytes(StandardCharsets.UTF_8), value(4));
        read.saw(1, 4, null, value(4));

        assertThat(read.compare(ledger)).isEqualTo(new Comparison(7, 0, 0, 0, 0, 3));
    }

    @Test
    void shouldNameThePartitionThatAcknowledgedMost() {
        ledger.acknowledged(0, 0, 0, 1);
        ledger.acknowledged(1, 1, 0, 1);
        ledger.acknowledged(2, 1, 1, 1);

        assertThat(ledger.busiestPartition()).isEqualTo(1);
    }
}
