// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import static io.varve.storage.Batches.at;
import static io.varve.storage.Batches.produced;
import static org.assertj.core.api.Assertions.assertThat;

import io.varve.storage.testkit.SimFs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Logs that are flushed together in the directory's journal, and what a power loss leaves of them. */
class JournalTest {
    private static final LogSettings SETTINGS = LogSettings.DEFAULT;
    private static final JournalSettings ALWAYS = new JournalSettings(1, 64 << 10, 16 << 10, 2);
    private static final Path FIRST_FILE = Directories.ROOT.resolve("journal/00.journal");
    private static final LogId OTHER = new LogId(new UUID(1, 2), 1);

    private final SimFs files = new SimFs(1);
    private DataDirectory directory;

    JournalTest() throws Exception {
        DataDirectory.format(files, Directories.ROOT, Directories.IDENTITY);
        directory = open();
    }

    @AfterEach
    void allChunksAreReleased() {
        assertThat(Chunk.openCount()).isZero();
    }

    private DataDirectory open() throws Exception {
        return Directories.open(files.newProcess(), Directories.ROOT, SETTINGS, IoPool.of(Runnable::run), ALWAYS);
    }

    private PartitionLog log(LogId id) throws Exception {
        return directory.create(id, SETTINGS);
    }

    private void append(LogId id, int epoch, String... values) throws Exception {
        for (String value : values) {
            PartitionLog log = log(id);
            assertThat(log.stage(at(log.stagedEndOffset(), epoch, produced(1, value))))
                    .isTrue();
        }
    }

    private void losePower() throws Exception {
        files.losePower();
        directory = open();
    }

    private List<String> values(LogId id) throws Exception {
        return Batches.readAll(log(id), 1000);
    }

    @Test
    void shouldHaveAfterAPowerLossWhatWasFlushedForSeveralLogsAtOnce() throws Exception {
        append(Directories.LOG, 1, "a", "b");
        append(OTHER, 1, "c");
        append(Directories.LOG, 2, "d");
        assertThat(log(Directories.LOG).flushedEndOffset()).isEqualTo(3);
        assertThat(files.contents(FIRST_FILE)).isNotEmpty();

        losePower();

        assertThat(values(Directories.LOG)).containsExactly("0:a", "1:b", "2:d");
        assertThat(values(OTHER)).containsExactly("0:c");
        assertThat(files.exists(FIRST_FILE)).isFalse(); // every log has it in its own file now
    }

    @Test
    void shouldHaveWhatWasFlushedWhenTheFileOfEpochsIsLostAsWell() throws Exception {
        append(Directories.LOG, 1, "a");
        append(Directories.LOG, 2, "b");
        files.losePower();
        files.flipBit(Directories.ROOT.resolve("epochs"), 3);
        directory = open();

        assertThat(values(Directories.LOG)).containsExactly("0:a", "1:b");
        assertThat(log(Directories.LOG).epochChain()).containsExactly(new EpochEntry(1, 0), new EpochEntry(2, 1));
    }

    @Test
    void shouldNotBringBackWhatWasTruncated() throws Exception {
        append(Directories.LOG, 1, "a", "b", "c");
        log(Directories.LOG).truncateTo(1).join();
        losePower();
        assertThat(values(Directories.LOG)).containsExactly("0:a");

        append(Directories.LOG, 1, "b", "c");
        log(Directories.LOG).truncateTo(1).join();
        append(Directories.LOG, 2, "x");
        losePower();
        assertThat(values(Directories.LOG)).containsExactly("0:a", "1:x");
    }

    @Test
    void shouldNotBringBackAnythingIntoALogThatBeginsAnew() throws Exception {
        append(Directories.LOG, 1, "a", "b");
        log(Directories.LOG).resetTo(0).join();
        losePower();
        assertThat(log(Directories.LOG).writtenEndOffset()).isZero();

        append(OTHER, 1, "a", "b");
        directory.delete(OTHER);
        append(OTHER, 3, "x");
        losePower();
        assertThat(values(OTHER)).containsExactly("0:x");
    }

    @Test
    void shouldUseItsFilesAgain() throws Exception {
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            append(i % 2 == 0 ? Directories.LOG : OTHER, 1, "v" + i);
            expected.add("%d:v%d".formatted(i / 2, i));
        }
        assertThat(files.list(Directories.ROOT.resolve("journal"))).hasSize(2);

        losePower();

        List<String> all = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            all.add(values(Directories.LOG).get(i));
            all.add(values(OTHER).get(i));
        }
        assertThat(all).isEqualTo(expected);
    }

    @Test
    void shouldReportEveryLogAsDamagedWhenAGroupThatWasNeededIsLost() throws Exception {
        append(Directories.LOG, 1, "a", "b", "c");
        append(OTHER, 1, "d");
        files.losePower();
        files.flipBit(FIRST_FILE, (4096 + 20) * 8L); // the second group's header
        directory = open();

        assertThat(log(Directories.LOG).damage()).isPresent();
        assertThat(log(OTHER).damage()).isPresent();
    }

    @Test
    void shouldReportALogWhoseFlushedBatchIsDamagedInTheJournal() throws Exception {
        append(Directories.LOG, 1, "a", "b");
        append(OTHER, 1, "c");
        files.losePower();
        files.flipBit(FIRST_FILE, (4096 + 40 + 40 + 65) * 8L); // a record of the second group
        directory = open();

        assertThat(log(Directories.LOG).damage()).map(Damage::offset).contains(1L);
        assertThat(log(OTHER).damage()).isEmpty();
        assertThat(values(OTHER)).containsExactly("0:c");
    }

    @Test
    void shouldFlushItsOwnFileWhenTheJournalHasNoRoom() throws Exception {
        append(Directories.LOG, 1, "a");
        files.setCapacityBytes(files.usedBytes() + 200); // enough for the batch, not for a block of the journal
        append(Directories.LOG, 1, "b");
        assertThat(log(Directories.LOG).flushedEndOffset()).isEqualTo(2);

        losePower();

        assertThat(values(Directories.LOG)).containsExactly("0:a", "1:b");
    }
}
