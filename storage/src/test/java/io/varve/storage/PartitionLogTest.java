// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import static io.varve.storage.Batches.at;
import static io.varve.storage.Batches.produced;
import static io.varve.storage.Batches.readAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.varve.storage.StorageException.Kind;
import io.varve.storage.file.RealFiles;
import io.varve.storage.testkit.SimFs;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartitionLogTest {
    private static final LogSettings SMALL =
            LogSettings.DEFAULT.withSegmentSizeBytes(600).withIndexIntervalBytes(100);

    private final SimFs files = new SimFs(1);

    @AfterEach
    void allChunksAreReleased() {
        assertThat(Chunk.openCount()).isZero();
    }

    @Test
    void shouldGiveBackWhatWasAppendedOnARealDisk(@TempDir Path directory) throws Exception {
        Path root = directory.resolve("d");
        RealFiles real = new RealFiles();
        List<String> expected = new ArrayList<>();
        try (DataDirectory opened = Directories.format(real, root, SMALL)) {
            PartitionLog log = opened.create(Directories.LOG, SMALL);
            append(log, 100, expected);
            assertThat(readAll(log, 1)).isEqualTo(expected);
            assertThat(readAll(log, 1000)).isEqualTo(expected);
        }
        try (DataDirectory opened = Directories.open(real, root, SMALL)) {
            PartitionLog log = opened.find(Directories.LOG).orElseThrow();
            assertThat(log.flushedEndOffset()).isEqualTo(200);
            append(log, 10, expected);
            assertThat(readAll(log, 300)).isEqualTo(expected);
        }
    }

    private static void append(PartitionLog log, int batches, List<String> expected) {
        for (int i = 0; i < batches; i++) {
            long base = log.stagedEndOffset();
            String value = "v".repeat((int) (base % 40)) + base;
            log.stage(at(base, 1, produced(1000 + base, value, value + "b")));
            expected.add(base + ":" + value);
            expected.add(base + 1 + ":" + value + "b");
        }
    }

    @Test
    void shouldReportFlushedProgressOnceAGroup() throws Exception {
        List<Runnable> tasks = new ArrayList<>();
        DataDirectory.format(files, Directories.ROOT, Directories.IDENTITY);
        DataDirectory opened = Directories.open(files, Directories.ROOT, SMALL, IoPool.of(tasks::add));
        PartitionLog log = opened.create(Directories.LOG, LogSettings.DEFAULT);
        Directories.Listener listener = new Directories.Listener();
        log.attach(listener);
        for (int i = 0; i < 5; i++) {
            log.stage(at(i, 1, produced(1, "a")));
        }
        assertThat(tasks).hasSize(1); // one task per log at a time
        assertThat(log.stagedBytes()).isPositive();
        tasks.remove(0).run();
        assertThat(listener.heard).containsExactly("progress 5 5");
        assertThat(log.stagedBytes()).isZero();
    }

    @Test
    void shouldNotFlushWrittenLogsUntilAskedOrRolled() throws Exception {
        LogSettings written = LogSettings.DEFAULT.withDurability(Durability.WRITTEN);
        PartitionLog log = Directories.format(files, Directories.ROOT, written).create(Directories.LOG, written);
        Directories.Listener listener = new Directories.Listener();
        log.attach(listener);
        log.stage(at(0, 1, produced(1, "a")));
        assertThat(listener.heard).containsExactly("progress 1 0");
        log.flush().join();
        assertThat(listener.heard).containsExactly("progress 1 0", "progress 1 1");
        log.stage(at(1, 1, produced(1, "b")));
        log.roll().join();
        assertThat(log.flushedEndOffset()).isEqualTo(2);
        assertThat(listener.heard).endsWith("progress 2 1", "roll 2");
    }

    @Test
    void shouldRefuseWhatDoesNotFollow() throws Exception {
        PartitionLog log = Directories.format(files, Directories.ROOT, SMALL).create(Directories.LOG, SMALL);
        log.stage(at(0, 3, produced(1, "a", "b")));
        Chunk gap = at(3, 3, produced(1, "c"));
        assertThatThrownBy(() -> log.stage(gap)).isInstanceOf(IllegalStateException.class);
        gap.release();
        Chunk stale = at(2, 2, produced(1, "c"));
        assertThatThrownBy(() -> log.stage(stale)).isInstanceOf(IllegalStateException.class);
        stale.release();
        assertThatThrownBy(() -> log.read(3, 10, 10, PooledByteBufAllocator.DEFAULT))
                .isInstanceOfSatisfying(
                        StorageException.class, e -> assertThat(e.kind()).isEqualTo(Kind.OUT_OF_RANGE));
    }

    @Test
    void shouldReadNoBatchThatReachesAboveTheGivenEnd() throws Exception {
        PartitionLog log = Directories.format(files, Directories.ROOT, SMALL).create(Directories.LOG, SMALL);
        for (int i = 0; i < 6; i += 2) {
            log.stage(at(i, 1, produced(1, "a" + i, "b" + i)));
        }
        assertThat(endOf(log, 0, 4)).isEqualTo(4);
        assertThat(endOf(log, 0, 5)).isEqualTo(4);
        assertThat(endOf(log, 1, 6)).isEqualTo(6);
        ByteBuf nothing = log.read(4, 100, 4, PooledByteBufAllocator.DEFAULT);
        assertThat(nothing.readableBytes()).isZero();
        nothing.release();
    }

    private static long endOf(PartitionLog log, long offset, long end) throws StorageException {
        ByteBuf bytes = log.read(offset, 10_000, end, PooledByteBufAllocator.DEFAULT);
        try {
            ByteBuffer run = bytes.nioBuffer();
            int at = 0;
            long next = offset;
            while (at < run.remaining()) {
                next = io.varve.record.BatchHeader.nextOffset(run, at);
                at += io.varve.record.BatchHeader.sizeInBytes(run, at);
            }
            return next;
        } finally {
            bytes.release();
        }
    }

    @Test
    void shouldKeepTheEpochChainAcrossARestart() throws Exception {
        DataDirectory opened = Directories.format(files, Directories.ROOT, SMALL);
        PartitionLog log = opened.create(Directories.LOG, SMALL);
        log.assignEpoch(1, 0); // without a record
        log.assignEpoch(2, 0);
        log.stage(at(0, 2, produced(1, "a")));
        log.assignEpoch(5, 1);
        log.stage(at(1, 5, produced(1, "b")));
        log.assignEpoch(6, 2); // without a record
        List<EpochEntry> chain = List.of(new EpochEntry(2, 0), new EpochEntry(5, 1));
        assertThat(log.epochChain())
                .startsWith(chain.toArray(EpochEntry[]::new))
                .hasSize(3);
        files.crash();
        DataDirectory again = Directories.open(files, Directories.ROOT, SMALL);
        assertThat(again.find(Directories.LOG).orElseThrow().epochChain()).isEqualTo(chain);
    }

    @Test
    void shouldCutPositionsEpochsAndSnapshotsWhenTruncated() throws Exception {
        DataDirectory opened = Directories.format(files, Directories.ROOT, SMALL);
        PartitionLog log = opened.create(Directories.LOG, SMALL);
        List<String> expected = new ArrayList<>();
        append(log, 20, expected);
        log.stage(at(40, 2, produced(1, "z")));
        log.checkpointHighWatermark(14);
        log.writeProducerSnapshot(10, ByteBuffer.wrap(new byte[] {1}));
        log.writeProducerSnapshot(40, ByteBuffer.wrap(new byte[] {2}));
        opened.checkpoint();
        assertThat(log.truncateTo(15).join()).isEqualTo(14); // inside a batch
        assertThat(log.stagedEndOffset()).isEqualTo(14);
        assertThat(log.highWatermarkCheckpoint()).isEqualTo(14);
        assertThat(log.epochChain()).containsExactly(new EpochEntry(1, 0));
        assertThat(readAll(log, 100)).isEqualTo(expected.subList(0, 14));
        log.stage(at(14, 3, produced(1, "new")));
        files.losePower();
        DataDirectory again = Directories.open(files, Directories.ROOT, SMALL);
        PartitionLog reopened = again.find(Directories.LOG).orElseThrow();
        assertThat(reopened.damage()).isEmpty();
        assertThat(readAll(reopened, 100)).hasSize(15).endsWith("14:new");
        assertThat(reopened.epochChain()).containsExactly(new EpochEntry(1, 0), new EpochEntry(3, 14));
        assertThat(reopened.latestProducerSnapshot().orElseThrow().endOffset()).isEqualTo(10);
    }

    @Test
    void shouldShowTheHeadersOfAllBatchesFromAnOffset() throws Exception {
        PartitionLog log = Directories.format(files, Directories.ROOT, SMALL).create(Directories.LOG, SMALL);
        append(log, 30, new ArrayList<>());
        List<Long> seen = new ArrayList<>();
        log.replayBatches(21, (headers, at) -> seen.add(io.varve.record.BatchHeader.baseOffset(headers, at)));
        assertThat(seen).isEqualTo(IntStream.range(10, 30).mapToObj(i -> 2L * i).toList());
    }

    @Test
    void shouldKeepTheProducersAsOfItsStartBesideNewerOnes() throws Exception {
        PartitionLog log = Directories.format(files, Directories.ROOT, SMALL).create(Directories.LOG, SMALL);
        append(log, 50, new ArrayList<>());
        log.checkpointHighWatermark(90);
        for (long end : new long[] {80, 40, 85}) {
            log.writeProducerSnapshot(end, ByteBuffer.wrap(new byte[] {(byte) end}));
            if (end == 40) {
                assertThat(log.expireBelow(40, 90).join()).isEqualTo(40);
            }
        }
        assertThat(log.producerSnapshot(40).orElseThrow().endOffset()).isEqualTo(40);
        assertThat(log.producerSnapshot(84).orElseThrow().endOffset())
                .as("80 is of no use any more")
                .isEqualTo(40);
        assertThat(log.latestProducerSnapshot().orElseThrow().endOffset()).isEqualTo(85);
    }

    @Test
    void shouldMoveTheStartAndDeleteSegmentsBelowIt() throws Exception {
        DataDirectory opened = Directories.format(files, Directories.ROOT, SMALL);
        PartitionLog log = opened.create(Directories.LOG, SMALL);
        List<String> expected = new ArrayList<>();
        append(log, 40, expected);
        long before = log.sizeBytes();
        assertThat(log.advanceLogStart(51, 30).join()).isEqualTo(30); // P37
        assertThat(log.advanceLogStart(51, 80).join()).isEqualTo(51);
        assertThat(log.sizeBytes()).isLessThan(before / 2);
        assertThat(readAll(log, 100)).isEqualTo(expected.subList(51, 80));
        files.crash();
        DataDirectory again = Directories.open(files, Directories.ROOT, SMALL);
        assertThat(readAll(again.find(Directories.LOG).orElseThrow(), 100)).isEqualTo(expected.subList(51, 80));
    }
}
