// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.varve.record.BatchHeader;
import io.varve.record.Codec;
import io.varve.storage.testkit.SimFs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CompactionTest {
    private static final CompactionSettings COMPACT = new CompactionSettings(true, 0, 0, Long.MAX_VALUE, 1000);
    private static final LogSettings SETTINGS = LogSettings.DEFAULT
            .withSegmentSizeBytes(400)
            .withIndexIntervalBytes(100)
            .withCompaction(COMPACT);

    private SimFs files;
    private DataDirectory directory;
    private PartitionLog log;
    private final List<Keyed> all = new ArrayList<>();

    @BeforeEach
    void begin() throws Exception {
        files = new SimFs(1);
        directory = Directories.format(files.newProcess(), Directories.ROOT, SETTINGS);
        log = directory.create(Directories.LOG, SETTINGS);
    }

    @AfterEach
    void allChunksAreReleased() {
        assertThat(Chunk.openCount()).isZero();
    }

    private void append(int epoch, Codec codec, Keyed... records) {
        Keyed.append(log, epoch, codec, records);
        all.addAll(List.of(records));
    }

    private void append(@Nullable String key, @Nullable String value) {
        append(1, Codec.NONE, new Keyed(log.stagedEndOffset(), key, value, 100));
    }

    private Optional<CompactionReport> compact(long now) throws Exception {
        return Keyed.compact(log, now, log.writtenEndOffset(), CompactionRequest.KEY_MAP_BYTES_MIN);
    }

    private CompactionReport compacted(long now) throws Exception {
        log.roll().join();
        return compact(now).orElseThrow();
    }

    private List<String> text() throws Exception {
        return Keyed.text(Keyed.readAll(log));
    }

    @Test
    void shouldKeepTheLastRecordOfEachKeyAtItsOffset() throws Exception {
        append("a", "1");
        append("b", "1");
        append("a", "2");
        append("c", "1");
        append("b", "2");
        CompactionReport report = compacted(500);
        assertThat(text()).containsExactly("2 a=2", "3 c=1", "4 b=2");
        assertThat(report.recordsRemoved()).isEqualTo(2);
        assertThat(report.keys()).isEqualTo(3);
        assertThat(report.compactedTo()).isEqualTo(5);
        assertThat(report.complete()).isTrue();
        assertThat(log.logStartOffset()).isZero();
        assertThat(log.writtenEndOffset()).isEqualTo(5);
    }

    @Test
    void shouldLookAtNothingThatIsNotSealedOrNotBelowTheHighWatermark() throws Exception {
        append("a", "1");
        append("a", "2");
        assertThat(compact(500)).isEmpty();
        log.roll().join();
        assertThat(Keyed.compact(log, 500, 1, 1 << 20)).isEmpty();
        assertThat(Keyed.compact(log, 500, 2, 1 << 20)).isPresent();
        append("a", "3");
        assertThat(compact(500)).isEmpty();
        assertThat(text()).containsExactly("1 a=2", "2 a=3");
    }

    @Test
    void shouldLeaveRecordsWithoutAKey() throws Exception {
        append(null, "1");
        append("a", "1");
        append(null, "2");
        append("a", "2");
        compacted(500);
        assertThat(text()).containsExactly("0 null=1", "2 null=2", "3 a=2");
    }

    @Test
    void shouldTakeRecordsOutOfBatchesOfEveryCodec() throws Exception {
        for (Codec codec : Codec.values()) {
            long base = log.stagedEndOffset();
            append(
                    1,
                    codec,
                    new Keyed(base, "a", codec + "1", 100),
                    new Keyed(base + 1, codec + "k", "x".repeat(100), 101),
                    new Keyed(base + 2, "a", codec + "2", 102));
        }
        compacted(500);
        assertThat(Keyed.readAll(log)).isEqualTo(Keyed.lastOfEachKey(all));
        assertThat(headers()).allSatisfy((base, header) -> {
            assertThat(header.lastOffsetDelta()).isEqualTo(2);
            assertThat(header.codec()).isEqualTo(Codec.values()[(int) (base / 3)]);
        });
    }

    @Test
    void shouldJoinSegmentsAndEmptyBatchesOfAnEpoch() throws Exception {
        for (int i = 0; i < 40; i++) {
            append(1 + i / 20, Codec.NONE, new Keyed(i, "a", "v" + i, 100));
        }
        log.roll().join();
        int before = segments().size();
        assertThat(compact(500)).isPresent();
        append(3, Codec.NONE, new Keyed(40, "a", "last", 100));
        log.roll().join();
        for (int passes = 0; passes < 5; passes++) { // each joins what fits together by now
            append(3, Codec.NONE, new Keyed(41 + passes, "b", "last", 100));
            compacted(500);
        }
        assertThat(before).isGreaterThan(5);
        assertThat(segments()).hasSizeLessThan(4);
        assertThat(text()).containsExactly("40 a=last", "45 b=last");
        assertThat(header(0).lastOffsetDelta()).isEqualTo(19);
        assertThat(header(20).lastOffsetDelta()).isEqualTo(19);
        assertThat(log.epochChain())
                .containsExactly(new EpochEntry(1, 0), new EpochEntry(2, 20), new EpochEntry(3, 40));
    }

    @Test
    void shouldLetTombstonesGoWhenTheyHadTheirTime() throws Exception {
        append("a", "1");
        append("b", "1");
        append("a", null);
        compacted(5000);
        assertThat(text()).containsExactly("1 b=1", "2 a=null");
        assertThat(log.tombstoneHorizon()).isZero();
        assertThat(compact(5999)).isEmpty();
        assertThat(compact(6000).orElseThrow().recordsRemoved()).isEqualTo(1); // due though nothing is dirty
        assertThat(text()).containsExactly("1 b=1");
        assertThat(log.tombstoneHorizon()).isEqualTo(3);
        assertThat(compact(9000)).isEmpty();
        reopen();
        assertThat(log.tombstoneHorizon()).isEqualTo(3);
        assertThat(compact(9000)).isEmpty();
    }

    @Test
    void shouldKeepATombstoneAsLongAsPassesComeFasterThanItsTime() throws Exception {
        append("a", null);
        long now = 5000;
        for (; now < 5990; now += 10) {
            append("b", "v" + now);
            compacted(now);
            assertThat(text()).contains("0 a=null");
        }
        for (; now < 6200; now += 10) {
            append("b", "v" + now);
            compacted(now);
        }
        assertThat(text()).containsExactly((log.writtenEndOffset() - 1) + " b=v6190");
    }

    @Test
    void shouldKeepTheLastBatchOfEachProducerAtLeastEmpty() throws Exception {
        Keyed.append(log, 1, Codec.NONE, 7, 0, new Keyed(0, "a", "1", 100), new Keyed(1, "b", "1", 100));
        Keyed.append(log, 1, Codec.NONE, 8, 0, new Keyed(2, "a", "2", 100));
        Keyed.append(log, 1, Codec.NONE, 7, 2, new Keyed(3, "a", "3", 100), new Keyed(4, "b", "3", 100));
        Keyed.append(log, 1, Codec.NONE, -1, -1, new Keyed(5, "a", "4", 100), new Keyed(6, "b", "4", 100));
        compacted(500);
        assertThat(text()).containsExactly("5 a=4", "6 b=4");
        assertThat(headers().keySet()).containsExactly(0L, 2L, 3L, 5L);
        assertThat(header(0).producerId()).isEqualTo(-1);
        assertThat(header(2)).isEqualTo(new Header(0, 0, Codec.NONE, 8, 0, 1));
        assertThat(header(3)).isEqualTo(new Header(1, 0, Codec.NONE, 7, 2, 1));
    }

    @Test
    void shouldCoverThePrefixThatFitsWhenThereAreMoreKeysThanTheMapTakes() throws Exception {
        int keys = (int) (CompactionRequest.KEY_MAP_BYTES_MIN / CompactionRequest.BYTES_PER_KEY) * 2;
        log.configure(SETTINGS.withSegmentSizeBytes(20_000));
        for (int i = 0; i < 2 * keys; i += 20) {
            Keyed[] batch = new Keyed[20];
            for (int j = 0; j < 20; j++) {
                batch[j] = new Keyed(i + j, "key" + (i + j) % keys, "v", 100);
            }
            append(1, Codec.NONE, batch);
        }
        CompactionReport first = compacted(500);
        assertThat(first.complete()).isFalse();
        assertThat(first.keys()).isEqualTo(keys / 2);
        assertThat(first.compactedTo()).isEqualTo(keys / 2);
        int passes = 1;
        while (compact(500).isPresent()) {
            passes++;
        }
        assertThat(passes).isBetween(4, 6);
        assertThat(Keyed.readAll(log)).isEqualTo(Keyed.lastOfEachKey(all));
    }

    @Test
    void shouldWaitUntilEnoughIsDirtyOrTooOld() throws Exception {
        log.configure(SETTINGS.withCompaction(new CompactionSettings(true, 0.5, 0, 10_000, 1000)));
        for (int i = 0; i < 20; i++) {
            append("key" + i, "v");
        }
        compacted(500);
        append("key0", "w");
        log.roll().join();
        assertThat(compact(500)).isEmpty();
        assertThat(compact(10_100)).isEmpty();
        assertThat(compact(10_101)).isPresent();
    }

    @Test
    void shouldLeaveWhatIsYoung() throws Exception {
        log.configure(SETTINGS.withCompaction(new CompactionSettings(true, 0, 1000, Long.MAX_VALUE, 1000)));
        append("a", "1");
        append("a", "2");
        log.roll().join();
        assertThat(compact(1099)).isEmpty();
        assertThat(compact(1100)).isPresent();
    }

    @Test
    void shouldNotDisturbReadersAtWork() throws Exception {
        for (int i = 0; i < 100; i++) {
            append("a", "v" + i);
        }
        log.roll().join();
        long end = log.writtenEndOffset();
        Set<Long> seen = new HashSet<>();
        CompactionPass pass =
                log.compaction(new CompactionRequest(500, end, 1 << 20)).orElseThrow();
        long next = 0;
        while (next < end) { // as replay and reads see it, turn by turn
            pass.step(200, 500);
            ByteBuf bytes = log.read(next, 1, end, Batches.MEMORY);
            next = BatchHeader.nextOffset(bytes.nioBuffer(), 0);
            seen.add(next);
            bytes.release();
            long[] expected = {0};
            log.replayBatches(0, (header, at) -> {
                assertThat(BatchHeader.baseOffset(header, at)).isEqualTo(expected[0]);
                expected[0] = BatchHeader.nextOffset(header, at);
            });
            assertThat(expected[0]).isEqualTo(end);
            assertThat(log.offsetForTimestamp(100, Long.MAX_VALUE)).isPresent();
        }
        pass.close();
        assertThat(seen).contains(end);
    }

    @Test
    void shouldSayAfterItWasCutThatWhatComesThenIsNotCompact() throws Exception {
        append("a", "1");
        append("a", "2");
        append("b", "1");
        compacted(500);
        log.truncateTo(2).join();
        append("a", "3");
        reopen();
        compacted(500);
        assertThat(text()).containsExactly("2 a=3");
    }

    @Test
    void shouldStartAfreshAfterAReset() throws Exception {
        append("a", null);
        compacted(500);
        compacted(5000);
        assertThat(log.tombstoneHorizon()).isEqualTo(1);
        log.resetTo(10).join();
        assertThat(log.tombstoneHorizon()).isZero();
        append("a", "1");
        append("a", "2");
        compacted(6000);
        assertThat(text()).containsExactly("11 a=2");
    }

    @Test
    void shouldRememberThatWhatItWasGivenMayLackTombstones() throws Exception {
        append("a", "1");
        append("a", "2");
        append("b", "2");
        compacted(500);
        ByteBuf bytes = log.read(0, 10_000, 3, Batches.MEMORY);
        LogId other = new LogId(Directories.LOG.topicId(), 1);
        PartitionLog copy = directory.create(other, SETTINGS);
        for (Chunk chunk : Chunk.split(bytes)) {
            copy.stage(chunk);
        }
        assertThat(copy.tombstoneHorizon()).isEqualTo(1);
        reopen();
        assertThat(directory.find(other).orElseThrow().tombstoneHorizon()).isEqualTo(1);
    }

    @Test
    void shouldStopAtDamageAndChangeNothing() throws Exception {
        append("a", "1");
        append("a", "2");
        log.roll().join();
        Path segment = segments().get(0);
        files.flipBit(segment, 8 * 65);
        CompactionPass pass =
                log.compaction(new CompactionRequest(500, 2, 1 << 20)).orElseThrow();
        assertThatThrownBy(() -> {
                    while (!pass.isDone()) {
                        pass.step(1000, 500);
                    }
                })
                .hasMessageContaining("damaged at offset 0");
        assertThat(pass.isDone()).isTrue();
        files.flipBit(segment, 8 * 65);
        assertThat(text()).containsExactly("0 a=1", "1 a=2");
        assertThat(compact(500)).isPresent();
        assertThat(text()).containsExactly("1 a=2");
    }

    @Test
    void shouldBeTheOldLogOrTheNewOneWhereverItDies() throws Exception {
        int crashes = 0;
        for (boolean powerLoss : new boolean[] {false, true}) {
            boolean died = true;
            for (int operations = 1; died; operations++) {
                List<Keyed> expected = logOfManySegments(operations);
                SimFs copy = files;
                copy.crashAfter(operations, powerLoss);
                died = diesCompacting();
                copy.crash();
                directory = Directories.open(copy.newProcess(), Directories.ROOT, SETTINGS);
                log = directory.find(Directories.LOG).orElseThrow();
                assertThat(log.damage()).isEmpty();
                assertThat(log.writtenEndOffset()).isEqualTo(60);
                assertThat(Keyed.lastOfEachKey(Keyed.readAll(log)))
                        .as("died %s in operation %d", powerLoss, operations)
                        .isEqualTo(Keyed.lastOfEachKey(expected));
                assertThat(files.files().keySet())
                        .noneMatch(path -> path.toString().endsWith(".swap")
                                || path.toString().endsWith(".tmp"));
                while (compact(3000).isPresent()) {}
                assertThat(Keyed.readAll(log)).isEqualTo(Keyed.lastOfEachKey(expected));
                directory.close();
                crashes += died ? 1 : 0;
            }
        }
        assertThat(crashes).isGreaterThan(60);
    }

    private List<Keyed> logOfManySegments(long seed) throws Exception {
        directory.close();
        files = new SimFs(seed);
        Random random = new Random(5);
        directory = Directories.format(files.newProcess(), Directories.ROOT, SETTINGS);
        log = directory.create(Directories.LOG, SETTINGS);
        all.clear();
        for (int i = 0; i < 60; i += 2) {
            append(
                    1 + i / 25,
                    Codec.NONE,
                    new Keyed(i, "k" + random.nextInt(6), "v" + i, 100),
                    new Keyed(i + 1, "k" + random.nextInt(6), "w" + i, 100));
        }
        log.roll().join();
        log.checkpointHighWatermark(60);
        directory.checkpoint();
        return List.copyOf(all);
    }

    private boolean diesCompacting() throws Exception {
        try {
            for (int pass = 0; pass < 3; pass++) { // the later ones join what the first has made small
                log.configure(SETTINGS.withSegmentSizeBytes(400 + pass * 800));
                Keyed.compact(log, 1000, 20 + 20 * pass, CompactionRequest.KEY_MAP_BYTES_MIN);
            }
            return false;
        } catch (StorageException | CompletionException e) {
            if (files.crashPlanned()) {
                throw e;
            }
            return true;
        }
    }

    private void reopen() throws Exception {
        directory.close();
        directory = Directories.open(files.newProcess(), Directories.ROOT, SETTINGS);
        log = directory.find(Directories.LOG).orElseThrow();
    }

    private List<Path> segments() {
        return files.files().keySet().stream()
                .filter(path -> path.toString().endsWith(".log"))
                .toList();
    }

    private record Header(
            int lastOffsetDelta,
            int recordCount,
            @Nullable Codec codec,
            long producerId,
            int baseSequence,
            int leaderEpoch) {}

    private Header header(long baseOffset) throws StorageException {
        return Objects.requireNonNull(headers().get(baseOffset));
    }

    private Map<Long, Header> headers() throws StorageException {
        Map<Long, Header> found = new TreeMap<>();
        log.replayBatches(
                0,
                (b, at) -> found.put(
                        BatchHeader.baseOffset(b, at),
                        new Header(
                                BatchHeader.lastOffsetDelta(b, at),
                                BatchHeader.recordCount(b, at),
                                BatchHeader.codec(b, at),
                                BatchHeader.producerId(b, at),
                                BatchHeader.baseSequence(b, at),
                                BatchHeader.partitionLeaderEpoch(b, at))));
        return found;
    }
}
