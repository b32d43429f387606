// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import static io.varve.storage.Batches.at;
import static io.varve.storage.Batches.produced;
import static org.assertj.core.api.Assertions.assertThat;

import io.varve.storage.StorageException.Kind;
import io.varve.storage.testkit.SimFs;
import io.varve.storage.testkit.SimFs.Operation;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LogResetTest {
    private static final LogSettings SETTINGS =
            LogSettings.DEFAULT.withSegmentSizeBytes(300).withIndexIntervalBytes(100);

    private SimFs files;
    private StepExecutor pool;
    private DataDirectory directory;
    private PartitionLog log;
    private final List<String> records = new ArrayList<>();

    @BeforeEach
    void begin() throws Exception {
        begin(1, 3);
    }

    @AfterEach
    void allChunksAreReleased() {
        assertThat(Chunk.openCount()).isZero();
    }

    /** A log [start, 20) of several segments and epochs, all flushed, with a checkpoint and a snapshot of producers. */
    private void begin(long seed, long start) throws Exception {
        files = new SimFs(seed);
        pool = new StepExecutor(seed % 2 == 0);
        records.clear();
        DataDirectory.format(files, Directories.ROOT, Directories.IDENTITY);
        open();
        for (int i = 0; i < 20; i += 2) {
            append(1 + i / 8, "a" + i, "b" + i);
        }
        log.checkpointHighWatermark(18);
        log.writeProducerSnapshot(12, ByteBuffer.wrap(new byte[] {1}));
        done(log.advanceLogStart(start, 18));
        directory.checkpoint();
    }

    private void open() throws Exception {
        directory = pool.directly(() -> Directories.open(files.newProcess(), Directories.ROOT, SETTINGS, pool));
        log = directory.create(Directories.LOG, SETTINGS);
    }

    private void append(int epoch, String... values) throws Exception {
        for (String value : values) {
            records.add(log.stagedEndOffset() + ":" + value);
            assertThat(log.stage(at(log.stagedEndOffset(), epoch, produced(1, value))))
                    .isTrue();
        }
        pool.drain();
    }

    /** null if it failed. */
    private Long done(java.util.concurrent.CompletableFuture<Long> future) {
        pool.drain();
        return future.handle((value, failure) -> value).join();
    }

    private void assertEmptyAt(long offset) throws Exception {
        assertThat(log.damage()).isEmpty();
        assertThat(log.failure()).isEmpty();
        assertThat(List.of(
                        log.logStartOffset(),
                        log.flushedEndOffset(),
                        log.writtenEndOffset(),
                        log.stagedEndOffset(),
                        log.highWatermarkCheckpoint()))
                .containsOnly(offset);
        assertThat(log.latestProducerSnapshot()).isEmpty();
        assertThat(log.sizeBytes()).isZero();
        assertThat(Batches.readAll(log, 100)).isEmpty();
    }

    @Test
    void shouldBeginAnewAtAnyOffset() throws Exception {
        for (long offset : new long[] {0, 2, 3, 7, 20, 1_000_000}) {
            begin(1, 3);
            assertThat(done(log.resetTo(offset))).isEqualTo(offset);
            assertEmptyAt(offset);
            assertThat(log.epochChain()).isEmpty();
            files.losePower();
            open();
            assertEmptyAt(offset);
            assertThat(log.epochChain()).isEmpty();
            records.clear();
            append(7, "x", "y");
            files.losePower();
            open();
            assertThat(Batches.readAll(log, 100)).isEqualTo(records);
            assertThat(log.logStartOffset()).isEqualTo(offset);
            assertThat(log.epochChain()).containsExactly(new EpochEntry(7, offset));
        }
    }

    @Test
    void shouldBeginAnewTwiceAndWhenItIsEmpty() throws Exception {
        assertThat(done(log.resetTo(30))).isEqualTo(30);
        assertThat(done(log.resetTo(40))).isEqualTo(40);
        append(9, "x");
        assertThat(done(log.resetTo(50))).isEqualTo(50);
        assertEmptyAt(50);
        log = directory.create(new LogId(Directories.LOG.topicId(), 5), SETTINGS);
        assertThat(done(log.resetTo(60))).isEqualTo(60);
        assertEmptyAt(60);
    }

    @Test
    void shouldRefuseWhileAChunkIsStaged() throws Exception {
        StepExecutor late = new StepExecutor();
        pool.directly(() -> {
            directory.close();
            return null;
        });
        directory = late.directly(() -> Directories.open(files, Directories.ROOT, SETTINGS, late));
        log = directory.find(Directories.LOG).orElseThrow();
        var reset = log.resetTo(30);
        assertThat(log.stage(at(20, 5, produced(1, "x")))).isTrue();
        late.drain();
        assertThat(reset).isCompletedExceptionally();
        assertThat(log.writtenEndOffset()).isEqualTo(21);
    }

    @Test
    void shouldBeWhollyOldOrNewAfterACrashInAnyOperation() throws Exception {
        Map<String, Integer> outcomes = new TreeMap<>();
        for (long offset : new long[] {1, 11, 500}) {
            for (int seed = 0; seed < 8; seed++) {
                int operations = 1;
                while (crashes(offset, seed, operations, outcomes)) {
                    operations++;
                }
                assertThat(operations).isGreaterThan(10);
            }
        }
        assertThat(outcomes.keySet()).containsExactlyInAnyOrder("old", "new");
    }

    private boolean crashes(long offset, int seed, int operations, Map<String, Integer> outcomes) throws Exception {
        begin(seed * 1000L + operations, 3 + seed % 3);
        long start = log.logStartOffset();
        boolean powerLoss = seed % 4 < 2;
        files.crashAfter(operations, powerLoss);
        Long result = done(log.resetTo(offset));
        boolean died = files.process() != 0;
        assertThat(result).isEqualTo(died ? null : offset);
        directory.abandon();
        pool.forget();
        files.losePower();
        open();
        String where = "seed " + seed + ", operation " + operations + ", reset to " + offset;
        assertThat(log.damage()).as(where).isEmpty();
        if (log.logStartOffset() == offset) {
            assertEmptyAt(offset);
            assertThat(log.epochChain()).as(where).isEmpty();
            outcomes.merge("new", 1, Integer::sum);
        } else {
            assertThat(log.highWatermarkCheckpoint()).as(where).isEqualTo(18);
            assertThat(Batches.readAll(log, 100)).as(where).isEqualTo(records.subList((int) start, 20));
            assertThat(log.logStartOffset()).as(where).isEqualTo(start);
            outcomes.merge("old", 1, Integer::sum);
        }
        assertThat(done(log.resetTo(offset + 1))).as(where).isEqualTo(offset + 1);
        assertEmptyAt(offset + 1);
        records.clear();
        append(9, "x", "y", "z", "z");
        files.losePower();
        open();
        assertThat(Batches.readAll(log, 100)).as(where).isEqualTo(records);
        return died;
    }

    @Test
    void shouldStayAsItIsWhenTheDiskIsFullBeforeAnythingIsGone() throws Exception {
        files.delete(Directories.ROOT.resolve(".ballast"));
        files.failAfter(Operation.WRITE, 1);
        files.failWith("No space left on device");
        assertThat(done(log.resetTo(100))).isNull();
        assertThat(Batches.readAll(log, 100)).isEqualTo(records.subList(3, 20));
        assertThat(log.highWatermarkCheckpoint()).isEqualTo(18);
        directory.checkpoint();
        files.losePower();
        open();
        assertThat(Batches.readAll(log, 100)).isEqualTo(records.subList(3, 20));
        assertThat(log.highWatermarkCheckpoint()).isEqualTo(18);
    }

    @Test
    void shouldGoOfflineWhenNobodyKnowsWhetherItHasBegun() throws Exception {
        files.failAfter(Operation.FORCE, 1);
        assertThat(done(log.resetTo(100))).isNull();
        assertThat(directory.failure()).isPresent();
        assertThat(log.failure()).isPresent();
    }

    @Test
    void shouldBeReopenedEmptyAtItsNewStartWhenTheDiskIsFullAtTheEnd() throws Exception {
        List<Kind> failures = new ArrayList<>();
        log.attach(new LogListener() {
            @Override
            public void onProgress(long writtenEndOffset, long flushedEndOffset) {}

            @Override
            public void onFailure(StorageException cause, long writtenEndOffset, long flushedEndOffset) {
                failures.add(cause.kind());
            }
        });
        files.delete(Directories.ROOT.resolve(".ballast"));
        files.failAfter(Operation.WRITE, 3); // checkpoint, epochs, checkpoint
        files.failWith("No space left on device");
        assertThat(done(log.resetTo(100))).isNull();
        assertThat(failures).containsExactly(Kind.DISK_FULL);
        assertThat(directory.failure()).isEmpty();
        assertThat(done(log.reopen())).isEqualTo(100);
        assertEmptyAt(100);
        records.clear();
        append(9, "x", "y");
        files.losePower();
        open();
        assertThat(Batches.readAll(log, 100)).isEqualTo(records);
    }
}
