// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import static io.varve.storage.Batches.at;
import static io.varve.storage.Batches.produced;
import static org.assertj.core.api.Assertions.assertThat;

import io.varve.storage.testkit.SimFs;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RetentionTest {
    /** Two records of 70 bytes each per segment. */
    private static final LogSettings SETTINGS = LogSettings.DEFAULT.withSegmentSizeBytes(150);

    private PartitionLog log;

    @BeforeEach
    void tenRecords() throws Exception {
        log = Directories.format(new SimFs(1), Directories.ROOT, SETTINGS).create(Directories.LOG, SETTINGS);
        for (int i = 0; i < 10; i++) {
            log.stage(at(i, 1, produced(1000 + i, "v")));
        }
    }

    @Test
    void shouldDeleteOldestSegmentsWhileTheLogStaysAsLargeAsAsked() {
        long segment = log.sizeBytes() / 5;
        log.configure(SETTINGS.withRetention(3 * segment, LogSettings.UNLIMITED));
        assertThat(log.applyRetention(5000, 10).join()).isEqualTo(4);
        assertThat(log.sizeBytes()).isEqualTo(3 * segment);
        assertThat(log.applyRetention(5000, 10).join()).isEqualTo(4);
    }

    @Test
    void shouldDeleteSegmentsWhoseNewestRecordIsTooOld() {
        log.configure(SETTINGS.withRetention(LogSettings.UNLIMITED, 100));
        assertThat(log.applyRetention(1103, 10).join()).isEqualTo(2); // 1001 is 102 old, 1003 is 100 old
        assertThat(log.applyRetention(1104, 10).join()).isEqualTo(4);
    }

    @Test
    void shouldRollAndDeleteEvenTheActiveSegmentWhenAllOfItIsTooOld() throws Exception {
        log.configure(SETTINGS.withRetention(LogSettings.UNLIMITED, 100));
        assertThat(log.applyRetention(9999, 10).join()).isEqualTo(10);
        assertThat(log.sizeBytes()).isZero();
        log.stage(at(10, 1, produced(9999, "v")));
        assertThat(Batches.readAll(log, 10)).containsExactly("10:v");
    }

    @Test
    void shouldDeleteNothingAtOrAboveTheHighWatermark() {
        log.configure(SETTINGS.withRetention(1, 1));
        assertThat(log.applyRetention(9999, 5).join()).isEqualTo(4);
        assertThat(log.applyRetention(9999, 3).join()).isEqualTo(4);
    }

    @Test
    void shouldKeepRecordsFromTheFuture() {
        log.configure(SETTINGS.withRetention(LogSettings.UNLIMITED, 1));
        assertThat(log.applyRetention(3, 10).join()).isZero();
    }

    @Test
    void shouldRollASegmentThatWasSeenLongAgo() {
        Directories.Listener listener = new Directories.Listener();
        log.attach(listener);
        log.configure(SETTINGS.withSegmentAge(Duration.ofMillis(500)));
        log.applyRetention(2000, 10).join();
        log.applyRetention(2499, 10).join();
        assertThat(listener.heard).isEmpty();
        log.applyRetention(2500, 10).join();
        assertThat(listener.heard).containsExactly("roll 10");
    }
}
