// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.storage.file.FileStore;
import io.varve.storage.file.FileStore.Mode;
import io.varve.storage.file.StoreFile;
import io.varve.storage.testkit.SimFs;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PlannedCrashTest {
    private static final Path DIRECTORY = Path.of("/d");
    private static final Path FILE = DIRECTORY.resolve("a");

    private static void work(FileStore process) throws IOException {
        process.createDirectories(DIRECTORY); // 1
        process.forceDirectory(Path.of("/")); // 2
        try (StoreFile file = process.open(FILE, Mode.CREATE)) { // 3
            process.forceDirectory(DIRECTORY); // 4
            file.writeFully(ByteBuffer.wrap(new byte[2000]), 0); // 5
            file.force(); // 6
            file.truncate(1000); // 7
        }
        process.rename(FILE, DIRECTORY.resolve("b")); // 8
        process.delete(DIRECTORY.resolve("b")); // 9
    }

    @Test
    void shouldDieInTheGivenOperationAndNowhereElse() throws Exception {
        for (int operations = 1; operations <= 10; operations++) {
            SimFs files = new SimFs(operations);
            List<Integer> deaths = new ArrayList<>();
            files.onDeath(() -> deaths.add(files.process()));
            files.crashAfter(operations, operations % 2 == 0);
            FileStore process = files.newProcess();
            if (operations == 10) {
                work(process);
                assertThat(files.crashPlanned()).isTrue();
                assertThat(deaths).isEmpty();
            } else {
                assertThatThrownBy(() -> work(process))
                        .as("operation %d", operations)
                        .isInstanceOf(IOException.class);
                assertThat(deaths).hasSize(1).doesNotContain(0);
                assertThatThrownBy(() -> process.exists(FILE)).hasMessageContaining("dead");
                assertThat(files.crashPlanned()).isFalse();
            }
        }
    }

    @Test
    void shouldLeaveAPartOfTheWriteItDiedIn() throws Exception {
        Map<Integer, Integer> sizes = new TreeMap<>();
        for (int seed = 0; seed < 50; seed++) {
            SimFs files = new SimFs(seed);
            files.crashAfter(5, false);
            assertThatThrownBy(() -> work(files.newProcess())).isInstanceOf(IOException.class);
            sizes.merge(files.contents(FILE).length, 1, Integer::sum);
        }
        assertThat(sizes).hasSizeGreaterThan(10);
    }

    @Test
    void shouldKeepWhatWasForcedWhenItDiesWithThePower() throws Exception {
        for (int seed = 0; seed < 20; seed++) {
            SimFs files = new SimFs(seed);
            files.crashAfter(7, true);
            assertThatThrownBy(() -> work(files.newProcess())).isInstanceOf(IOException.class);
            assertThat(files.contents(FILE).length).isBetween(1000, 2000);
        }
    }

    @Test
    void shouldDoTheSameAgainFromTheSameSeed() throws Exception {
        for (int seed = 0; seed < 20; seed++) {
            List<String> left = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                SimFs files = new SimFs(seed);
                files.crashAfter(1 + seed % 9, true);
                assertThatThrownBy(() -> work(files.newProcess())).isInstanceOf(IOException.class);
                StringBuilder all = new StringBuilder();
                files.files()
                        .forEach((path, bytes) -> all.append(path)
                                .append(bytes.length)
                                .append('/')
                                .append(java.util.Arrays.hashCode(bytes)));
                left.add(all.toString());
            }
            assertThat(left.get(0)).isEqualTo(left.get(1));
        }
    }
}
