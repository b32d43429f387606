// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PausesTest {
    private static final long MS = 1_000_000;

    private final Pauses pauses = new Pauses(2);

    @Test
    void shouldCountOnlyTheTimeInWhichARecordWaited() {
        pauses.acknowledged(0, 0, 3 * MS);
        // Nothing was sent for a second: that is no pause.
        pauses.acknowledged(0, 1_000 * MS, 1_004 * MS);

        assertThat(pauses.longestMillis()).isEqualTo(4);
    }

    @Test
    void shouldBeginAPauseWithTheLastAcknowledgement() {
        pauses.acknowledged(1, 0, 10 * MS);
        pauses.acknowledged(1, 5 * MS, 400 * MS);
        pauses.acknowledged(1, 6 * MS, 400 * MS);

        assertThat(pauses.longestMillis()).isEqualTo(390);
        assertThat(pauses.longestPartition()).isEqualTo(1);
    }

    @Test
    void shouldTimeTheFirstAcknowledgementOfARecordThatWasSentAfterTheKill() {
        pauses.killed(100 * MS);
        pauses.acknowledged(0, 90 * MS, 300 * MS);
        assertThat(pauses.firstAfterKillMillis(0)).isEqualTo(-1);

        pauses.acknowledged(0, 110 * MS, 600 * MS);
        pauses.acknowledged(0, 111 * MS, 700 * MS);

        assertThat(pauses.firstAfterKillMillis(0)).isEqualTo(500);
        assertThat(pauses.firstAfterKillMillis(1)).isEqualTo(-1);
    }
}
