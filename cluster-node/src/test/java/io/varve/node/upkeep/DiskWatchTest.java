// SPDX-License-Identifier: Apache-2.0
package io.varve.node.upkeep;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.node.config.DiskConfig;
import io.varve.node.http.NodeHealth;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class DiskWatchTest {

    private final NodeHealth health = new NodeHealth();
    private final DiskWatch disk = new DiskWatch(new DiskConfig(2000, 800, Duration.ofSeconds(1)), health);

    @Test
    void shouldWarnBelowTheSoftAndRefuseBelowTheHardWatermark() {
        disk.update(1999);
        assertThat(disk.isFull()).isFalse();
        assertThat(health.warnings()).singleElement().extracting("reason").isEqualTo("DISK_NEARLY_FULL");

        disk.update(799);
        assertThat(disk.isFull()).isTrue();
        assertThat(disk.sentence()).contains("799").contains("800");
        assertThat(health.warnings()).singleElement().extracting("reason").isEqualTo("DISK_FULL");
        assertThat(health.isReady()).as("reads go on").isTrue();
    }

    @Test
    void shouldTakeAppendsAgainOnlyWithSomeRoomAboveTheHardWatermark() {
        disk.update(10);
        disk.update(899);
        assertThat(disk.isFull()).isTrue();

        disk.update(900);
        assertThat(disk.state()).isEqualTo(DiskWatch.State.SOFT);

        disk.update(2000);
        assertThat(disk.state()).isEqualTo(DiskWatch.State.OK);
        assertThat(health.warnings()).isEmpty();
    }
}
