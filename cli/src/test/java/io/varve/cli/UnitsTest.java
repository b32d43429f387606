// SPDX-License-Identifier: Apache-2.0
package io.varve.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnitsTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "17, 17",
        "1k, 1024",
        "1KiB, 1024",
        "64kib, 65536",
        "1KB, 1000",
        "1.5MiB, 1572864",
        "2GiB, 2147483648"
    })
    void shouldReadSizes(String text, long bytes) {
        assertThat(Units.bytes(text)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1000, 1000", "10k, 10000", "1m, 1000000", "2.5m, 2500000"})
    void shouldReadCounts(String text, long count) {
        assertThat(Units.count(text)).isEqualTo(count);
    }

    @ParameterizedTest
    @CsvSource({"500ms, 500", "30s, 30000", "5m, 300000", "1.5h, 5400000", "7d, 604800000"})
    void shouldReadDurations(String text, long millis) {
        assertThat(Units.duration(text)).isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "k", "-1", "1 parsec", "1.0001", "99999999999g"})
    void shouldRefuseWhatIsNoCount(String text) {
        assertThatThrownBy(() -> Units.count(text)).isInstanceOf(NumberFormatException.class);
    }

    @Test
    void shouldWriteSizesForPeople() {
        assertThat(Units.humanBytes(0)).isEqualTo("0B");
        assertThat(Units.humanBytes(1023)).isEqualTo("1023B");
        assertThat(Units.humanBytes(1536)).isEqualTo("1.5KiB");
        assertThat(Units.humanBytes(5L << 40)).isEqualTo("5.0TiB");
    }

    @Test
    void shouldWriteSpansInTheTwoLargestUnits() {
        assertThat(Units.span(0)).isEqualTo("0ms");
        assertThat(Units.span(999)).isEqualTo("999ms");
        assertThat(Units.span(41_400)).isEqualTo("41s");
        assertThat(Units.span(559_000)).isEqualTo("9m19s");
        assertThat(Units.span(7_200_000)).isEqualTo("2h");
        assertThat(Units.span(266_400_000)).isEqualTo("3d2h");
    }
}
