// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.cli.CommandFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordValuesTest {
    @TempDir
    private Path directory = Path.of("");

    @Test
    void shouldGiveTheLinesOfAFileAndThenBeginAgain() throws IOException {
        Path file = Files.writeString(directory.resolve("in"), "one\r\n\nlast");

        assertThat(RecordValues.countLines(file)).isEqualTo(3);
        try (RecordValues values = RecordValues.lines(file)) {
            assertThat(text(values)).isEqualTo("one\r");
            assertThat(text(values)).isEmpty();
            assertThat(text(values)).isEqualTo("last");
            assertThat(text(values)).isEqualTo("one\r");
        }
    }

    @Test
    void shouldSayWhichFileIsNotThere() {
        assertThatThrownBy(() -> RecordValues.countLines(directory.resolve("absent")))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("absent");
    }

    @Test
    void shouldMakeTheSameEventsEachTime() throws IOException {
        try (RecordValues one = RecordValues.events();
                RecordValues other = RecordValues.events()) {
            assertThat(text(one)).isEqualTo(text(other)).startsWith("{\"customer\":");
        }
    }

    private static String text(RecordValues values) throws IOException {
        return new String(values.next(), StandardCharsets.UTF_8);
    }
}
