// SPDX-License-Identifier: Apache-2.0
package io.varve.node.upkeep;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.node.config.DiskConfig;
import io.varve.node.http.NodeHealth;
import io.varve.storage.StorageException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DiskWatchTest {

    private final NodeHealth health = new NodeHealth();
    private final List<Optional<String>> told = new ArrayList<>();
    private final DiskWatch disk = new DiskWatch(
            new DiskConfig(2000, 800, Duration.ofSeconds(1)), 7, Path.of("/var/lib/varve"), health, told::add);

    @Test
    void shouldWarnBelowTheSoftAndRefuseBelowTheHardWatermark() {
        disk.update(1999);
        assertThat(disk.refusal()).isNull();
        assertThat(health.warnings()).singleElement().extracting("reason").isEqualTo("DISK_NEARLY_FULL");

        disk.update(799);
        assertThat(health.warnings()).singleElement().extracting("reason").isEqualTo("DISK_FULL");
        assertThat(health.isReady()).as("reads go on").isTrue();
    }

    @Test
    void shouldNameNodeDirectoryAndBytesToWhomItRefuses() {
        disk.update(799);

        assertThat(disk.refusal())
                .isEqualTo("node 7: the disk of /var/lib/varve has 799 bytes free,"
                        + " less than disk.watermark.hard.bytes (800)");
        disk.update(100);
        assertThat(disk.refusal()).contains(" 100 bytes free");
    }

    @Test
    void shouldTakeAppendsAgainOnlyWithSomeRoomAboveTheHardWatermark() {
        disk.update(10);
        disk.update(899);
        assertThat(disk.refusal()).isNotNull();

        disk.update(900);
        assertThat(disk.now().state()).isEqualTo(DiskWatch.State.SOFT);

        disk.update(2000);
        assertThat(disk.now().state()).isEqualTo(DiskWatch.State.OK);
        assertThat(health.warnings()).isEmpty();
    }

    @Test
    void shouldTellReplicasOnceThatNothingMoreIsTakenAndOnceThatItIs() {
        disk.update(799);
        disk.update(700);
        assertThat(told)
                .singleElement()
                .isEqualTo(Optional.of(health.warnings().get(0).message().replace("700", "799")));

        disk.update(5000);
        assertThat(told).hasSize(2).endsWith(Optional.<String>empty());
    }

    @Test
    void shouldSlowProducersDownTheMoreTheLessIsLeft() {
        disk.update(2000);
        assertThat(disk.throttleMillis()).isZero();
        disk.update(1700);
        assertThat(disk.throttleMillis()).isEqualTo(250);
        disk.update(1100);
        assertThat(disk.throttleMillis()).isEqualTo(750);
        disk.update(800);
        assertThat(disk.throttleMillis()).isEqualTo(1000);
        disk.update(1);
        assertThat(disk.throttleMillis()).isEqualTo(1000);
    }

    @Test
    void shouldStayOfflineOnceAWriteFailedHoweverMuchIsFree() {
        disk.failed(new StorageException(StorageException.Kind.IO, "log a-0: write at 5 failed: Input/output error"));
        disk.update(5000);

        assertThat(disk.now().state()).isEqualTo(DiskWatch.State.OFFLINE);
        assertThat(disk.now().message()).contains("node 7", "/var/lib/varve", "write at 5", "Input/output error");
        assertThat(health.isAlive()).as("only a restart can help").isFalse();
        assertThat(health.problems()).singleElement().extracting("reason").isEqualTo("KAFKA_STORAGE_ERROR");
    }
}
