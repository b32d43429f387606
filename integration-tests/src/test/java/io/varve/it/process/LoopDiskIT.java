// SPDX-License-Identifier: Apache-2.0
package io.varve.it.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The disk that the power loss tests stand on does lose what was not forced, and nothing else. */
class LoopDiskIT {
    @TempDir
    Path directory;

    @Test
    void shouldLoseWhatWasNotForcedAndKeepWhatWas() throws IOException {
        Optional<String> missing = LoopDisk.missing();
        assumeTrue(missing.isEmpty(), () -> "skipped: " + missing.orElse(""));
        try (LoopDisk disk = LoopDisk.create(directory, 32)) {
            Path file = disk.directory().resolve("file");
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileChannel parent = FileChannel.open(disk.directory())) {
                channel.write(ByteBuffer.allocate(10_000));
                channel.force(false);
                parent.force(true);
                channel.write(ByteBuffer.allocate(5_000));
            }
            Files.write(disk.directory().resolve("never-forced"), new byte[100]);

            disk.powerOff();
            assertThatThrownBy(() -> Files.write(disk.directory().resolve("late"), new byte[1]))
                    .isInstanceOf(IOException.class);
            disk.powerOn();

            assertThat(Files.size(file)).isEqualTo(10_000);
            assertThat(disk.directory().resolve("never-forced")).doesNotExist();
        }
    }
}
