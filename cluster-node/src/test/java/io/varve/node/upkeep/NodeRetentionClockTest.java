// SPDX-License-Identifier: Apache-2.0
package io.varve.node.upkeep;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.storage.file.RealFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeRetentionClockTest {

    private static final long NOW = Instant.parse("2026-03-01T00:00:00Z").toEpochMilli();
    private static final long DAY = Duration.ofDays(1).toMillis();

    @TempDir
    private Path directory;

    private long wall = NOW;

    private NodeRetentionClock process() {
        return new NodeRetentionClock(new RealFiles(), directory, () -> wall, () -> 5);
    }

    @Test
    void shouldBeginWhereTheProcessBeforeStopped() {
        assertThat(process().read()).isEqualTo(NOW);
        wall += 300 * DAY;
        assertThat(process().read()).isEqualTo(NOW);
    }

    @Test
    void shouldBelieveTheWallClockOnceWhenItsFileIsDamagedOrGone() throws IOException {
        process().read();
        wall += DAY;
        Path file = directory.resolve("retention-clock");
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 1] ^= 1;
        Files.write(file, bytes);
        assertThat(process().read()).isEqualTo(wall);
        wall += DAY;
        Files.delete(file);
        assertThat(process().read()).isEqualTo(wall);
    }
}
