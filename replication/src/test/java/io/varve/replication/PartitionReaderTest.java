// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

import static io.varve.replication.ReplicaHouse.append;
import static io.varve.replication.ReplicaHouse.follow;
import static io.varve.replication.ReplicaHouse.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.varve.storage.LogSettings;
import io.varve.storage.testkit.SimFs;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class PartitionReaderTest {
    private static final int WINDOW = 1 << 20;
    private static final long MUCH = 1L << 40;

    @Test
    void shouldTellTheNumbersAtOnceWhenThereIsNothingToRead() {
        try (ReplicaHouse house = new ReplicaHouse(WINDOW)) {
            CollectingReader reader = read(house.lead(0, 1), 0, MUCH, WINDOW);
            await().until(() -> reader.deliveries() == 1);
            assertThat(reader.batches()).isZero();
        }
    }

    @Test
    void shouldDeliverFromTheTailWithoutTouchingTheDisk() {
        try (ReplicaHouse house = new ReplicaHouse(WINDOW)) {
            Partition partition = house.lead(0, 1);
            get(append(partition, TestBatches.of(2)));
            house.files.failAfter(SimFs.Operation.READ, 1);
            CollectingReader reader = read(partition, 0, MUCH, WINDOW);
            get(append(partition, TestBatches.of(2)));
            await().until(() -> reader.nextOffset() == 4);
        }
    }

    @Test
    void shouldReadFromTheFilesWhatTheTailNoLongerHas() {
        try (ReplicaHouse house = new ReplicaHouse(0)) {
            Partition partition = house.lead(0, 1);
            for (int i = 0; i < 200; i++) {
                get(append(partition, TestBatches.sized(3, 400, 0)));
            }
            CollectingReader reader = read(partition, 0, MUCH, WINDOW);
            await().until(() -> reader.nextOffset() == 600);
            CollectingReader inside = read(partition, 301, MUCH, WINDOW); // in the middle of a batch
            await().until(() -> inside.nextOffset() == 600);
            assertThat(inside.batches()).isEqualTo(100);
        }
    }

    @Test
    void shouldNeitherRepeatNorLeaveOutABatchBetweenFilesAndTail() {
        for (long seed = 1; seed <= 10; seed++) {
            Random random = new Random(seed);
            long tailBytes = random.nextInt(20_000);
            LogSettings settings = LogSettings.DEFAULT.withSegmentSizeBytes(8 << 10);
            try (ReplicaHouse house = new ReplicaHouse(new SimFs(seed), tailBytes, settings, LoopClock.SYSTEM)) {
                Partition partition = house.lead(0, 1);
                CollectingReader collected = new CollectingReader();
                PartitionReader reader =
                        partition.read(new ReadRequest(0, 0, 1 + random.nextInt(5_000), 4_000), collected);
                CompletableFuture<AppendResult> last = CompletableFuture.completedFuture(null);
                int batches = 400;
                for (int i = 0; i < batches; i++) {
                    last = append(partition, TestBatches.sized(2, 1 + random.nextInt(300), 0));
                    if (random.nextInt(5) == 0) {
                        get(last);
                    }
                    reader.addCredit(1 + random.nextInt(600));
                    reader.consumed(collected.takeUnconsumed());
                }
                get(last);
                reader.addCredit(MUCH);
                await("seed " + seed).pollInterval(Duration.ofMillis(2)).until(() -> {
                    reader.consumed(collected.takeUnconsumed());
                    return collected.nextOffset() == batches * 2L;
                });
                assertThat(collected.batches()).as("seed %d", seed).isEqualTo(batches);
                assertThat(collected.ended()).isNull();
            }
        }
    }

    @Test
    void shouldDeliverNoMoreThanCreditAndWindowAllow() {
        try (ReplicaHouse house = new ReplicaHouse(WINDOW)) {
            Partition partition = house.lead(0, 1);
            for (int i = 0; i < 20; i++) {
                get(append(partition, TestBatches.sized(1, 1_000, 0)));
            }
            CollectingReader poor = new CollectingReader();
            PartitionReader reader = partition.read(new ReadRequest(0, 0, 0, WINDOW), poor);
            get(partition.end()); // a turn of the loop after the reader was added
            assertThat(poor.batches()).isZero();
            reader.addCredit(1); // the least: one whole batch
            await().until(() -> poor.batches() == 1);
            get(partition.end());
            assertThat(poor.batches()).isEqualTo(1);

            CollectingReader slow = new CollectingReader();
            PartitionReader windowed = partition.read(new ReadRequest(0, 0, MUCH, 3_000), slow);
            await().until(() -> slow.batches() > 0);
            get(partition.end());
            assertThat(slow.bytes()).isLessThan(3_000 + 1_200);
            long before = slow.bytes();
            windowed.consumed(slow.takeUnconsumed());
            await().until(() -> slow.bytes() > before);
        }
    }

    @Test
    void shouldSayTheRangeWhenAnOffsetIsOutsideOfIt() {
        try (ReplicaHouse house = new ReplicaHouse(WINDOW)) {
            Partition partition = house.lead(0, 1);
            get(append(partition, TestBatches.of(5)));
            CollectingReader reader = read(partition, 6, MUCH, WINDOW);
            await().until(() -> reader.ended() == RejectReason.OFFSET_OUT_OF_RANGE);
            assertThat(reader.endMessage()).contains("offset 6").contains("0 to 5");
        }
    }

    @Test
    void shouldEndWhenRetentionOvertakesTheReader() {
        LogSettings small = LogSettings.DEFAULT.withSegmentSizeBytes(1024).withRetention(1024, LogSettings.UNLIMITED);
        try (ReplicaHouse house = new ReplicaHouse(new SimFs(1), 0, small, LoopClock.SYSTEM)) {
            Partition partition = house.lead(0, 1);
            for (int i = 0; i < 20; i++) {
                get(append(partition, TestBatches.sized(1, 500, 0)));
            }
            CollectingReader collected = new CollectingReader();
            PartitionReader reader = partition.read(new ReadRequest(0, 0, 0, WINDOW), collected);
            assertThat(get(partition.maintain(System.currentTimeMillis()))).isGreaterThan(5);
            reader.addCredit(MUCH);
            await().until(() -> collected.ended() == RejectReason.OFFSET_OUT_OF_RANGE);
        }
    }

    @Test
    void shouldRefuseReadersOfAnotherEpochAndEndThemWhenLeadershipGoes() {
        try (ReplicaHouse house = new ReplicaHouse(WINDOW)) {
            Partition partition = house.lead(0, 3);
            CollectingReader old = new CollectingReader();
            partition.read(new ReadRequest(0, 2, MUCH, WINDOW), old);
            await().until(() -> old.ended() == RejectReason.FENCED_LEADER_EPOCH);
            CollectingReader ahead = new CollectingReader();
            partition.read(new ReadRequest(0, 4, MUCH, WINDOW), ahead);
            await().until(() -> ahead.ended() == RejectReason.UNKNOWN_LEADER_EPOCH);
            CollectingReader current = new CollectingReader();
            partition.read(new ReadRequest(0, 3, MUCH, WINDOW), current);
            get(follow(partition, 9));
            await().until(() -> current.ended() == RejectReason.NOT_LEADER_OR_FOLLOWER);
            assertThat(current.endMessage()).contains("node 2 leads");
        }
    }

    @Test
    void shouldTellDamageAndNeverDeliverIt() {
        try (ReplicaHouse house = new ReplicaHouse(0)) {
            Partition partition = house.lead(0, 1);
            get(append(partition, TestBatches.sized(1, 1_000, 0)));
            var log = house.files.files().keySet().stream()
                    .filter(path -> path.toString().endsWith(".log"))
                    .findFirst()
                    .orElseThrow();
            house.files.flipBit(log, 8 * 500);
            CollectingReader reader = read(partition, 0, MUCH, WINDOW);
            await().until(() -> reader.ended() == RejectReason.CORRUPT_MESSAGE);
            assertThat(reader.batches()).isZero();
        }
    }

    private static CollectingReader read(Partition partition, long offset, long credit, int window) {
        CollectingReader collected = new CollectingReader();
        partition.read(new ReadRequest(offset, 0, credit, window), collected);
        return collected;
    }
}
