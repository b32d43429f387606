// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import static io.varve.storage.Batches.at;
import static io.varve.storage.Batches.produced;
import static org.assertj.core.api.Assertions.assertThat;

import io.varve.storage.testkit.SimFs;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Logs that are written now and then, and housekeeping in between. */
class IdleLogTest {
    private static final LogSettings SETTINGS = LogSettings.DEFAULT.withIndexIntervalBytes(200);
    private static final Path SEGMENT = Directories.ROOT.resolve("logs/" + Directories.LOG + "/00000000000000000000");

    private final SimFs files = new SimFs(1);

    @AfterEach
    void allChunksAreReleased() {
        assertThat(Chunk.openCount()).isZero();
    }

    private static void append(PartitionLog log) {
        assertThat(log.stage(at(log.stagedEndOffset(), 1, produced(1, "value"))))
                .isTrue();
    }

    private PartitionLog logThatKeepsAnHour() throws Exception {
        LogSettings hour = SETTINGS.withRetention(LogSettings.UNLIMITED, 3_600_000);
        return Directories.format(files.newProcess(), Directories.ROOT, hour).create(Directories.LOG, hour);
    }

    private static void tidyTwice(PartitionLog log) {
        log.tidy(1).join();
        log.tidy(2).join();
    }

    @Test
    void shouldHoldNoFileOpenWhileNothingIsWritten() throws Exception {
        DataDirectory directory = Directories.format(files.newProcess(), Directories.ROOT, SETTINGS);
        PartitionLog log = directory.create(Directories.LOG, SETTINGS);
        int before = files.openFiles();
        append(log);
        assertThat(files.openFiles()).isEqualTo(before + 1);
        tidyTwice(log);
        assertThat(files.openFiles()).isEqualTo(before);
        append(log);
        assertThat(Batches.readAll(log, 1000)).containsExactly("0:value", "1:value");
    }

    @Test
    void shouldHoldNoFileOpenWhileRetentionLooksAtIt() throws Exception {
        PartitionLog log = logThatKeepsAnHour();
        int before = files.openFiles();
        append(log);
        long now = 3_600_001; // the batch is of 1, so it is just young enough
        for (int pass = 0; pass < 4; pass++) {
            assertThat(log.retentionStart(now, 1)).isZero();
            log.tidy(pass).join();
        }
        assertThat(files.openFiles()).isEqualTo(before);
    }

    @Test
    void shouldCloseAtOnceWhatOnlyUpkeepReads() throws Exception {
        PartitionLog log = logThatKeepsAnHour();
        int before = files.openFiles();
        append(log);
        log.roll().join();
        append(log);
        tidyTwice(log);

        assertThat(log.retentionStart(3_600_001, 2)).isZero();
        assertThat(files.openFiles()).isEqualTo(before);
        assertThat(log.scrub(0, 1000).bytes()).isPositive();
        assertThat(files.openFiles()).isEqualTo(before);
        log.replayBatches(0, 2, (header, at) -> {});
        assertThat(files.openFiles()).isEqualTo(before);

        assertThat(Batches.readAll(log, 1000)).containsExactly("0:value", "1:value");
        assertThat(files.openFiles()).isGreaterThan(before); // a reader comes again
    }

    @Test
    void shouldIndexALogThatIsIdleAfterEveryBatch() throws Exception {
        PartitionLog log = Directories.format(files.newProcess(), Directories.ROOT, SETTINGS)
                .create(Directories.LOG, SETTINGS);
        for (int i = 0; i < 30; i++) {
            append(log);
            tidyTwice(log);
        }
        long entries = files.contents(Path.of(SEGMENT + ".index")).length / 16;
        assertThat(entries).isGreaterThanOrEqualTo(log.sizeBytes() / 200 / 2);
    }

    @Test
    void shouldNotFlushEveryLogAgainAfterACleanStop() throws Exception {
        DataDirectory directory = Directories.format(files.newProcess(), Directories.ROOT, SETTINGS);
        for (int i = 0; i < 20; i++) {
            append(directory.create(new LogId(new UUID(1, 2), i), SETTINGS));
        }
        directory.close();
        SimFs crashed = files.copy(2);
        crashed.newProcess().delete(Directories.ROOT.resolve(".closed"));

        assertThat(opensWithFewFlushes(files)).isTrue();
        assertThat(opensWithFewFlushes(crashed)).isFalse();
    }

    private static boolean opensWithFewFlushes(SimFs disk) throws Exception {
        disk.failAfter(SimFs.Operation.FORCE, 15);
        try {
            DataDirectory opened = Directories.open(disk.newProcess(), Directories.ROOT, SETTINGS);
            disk.clearFaults();
            opened.close();
            return true;
        } catch (StorageException e) {
            return false;
        }
    }
}
