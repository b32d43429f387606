// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

import static io.varve.replication.ReplicaHouse.append;
import static io.varve.replication.ReplicaHouse.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.varve.storage.Durability;
import io.varve.storage.LogSettings;
import io.varve.storage.testkit.SimFs;
import org.junit.jupiter.api.Test;

class TimestampBoundsTest {
    private static final long HOUR = 3_600_000;

    @Test
    void shouldTakeWhatIsWithinTheBoundsAndWhatHasNoTimestamp() {
        TimestampBounds bounds = new TimestampBounds(50, 10);
        assertThat(bounds.problem(950, 1000)).isNull();
        assertThat(bounds.problem(1010, 1000)).isNull();
        assertThat(bounds.problem(-1, 1000)).isNull();
        assertThat(bounds.problem(949, 1000)).contains("51 ms behind", "message.timestamp.before.max.ms is 50");
        assertThat(bounds.problem(1011, 1000)).contains("11 ms ahead", "message.timestamp.after.max.ms is 10");
        assertThat(TimestampBounds.NONE.problem(Long.MAX_VALUE, 0)).isNull();
        assertThat(TimestampBounds.NONE.problem(0, Long.MAX_VALUE)).isNull();
    }

    @Test
    void shouldRefuseABatchOutsideForGoodUnlessTheLeaderStampsIt() {
        try (ReplicaHouse house = new ReplicaHouse(new SimFs(1), 1 << 20, LogSettings.DEFAULT, LoopClock.SYSTEM)) {
            Partition partition = house.lead(0, 1);
            partition.configure(settings(false));
            long now = System.currentTimeMillis();
            assertThat(get(append(partition, TestBatches.sized(1, 9, now + 2 * HOUR))))
                    .isInstanceOfSatisfying(AppendResult.Rejected.class, refused -> {
                        assertThat(refused.reason()).isEqualTo(RejectReason.INVALID_TIMESTAMP);
                        assertThat(refused.message()).contains("message.timestamp.after.max.ms is " + HOUR);
                    });
            assertThat(get(append(partition, TestBatches.sized(1, 9, now - 2 * HOUR))))
                    .isInstanceOf(AppendResult.Rejected.class);
            assertThat(get(append(partition, TestBatches.sized(1, 9, now)))).isInstanceOf(AppendResult.Appended.class);
            partition.configure(settings(true));
            assertThat(get(append(partition, TestBatches.sized(1, 9, now + 2 * HOUR))))
                    .isInstanceOf(AppendResult.Appended.class);
        }
    }

    private static ReplicaSettings settings(boolean logAppendTime) {
        return new ReplicaSettings(
                1,
                Durability.FLUSHED,
                logAppendTime,
                new TimestampBounds(HOUR, HOUR),
                1 << 20,
                ReplicaSettings.DEFAULT_STAGED_BYTES_MAX);
    }
}
