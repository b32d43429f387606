// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

import static io.varve.replication.ReplicaHouse.append;
import static io.varve.replication.ReplicaHouse.get;
import static io.varve.replication.ReplicaHouse.lead;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.varve.replication.AppendResult.Appended;
import io.varve.replication.AppendResult.Indeterminate;
import io.varve.replication.AppendResult.Rejected;
import io.varve.storage.LogSettings;
import io.varve.storage.testkit.SimFs;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PartitionTest {
    private static final long TAIL = 1 << 20;

    @Test
    void shouldAppendInOrderAndReportWhereItStands() {
        try (ReplicaHouse house = new ReplicaHouse(TAIL)) {
            Partition partition = house.lead(0, 1);
            List<CompletableFuture<AppendResult>> results = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                results.add(append(partition, TestBatches.of(3)));
            }
            for (int i = 0; i < 100; i++) {
                assertThat(get(results.get(i))).isEqualTo(new Appended(i * 3L, AppendResult.NO_TIME, 0));
            }
            await().untilAsserted(() ->
                    assertThat(partition.status().positions().highWatermark()).isEqualTo(300));
            PartitionStatus status = partition.status();
            assertThat(status.state()).isEqualTo(PartitionStatus.State.LEADING);
            assertThat(status.isHealthy()).isTrue();
            assertThat(status.leaderEpoch()).isEqualTo(1);
            assertThat(status.positions().logEndOffset()).isEqualTo(300);
            assertThat(status.positions().flushedEndOffset()).isEqualTo(300);
        }
    }

    @Test
    void shouldRefuseAppendsUntilItLeads() {
        try (ReplicaHouse house = new ReplicaHouse(TAIL)) {
            Partition partition = house.open(0);
            assertRejected(get(append(partition, TestBatches.of(1))), RejectReason.NOT_LEADER_OR_FOLLOWER);
        }
    }

    @Test
    void shouldKnowItsProducersAfterACleanRestartAndAfterACrash() {
        SimFs files = new SimFs(1);
        try (ReplicaHouse house = house(files)) {
            Partition partition = house.lead(0, 1);
            get(append(partition, TestBatches.idempotent(5, 0, 0, 2)));
        }
        ReplicaHouse second = house(files);
        Partition partition = second.lead(0, 2);
        assertThat(get(append(partition, TestBatches.idempotent(5, 0, 0, 2))))
                .isEqualTo(new Appended(0, AppendResult.NO_TIME, 0));
        assertThat(get(append(partition, TestBatches.idempotent(5, 0, 2, 2))))
                .isEqualTo(new Appended(2, AppendResult.NO_TIME, 0));
        second.kill();
        try (ReplicaHouse third = house(files)) {
            Partition again = third.lead(0, 3);
            assertThat(get(append(again, TestBatches.idempotent(5, 0, 2, 2))))
                    .isEqualTo(new Appended(2, AppendResult.NO_TIME, 0));
            assertRejected(
                    get(append(again, TestBatches.idempotent(5, 0, 9, 2))), RejectReason.OUT_OF_ORDER_SEQUENCE_NUMBER);
            assertRejected(get(append(again, TestBatches.idempotent(6, 0, 9, 2))), RejectReason.UNKNOWN_PRODUCER_ID);
        }
    }

    @Test
    void shouldResignWhenAWriteFailsAndLeadAgainUnderANewEpochOnceReopened() {
        try (ReplicaHouse house = new ReplicaHouse(TAIL)) {
            Partition partition = house.lead(0, 1);
            get(append(partition, TestBatches.of(1)));
            CollectingReader collected = new CollectingReader();
            partition.read(new ReadRequest(0, 0, TAIL, 1 << 20), collected);
            house.files.setCapacityBytes(0);
            assertThat(get(append(partition, TestBatches.of(1))))
                    .isInstanceOfSatisfying(
                            Indeterminate.class,
                            result -> assertThat(result.reason()).isEqualTo(RejectReason.DISK_FULL));
            await().untilAsserted(() -> assertThat(house.events).isNotEmpty());
            assertThat(house.events).allSatisfy(event -> assertThat(event).startsWith("t-0 resigned 1 DISK_FULL"));
            await().untilAsserted(() -> assertThat(collected.ended()).isEqualTo(RejectReason.NOT_LEADER_OR_FOLLOWER));
            assertRejected(get(append(partition, TestBatches.of(1))), RejectReason.NOT_LEADER_OR_FOLLOWER);
            assertThat(partition.status().state()).isEqualTo(PartitionStatus.State.RESIGNED);
            house.files.setCapacityBytes(Long.MAX_VALUE);
            await().untilAsserted(() -> assertThat(house.events).contains("t-0 resigned 1 DISK_FULL reopened"));
            get(lead(partition, 2));
            assertThat(get(append(partition, TestBatches.of(1)))).isInstanceOf(Appended.class);
            assertThat(partition.status().isHealthy()).isTrue();
        }
    }

    @Test
    void shouldNotLeadAgainFromADiskThatFailed() { // P36
        try (ReplicaHouse house = new ReplicaHouse(TAIL)) {
            Partition partition = house.lead(0, 1);
            get(append(partition, TestBatches.of(1)));
            house.files.failAfter(SimFs.Operation.WRITE, 1);
            assertThat(get(append(partition, TestBatches.of(1))))
                    .isInstanceOfSatisfying(
                            Indeterminate.class,
                            result -> assertThat(result.reason()).isEqualTo(RejectReason.KAFKA_STORAGE_ERROR));
            await().untilAsserted(() -> assertThat(house.events).contains("t-0 resigned 1 KAFKA_STORAGE_ERROR"));
            assertThatThrownBy(() -> get(lead(partition, 2))).hasMessageContaining("offline");
            assertThat(house.events).noneSatisfy(event -> assertThat(event).contains("reopened"));
        }
    }

    @Test
    void shouldStopOnlyTheReplicaWhoseInvariantBroke() {
        try (ReplicaHouse house = new ReplicaHouse(TAIL)) {
            Partition broken = house.lead(0, 1);
            Partition healthy = house.lead(1, 1);
            CompletableFuture<AppendResult> waiting = append(broken, TestBatches.of(1));
            broken.read(new ReadRequest(0, 0, TAIL, 1 << 20), new ReadListener() {
                @Override
                public void onDelivery(Delivery delivery) {
                    delivery.batches().release();
                    throw new InvariantException("made up");
                }

                @Override
                public void onEnd(RejectReason reason, String message) {}
            });
            await().untilAsserted(() -> assertThat(broken.status().state()).isEqualTo(PartitionStatus.State.FAILED));
            get(waiting);
            assertThat(house.events).containsExactly("t-0 failed: made up", "t-0 resigned 1 KAFKA_STORAGE_ERROR");
            assertThat(broken.status().detail()).contains("made up");
            assertRejected(get(append(broken, TestBatches.of(1))), RejectReason.KAFKA_STORAGE_ERROR);
            assertThatThrownBy(() -> get(lead(broken, 2))).hasMessageContaining("made up");
            assertThat(get(append(healthy, TestBatches.of(1)))).isInstanceOf(Appended.class);
        }
    }

    @Test
    void shouldAnswerLateAppendsIndeterminateWhenTheDiskHangs() {
        AtomicLong nanos = new AtomicLong();
        LoopClock clock = new LoopClock() {
            @Override
            public long nanoTime() {
                return nanos.get();
            }

            @Override
            public long currentTimeMillis() {
                return 0;
            }
        };
        try (ReplicaHouse house = new ReplicaHouse(new SimFs(1), TAIL, LogSettings.DEFAULT, clock)) {
            Partition partition = house.lead(0, 1);
            get(append(partition, TestBatches.of(1)));
            house.stopDisk();
            CompletableFuture<AppendResult> late = new CompletableFuture<>();
            partition.append(new Append(TestBatches.of(1), Acks.ALL, 0, 1_000_000_000, late::complete));
            await().until(() -> partition.status().positions().logEndOffset() == 2);
            assertThat(late).isNotDone();
            nanos.set(1_000_000_000);
            assertThat(get(late))
                    .isInstanceOfSatisfying(
                            Indeterminate.class,
                            result -> assertThat(result.reason()).isEqualTo(RejectReason.REQUEST_TIMED_OUT));
        }
    }

    @Test
    void shouldAnswerEverythingThatArrivesAfterItsEnd() {
        ReplicaHouse house = new ReplicaHouse(TAIL);
        Partition partition = house.lead(0, 1);
        get(append(partition, TestBatches.of(1)));
        get(partition.close("the topic was deleted"));
        assertThat(get(append(partition, TestBatches.of(1))))
                .isInstanceOfSatisfying(
                        Rejected.class,
                        rejected -> assertThat(rejected.message()).contains("the topic was deleted"));
        house.close();
        assertThat(get(append(partition, TestBatches.of(1)))).isInstanceOf(Rejected.class);
        CollectingReader late = new CollectingReader();
        partition.read(new ReadRequest(0, 0, TAIL, 1 << 20), late);
        assertThat(late.ended()).isEqualTo(RejectReason.NETWORK_EXCEPTION);
        assertThat(get(partition.end())).isInstanceOf(OffsetAnswer.Refused.class);
    }

    @Test
    void shouldFindOffsetsByPositionAndTime() {
        try (ReplicaHouse house = new ReplicaHouse(TAIL)) {
            Partition partition = house.lead(0, 4);
            for (int i = 0; i < 10; i++) {
                get(append(partition, TestBatches.sized(2, 100, 1_000L * i)));
            }
            assertThat(get(partition.beginning())).isEqualTo(new OffsetAnswer.Found(0, -1, 4));
            assertThat(get(partition.end())).isEqualTo(new OffsetAnswer.Found(20, -1, 4));
            assertThat(get(partition.at(5_001))).isEqualTo(new OffsetAnswer.Found(11, 5_001, 4));
            assertThat(get(partition.at(99_000))).isEqualTo(new OffsetAnswer.Found(20, -1, 4));
        }
    }

    @Test
    void shouldDeleteByRetentionAndKeepProducersWhoseBatchesAreGone() {
        SimFs files = new SimFs(1);
        LogSettings small = LogSettings.DEFAULT.withSegmentSizeBytes(1024).withRetention(2048, LogSettings.UNLIMITED);
        try (ReplicaHouse house = new ReplicaHouse(files, TAIL, small, LoopClock.SYSTEM)) {
            Partition partition = house.lead(0, 1);
            get(append(partition, TestBatches.idempotent(5, 0, 0, 1)));
            for (int i = 0; i < 50; i++) {
                get(append(partition, TestBatches.of(5)));
            }
            assertThat(get(partition.maintain(System.currentTimeMillis()))).isGreaterThan(100);
        }
        try (ReplicaHouse house = new ReplicaHouse(files, TAIL, small, LoopClock.SYSTEM)) {
            Partition partition = house.lead(0, 2);
            AppendResult again = get(append(partition, TestBatches.idempotent(5, 0, 0, 1)));
            assertThat(again)
                    .isInstanceOfSatisfying(
                            Appended.class,
                            appended -> assertThat(appended.baseOffset()).isZero());
        }
    }

    @Test
    void shouldTrimToAnyOffsetAndNoFurtherThanWhatIsCommitted() {
        try (ReplicaHouse house = new ReplicaHouse(TAIL)) {
            Partition partition = house.lead(0, 1);
            for (int i = 0; i < 10; i++) {
                get(append(partition, TestBatches.of(3)));
            }
            assertThat(get(partition.trim(4))).isEqualTo(beginningAt(4));
            assertThat(get(partition.beginning())).isEqualTo(beginningAt(4));
            assertThat(get(partition.trim(2))).isEqualTo(beginningAt(4));
            assertThat(get(partition.trim(1000))).isEqualTo(beginningAt(30));
            get(append(partition, TestBatches.of(3)));
            assertThat(get(partition.trim(Partition.HIGH_WATERMARK))).isEqualTo(beginningAt(33));
            assertThat(partition.status().positions().sizeBytes()).isZero();
        }
    }

    private static OffsetAnswer beginningAt(long offset) {
        return new OffsetAnswer.Found(offset, OffsetAnswer.NO_TIMESTAMP, 1);
    }

    @Test
    void shouldNotTrimWhatItDoesNotLead() {
        try (ReplicaHouse house = new ReplicaHouse(TAIL)) {
            assertThat(get(house.open(0).trim(0)))
                    .isInstanceOfSatisfying(
                            OffsetAnswer.Refused.class,
                            refused -> assertThat(refused.reason()).isEqualTo(RejectReason.NOT_LEADER_OR_FOLLOWER));
        }
    }

    @Test
    void shouldKnowProducersAfterARestartAlthoughEverythingWasTrimmed() {
        SimFs files = new SimFs(1);
        try (ReplicaHouse house = house(files)) {
            Partition partition = house.lead(0, 1);
            get(append(partition, TestBatches.idempotent(5, 0, 0, 1)));
            get(append(partition, TestBatches.of(7)));
            get(partition.trim(Partition.HIGH_WATERMARK));
        }
        try (ReplicaHouse house = house(files)) {
            Partition partition = house.lead(0, 2);
            assertThat(get(partition.beginning())).isEqualTo(new OffsetAnswer.Found(8, OffsetAnswer.NO_TIMESTAMP, 2));
            AppendResult again = get(append(partition, TestBatches.idempotent(5, 0, 0, 1)));
            assertThat(again)
                    .isInstanceOfSatisfying(
                            Appended.class,
                            appended -> assertThat(appended.baseOffset()).isZero());
        }
    }

    private static ReplicaHouse house(SimFs files) {
        return new ReplicaHouse(files, TAIL, LogSettings.DEFAULT, LoopClock.SYSTEM);
    }

    private static void assertRejected(AppendResult result, RejectReason reason) {
        assertThat(result)
                .isInstanceOfSatisfying(
                        Rejected.class,
                        rejected -> assertThat(rejected.reason()).isEqualTo(reason));
    }
}
