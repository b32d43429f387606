// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import static io.varve.storage.Batches.at;
import static io.varve.storage.Batches.produced;
import static io.varve.storage.Directories.retain;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.storage.testkit.SimFs;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RetentionTest {
    private static final long MILLI = 1_000_000;

    /** Two records of 70 bytes each per segment. */
    private static final LogSettings SETTINGS = LogSettings.DEFAULT.withSegmentSizeBytes(150);

    private static final long NOTHING_ELSE = LogSettings.UNLIMITED;

    private final SimFs files = new SimFs(1);
    private DataDirectory directory;
    private PartitionLog log;

    @BeforeEach
    void tenRecords() throws Exception {
        directory = Directories.format(files, Directories.ROOT, SETTINGS);
        log = directory.create(Directories.LOG, SETTINGS);
        for (int i = 0; i < 10; i++) {
            log.stage(at(i, 1, produced(1000 + i, "v")));
        }
    }

    @Test
    void shouldDeleteOldestSegmentsWhileTheLogStaysAsLargeAsAsked() throws Exception {
        long segment = log.sizeBytes() / 5;
        log.configure(SETTINGS.withRetention(3 * segment, NOTHING_ELSE));
        assertThat(retain(log, 5000, 10)).isEqualTo(4);
        assertThat(log.sizeBytes()).isEqualTo(3 * segment);
        assertThat(retain(log, 5000, 10)).isEqualTo(4);
    }

    @Test
    void shouldServeNoBatchWhoseNewestRecordIsTooOldWhereverItsSegmentEnds() throws Exception {
        long record = log.sizeBytes() / 10;
        log.configure(SETTINGS.withRetention(NOTHING_ELSE, 100));
        assertThat(retain(log, 1103, 10)).isEqualTo(3); // 1002 is 101 old, 1003 is 100 old
        assertThat(Batches.readAll(log, 10)).startsWith("3:v").hasSize(7);
        assertThat(log.sizeBytes()).as("files go when all of their records did").isEqualTo(8 * record);
        assertThat(retain(log, 1104, 10)).isEqualTo(4);
        assertThat(log.sizeBytes()).isEqualTo(6 * record);
    }

    @Test
    void shouldMoveTheStartWithinTheSegmentThatIsWritten() throws Exception {
        log.configure(SETTINGS.withRetention(NOTHING_ELSE, 100));
        assertThat(retain(log, 1109, 10)).isEqualTo(9);
        log.stage(at(10, 1, produced(5000, "w")));
        assertThat(Batches.readAll(log, 10)).containsExactly("9:v", "10:w");
    }

    @Test
    void shouldStopAtTheFirstYoungBatchEvenIfOlderOnesFollow() throws Exception {
        log.stage(at(10, 1, produced(9000, "young")));
        log.stage(at(11, 1, produced(1, "old")));
        log.configure(SETTINGS.withRetention(NOTHING_ELSE, 100));
        assertThat(retain(log, 9050, 12)).isEqualTo(10);
    }

    @Test
    void shouldLetBatchesWithoutATimestampGoWithTheNextThatHasOne() throws Exception {
        log.stage(at(10, 1, produced(-1, "when?")));
        log.stage(at(11, 1, produced(1050, "then")));
        log.stage(at(12, 1, produced(-1, "when?")));
        log.configure(SETTINGS.withRetention(NOTHING_ELSE, 100));
        assertThat(retain(log, 1110, 13)).isEqualTo(10);
        assertThat(retain(log, 1151, 13)).isEqualTo(12);
        assertThat(retain(log, 9999, 13)).isEqualTo(12);
    }

    @Test
    void shouldDeleteEvenTheActiveSegmentWhenAllOfItIsTooOld() throws Exception {
        log.configure(SETTINGS.withRetention(NOTHING_ELSE, 100));
        assertThat(retain(log, 9999, 10)).isEqualTo(10);
        assertThat(log.sizeBytes()).isZero();
        log.stage(at(10, 1, produced(9999, "v")));
        assertThat(Batches.readAll(log, 10)).containsExactly("10:v");
    }

    @Test
    void shouldDropNothingAtOrAboveTheHighWatermark() throws Exception {
        log.configure(SETTINGS.withRetention(1, 1));
        assertThat(retain(log, 9999, 5)).isEqualTo(5);
        assertThat(retain(log, 9999, 3)).isEqualTo(5);
        log.configure(SETTINGS.withRetention(1, NOTHING_ELSE));
        assertThat(retain(log, 9999, 7)).isEqualTo(6); // whole segments
    }

    @Test
    void shouldKeepRecordsFromTheFuture() throws Exception {
        log.configure(SETTINGS.withRetention(NOTHING_ELSE, 1));
        assertThat(retain(log, 3, 10)).isZero();
    }

    @Test
    void shouldKeepItsStartAcrossACrashOnceItWasCheckpointed() throws Exception {
        log.configure(SETTINGS.withRetention(NOTHING_ELSE, 100));
        assertThat(retain(log, 1102, 10)).isEqualTo(2);
        assertThat(retain(log, 1103, 10)).as("within a segment").isEqualTo(3);
        assertThat(reopened().logStartOffset())
                .as("found again by the next pass")
                .isEqualTo(2);
        assertThat(log.advanceLogStart(3, 10).join()).isEqualTo(3);
        assertThat(reopened().logStartOffset()).isEqualTo(3);
    }

    @Test
    void shouldMakeItsStartDurableBeforeAReopeningRemovesSegments() throws Exception {
        log.configure(SETTINGS.withRetention(NOTHING_ELSE, 100));
        files.setCapacityBytes(files.usedBytes());
        directory.checkpoint(); // takes the ballast
        files.setCapacityBytes(files.usedBytes());
        assertThatThrownBy(() -> retain(log, 9999, 10)).hasMessageContaining("checkpoints");
        log.stage(at(10, 1, produced(9999, "no room")));
        assertThat(log.failure()).isPresent();
        files.setCapacityBytes(Long.MAX_VALUE);
        log.reopen().join();
        assertThat(log.logStartOffset()).isEqualTo(10);
        assertThat(reopened().damage()).isEmpty();
        assertThat(log.logStartOffset()).isEqualTo(10);
    }

    private PartitionLog reopened() throws Exception {
        files.losePower();
        directory = Directories.open(files.newProcess(), Directories.ROOT, SETTINGS);
        log = directory.find(Directories.LOG).orElseThrow();
        return log;
    }

    @Test
    void shouldRollASegmentThatWasSeenLongAgoWhateverTheWallClockSays() {
        Directories.Listener listener = new Directories.Listener();
        log.attach(listener);
        log.configure(SETTINGS.withSegmentAge(Duration.ofMillis(500)));
        log.tidy(-200 * MILLI).join();
        log.tidy(299 * MILLI).join();
        assertThat(listener.heard).isEmpty();
        log.tidy(300 * MILLI).join();
        assertThat(listener.heard).containsExactly("roll 10");
        log.tidy(9000 * MILLI).join();
        assertThat(listener.heard).as("an empty one is never old").hasSize(1);
    }
}
