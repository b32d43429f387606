// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RetentionClockTest {
    private static final long NOW = Instant.parse("2026-03-01T00:00:00Z").toEpochMilli();
    private static final long HOUR = Duration.ofHours(1).toMillis();
    private static final long YEAR = Duration.ofDays(365).toMillis();

    private static long nanos(long millis) {
        return 77 + millis * 1_000_000;
    }

    @Test
    void shouldGoWithAWallClockThatGoesRight() {
        RetentionClock clock = new RetentionClock(RetentionClock.UNKNOWN);
        for (int hour = 0; hour < 100; hour++) {
            assertThat(clock.read(NOW + hour * HOUR, nanos(hour * HOUR))).isEqualTo(NOW + hour * HOUR);
        }
    }

    @Test
    void shouldGoAtMostTwiceAsFastAsTheMonotonicClockWhenTheWallClockJumps() {
        RetentionClock clock = new RetentionClock(RetentionClock.UNKNOWN);
        clock.read(NOW, nanos(0));
        assertThat(clock.read(NOW + YEAR + HOUR, nanos(HOUR))).isEqualTo(NOW + 2 * HOUR);
        assertThat(clock.read(NOW + YEAR + HOUR, nanos(HOUR))).isEqualTo(NOW + 2 * HOUR);
        assertThat(clock.read(NOW + YEAR + 2 * HOUR, nanos(2 * HOUR))).isEqualTo(NOW + 4 * HOUR);
    }

    @Test
    void shouldBelieveAWallClockThatWasSetRightAgain() {
        RetentionClock clock = new RetentionClock(RetentionClock.UNKNOWN);
        clock.read(NOW, nanos(0));
        clock.read(NOW + YEAR, nanos(HOUR));
        assertThat(clock.read(NOW + 2 * HOUR, nanos(2 * HOUR))).isEqualTo(NOW + 2 * HOUR);
        assertThat(clock.read(NOW + 9 * HOUR, nanos(9 * HOUR))).isEqualTo(NOW + 9 * HOUR);
    }

    @Test
    void shouldComeBackAtOnceFromAJumpIntoThePast() {
        RetentionClock clock = new RetentionClock(RetentionClock.UNKNOWN);
        clock.read(NOW, nanos(0));
        assertThat(clock.read(NOW - YEAR, nanos(HOUR))).isEqualTo(NOW - YEAR);
        assertThat(clock.read(NOW + 2 * HOUR, nanos(2 * HOUR))).isEqualTo(NOW + 2 * HOUR);
    }

    @Test
    void shouldBeginWhereTheProcessBeforeStoppedAndMakeUpForTheTimeBetween() {
        RetentionClock clock = new RetentionClock(NOW);
        long down = 3 * HOUR;
        assertThat(clock.read(NOW + down, nanos(0))).isEqualTo(NOW);
        assertThat(clock.read(NOW + down + HOUR, nanos(HOUR))).isEqualTo(NOW + 2 * HOUR);
        assertThat(clock.read(NOW + down + 3 * HOUR, nanos(3 * HOUR))).isEqualTo(NOW + 6 * HOUR);
        assertThat(clock.read(NOW + down + 9 * HOUR, nanos(9 * HOUR))).isEqualTo(NOW + 12 * HOUR);
    }

    @Test
    void shouldTakeAYearLongAgoForNoTime() {
        RetentionClock clock = new RetentionClock(RetentionClock.UNKNOWN);
        assertThat(clock.read(5, nanos(0))).isEqualTo(RetentionClock.NO_TIME);
        assertThat(clock.read(NOW, nanos(1))).isEqualTo(NOW);
    }

    @Test
    void shouldLoseNoTimeToRounding() {
        RetentionClock clock = new RetentionClock(NOW);
        long time = 0;
        for (int i = 0; i < 1000; i++) {
            time = clock.read(NOW + YEAR, 77 + i * 999_999L);
        }
        assertThat(time).isEqualTo(NOW + 2 * 998);
    }
}
