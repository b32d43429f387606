// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.storage.file.FileStore;
import io.varve.storage.file.FileStore.Mode;
import io.varve.storage.file.StoreFile;
import io.varve.storage.testkit.SimFs;
import io.varve.storage.testkit.SimFs.Operation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SimFsTest {
    private static final Path DIRECTORY = Path.of("/d");
    private static final Path FILE = DIRECTORY.resolve("a");

    private final SimFs files = new SimFs(1);

    @BeforeEach
    void aDirectory() throws Exception {
        files.createDirectories(DIRECTORY);
        files.forceDirectory(Path.of("/"));
    }

    private void write(Path path, String text, boolean durably) throws IOException {
        try (StoreFile file = files.open(path, Mode.REPLACE)) {
            file.writeFully(ByteBuffer.wrap(text.getBytes(java.nio.charset.StandardCharsets.US_ASCII)), 0);
            if (durably) {
                file.force();
                files.forceDirectory(DIRECTORY);
            }
        }
    }

    private String read(Path path) {
        return new String(files.contents(path), java.nio.charset.StandardCharsets.US_ASCII);
    }

    @Test
    void shouldBringAnOlderDiskBackAsOftenAsWanted() throws Exception {
        write(FILE, "old", false);
        SimFs.Snapshot snapshot = files.snapshot();
        for (int i = 0; i < 3; i++) {
            FileStore before = files.newProcess();
            write(FILE, "newer and longer", true);
            write(DIRECTORY.resolve("b"), "b", true);
            files.restore(snapshot);
            assertThatThrownBy(() -> before.exists(FILE)).hasMessageContaining("dead");
            assertThat(files.files().keySet()).containsExactly(FILE);
            assertThat(read(FILE)).isEqualTo("old");
            assertThat(files.usedBytes()).isEqualTo(3);
            files.losePower(); // what was brought back is durable
            assertThat(read(FILE)).isEqualTo("old");
        }
    }

    @Test
    void shouldNotChangeACopyWithTheOriginal() throws Exception {
        write(FILE, "old", true);
        SimFs copy = files.copy(2);
        write(FILE, "new", true);
        files.flipBit(FILE, 0);
        assertThat(copy.contents(FILE)).isEqualTo("old".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }

    @Test
    void shouldTakeNamesAlongThatAreNotDurableWhenTheirDirectoryIsRenamed() throws Exception {
        for (int seed = 0; seed < 20; seed++) {
            SimFs each = new SimFs(seed);
            Path inner = DIRECTORY.resolve("inner");
            each.createDirectories(inner);
            each.open(inner.resolve("x"), Mode.CREATE).close();
            each.rename(inner, DIRECTORY.resolve("gone"));
            each.createDirectories(inner);
            each.forceDirectory(DIRECTORY);
            each.forceDirectory(Path.of("/"));
            each.losePower();
            assertThat(each.list(inner)).isEmpty();
            assertThat(each.list(DIRECTORY)).containsExactly("gone", "inner");
        }
    }

    @Test
    void shouldFailAtTheGivenRateUntilFaultsAreCleared() throws Exception {
        files.failOneIn(Operation.WRITE, 4);
        int failed = 0;
        for (int i = 0; i < 400; i++) {
            try {
                write(FILE, "x", false);
            } catch (IOException e) {
                failed++;
            }
        }
        assertThat(failed).isBetween(60, 140);
        files.crash(); // the disk is what is broken
        files.failOneIn(Operation.READ, 1);
        assertThatThrownBy(() -> {
                    try (StoreFile file = files.open(FILE, Mode.READ)) {
                        file.read(ByteBuffer.allocate(1), 0);
                    }
                })
                .hasMessageContaining("Input/output error");
        files.clearFaults();
        for (int i = 0; i < 100; i++) {
            write(FILE, "x", true);
        }
    }

    @Test
    void shouldCountTheBytesOfFilesThatHaveAName() throws Exception {
        write(FILE, "12345", false);
        write(DIRECTORY.resolve("b"), "123", false);
        files.rename(DIRECTORY.resolve("b"), FILE);
        assertThat(files.usedBytes()).isEqualTo(3);
        StoreFile open = files.open(FILE, Mode.WRITE);
        files.delete(FILE);
        open.writeFully(ByteBuffer.allocate(1000), 0);
        assertThat(files.usedBytes()).isZero();
        files.setCapacityBytes(2);
        assertThat(files.freeBytes(DIRECTORY)).isEqualTo(2);
        assertThatThrownBy(() -> write(FILE, "123", false)).hasMessageContaining("No space left");
    }
}
