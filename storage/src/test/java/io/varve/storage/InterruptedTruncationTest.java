// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import static io.varve.storage.Batches.at;
import static io.varve.storage.Batches.produced;
import static org.assertj.core.api.Assertions.assertThat;

import io.varve.storage.testkit.SimFs;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A process dies in the middle of a truncation, the next one goes on with what it finds, then the power goes: names and sizes of before must not return. */
class InterruptedTruncationTest {
    private static final LogSettings SETTINGS = LogSettings.DEFAULT.withSegmentSizeBytes(300);

    @AfterEach
    void allChunksAreReleased() {
        assertThat(Chunk.openCount()).isZero();
    }

    private static PartitionLog open(SimFs files) throws Exception {
        return Directories.open(files.newProcess(), Directories.ROOT, SETTINGS).create(Directories.LOG, SETTINGS);
    }

    private static void append(PartitionLog log, int epoch, int count) {
        for (int i = 0; i < count; i++) {
            assertThat(log.stage(at(log.stagedEndOffset(), epoch, produced(1, "v" + i))))
                    .isTrue();
        }
    }

    @Test
    void shouldKeepWhatWasFoundAndWrittenAfterACrashInAnyOperation() throws Exception {
        for (int seed = 0; seed < 24; seed++) {
            int operations = 1;
            while (crashes(seed, operations)) {
                operations++;
            }
            assertThat(operations).isGreaterThan(6);
        }
    }

    private static boolean crashes(int seed, int operations) throws Exception {
        SimFs files = new SimFs(1000L * seed + operations);
        DataDirectory.format(files, Directories.ROOT, Directories.IDENTITY);
        PartitionLog log = open(files);
        append(log, 1, 12);
        files.crashAfter(operations, false);
        log.truncateTo(3 + seed % 6).handle((end, failure) -> failure).join();
        boolean died = files.process() > 0;
        files.crash();
        log = open(files);
        if (seed % 2 == 0) {
            append(log, 2, 2);
        } else {
            log.roll().join();
        }
        List<String> all = Batches.readAll(log, 1000);
        files.losePower();
        log = open(files);
        String where = "seed " + seed + ", operation " + operations;
        assertThat(log.damage()).as(where).isEmpty();
        assertThat(Batches.readAll(log, 1000)).as(where).isEqualTo(all);
        return died;
    }
}
