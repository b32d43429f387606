// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.records;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PositionTest {
    private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");

    @Test
    void shouldReadWordsAndOffsets() {
        assertThat(Position.parse("beginning", NOW)).isEqualTo(new Position.Beginning());
        assertThat(Position.parse("End", NOW)).isEqualTo(new Position.End());
        assertThat(Position.parse("0", NOW)).isEqualTo(new Position.Offset(0));
        assertThat(Position.parse("401110", NOW)).isEqualTo(new Position.Offset(401_110));
    }

    @ParameterizedTest
    @CsvSource({
        "@2026-11-19T08:30:00Z, 2026-11-19T08:30:00Z",
        "@2026-11-19T08:30:00.25Z, 2026-11-19T08:30:00.250Z",
        "@2026-11-19T08:30:00+02:00, 2026-11-19T06:30:00Z",
        "@2026-11-19T08:30:00-05:00, 2026-11-19T13:30:00Z",
        "@2026-11-19T08:30, 2026-11-19T08:30:00Z",
        "@2026-11-19T08:30Z, 2026-11-19T08:30:00Z",
        "@2026-11-19, 2026-11-19T00:00:00Z",
        "@1795166045113, 2026-11-20T09:14:05.113Z",
        "@1795166045, 2026-11-20T09:14:05Z",
        "@now, 2026-11-20T12:00:00Z",
    })
    void shouldReadTimes(String text, Instant time) {
        assertThat(Position.parse(text, NOW)).isEqualTo(new Position.Time(time));
    }

    @Test
    void shouldCountBackFromNow() {
        assertThat(Position.parse("@-1h", NOW)).isEqualTo(new Position.Time(NOW.minus(Duration.ofHours(1))));
        assertThat(Position.parse("@-7d", NOW)).isEqualTo(new Position.Time(NOW.minus(Duration.ofDays(7))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "yesterday", "@", "@-", "@-1parsec", "@2026-13-01", "@noon", "1e6", "@12"})
    void shouldRefuseWhatIsNoPosition(String text) {
        assertThatThrownBy(() -> Position.parse(text, NOW))
                .isInstanceOf(InvalidFormatException.class)
                .hasMessageStartingWith("'" + text + "' is not a position");
    }
}
