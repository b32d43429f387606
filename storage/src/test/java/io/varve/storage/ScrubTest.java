// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import static io.varve.storage.Batches.at;
import static io.varve.storage.Batches.produced;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.storage.PartitionLog.Scrubbed;
import io.varve.storage.StorageException.Kind;
import io.varve.storage.testkit.SimFs;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ScrubTest {
    private static final LogSettings SETTINGS =
            LogSettings.DEFAULT.withSegmentSizeBytes(450).withIndexIntervalBytes(1);
    private static final Path FOLDER = Directories.ROOT.resolve("logs").resolve(Directories.LOG.toString());

    private final SimFs files = new SimFs(1);
    private final AtomicInteger found = new AtomicInteger();
    private DataDirectory directory;
    private PartitionLog log;

    @BeforeEach
    void write() throws Exception {
        directory = Directories.format(files, Directories.ROOT, SETTINGS);
        log = directory.create(Directories.LOG, SETTINGS);
        for (int i = 0; i < 12; i++) {
            long base = log.stagedEndOffset();
            log.stage(at(base, 1, produced(1000 + base, "a" + base, "b" + base)));
        }
        log.writeProducerSnapshot(24, ByteBuffer.allocate(100));
        log.checkpointHighWatermark(24);
        directory.checkpoint();
        log.attach(new LogListener() {
            @Override
            public void onProgress(long writtenEndOffset, long flushedEndOffset) {}

            @Override
            public void onFailure(StorageException cause, long writtenEndOffset, long flushedEndOffset) {}

            @Override
            public void onDamageFound(Damage damage) {
                found.incrementAndGet();
            }
        });
    }

    private List<Path> filesNamed(String suffix) {
        return files.files().keySet().stream()
                .filter(path -> path.startsWith(FOLDER) && path.toString().endsWith(suffix))
                .toList();
    }

    /** A whole pass; what it repaired. */
    private int pass(int maxBytes) throws StorageException {
        int repaired = 0;
        long bytes = 0;
        Scrubbed step = log.scrub(0, maxBytes);
        for (int steps = 0; ; steps++) {
            assertThat(steps).isLessThan(100);
            repaired += step.repaired();
            bytes += step.bytes();
            if (step.finished()) {
                break;
            }
            step = log.scrub(step.nextOffset(), maxBytes);
        }
        long sealed = 0;
        List<Path> segments = filesNamed(".log");
        for (Path segment : segments.subList(0, segments.size() - 1)) {
            sealed += files.contents(segment).length;
        }
        assertThat(bytes).isEqualTo(sealed);
        return repaired;
    }

    @Test
    void shouldReadEverySealedByteOnceAndFindNothing() throws Exception {
        for (int maxBytes : new int[] {1, 100, 450, 1 << 20}) {
            assertThat(pass(maxBytes)).isZero();
        }
        assertThat(directory.scrub()).isEmpty();
        assertThat(found).hasValue(0);
    }

    @Test
    void shouldFindEveryFlippedBitOfSealedSegments() throws Exception {
        List<Path> segments = filesNamed(".log");
        int flips = 0;
        for (Path segment : segments.subList(0, segments.size() - 1)) {
            for (int i = 0; i < files.contents(segment).length; i++) {
                files.flipBit(segment, 8L * i + i % 8);
                assertThatThrownBy(() -> pass(200))
                        .as("%s byte %d", segment, i)
                        .isInstanceOfSatisfying(
                                StorageException.class,
                                e -> assertThat(e.kind()).isEqualTo(Kind.DAMAGED));
                assertThat(found).hasValue(++flips);
                files.flipBit(segment, 8L * i + i % 8);
            }
        }
        pass(200); // readers that met a wrong header have mistrusted indexes on the way
        assertThat(pass(200)).isZero();
    }

    @Test
    void shouldBuildEveryDamagedIndexAnew() throws Exception {
        List<Path> indexes = new ArrayList<>(filesNamed(".index"));
        indexes.addAll(filesNamed(".timeindex"));
        for (Path index : indexes) {
            byte[] intact = files.contents(index);
            for (int i = 0; i < intact.length; i++) {
                files.flipBit(index, 8L * i + i % 8);
                pass(1000); // or the scrub's own search has met it
                assertThat(files.contents(index)).as("%s byte %d", index, i).isEqualTo(intact);
            }
            files.delete(index);
            pass(1000);
            assertThat(files.contents(index)).isEqualTo(intact);
        }
        assertThat(found).hasValue(0);
    }

    @Test
    void shouldDeleteProducerSnapshotThatCannotBeRead() throws Exception {
        Path snapshot = filesNamed(".producers").get(0);
        files.flipBit(snapshot, 300);
        pass(1000);
        assertThat(files.exists(snapshot)).isFalse();
        assertThat(log.latestProducerSnapshot()).isEmpty();
    }

    @Test
    void shouldWriteEverySharedFileAnewThatIsDamaged() throws Exception {
        for (String name : List.of("catalogue", "epochs", "checkpoints", "meta.properties")) {
            Path path = Directories.ROOT.resolve(name);
            byte[] intact = files.contents(path);
            for (int i = 0; i < intact.length; i++) {
                files.flipBit(path, 8L * i + i % 8);
                assertThat(directory.scrub()).as("%s byte %d", name, i).containsExactly(name);
                assertThat(files.contents(path)).as("%s byte %d", name, i).isEqualTo(intact);
            }
            files.delete(path);
            assertThat(directory.scrub()).containsExactly(name);
            assertThat(files.contents(path)).isEqualTo(intact);
        }
        log.assignEpoch(2, 24);
        log.stage(at(24, 2, produced(1, "x")));
        files.crash();
        directory = Directories.open(files, Directories.ROOT, SETTINGS);
        log = directory.find(Directories.LOG).orElseThrow();
        assertThat(log.damage()).isEmpty();
        assertThat(log.writtenEndOffset()).isEqualTo(25);
        assertThat(log.lastEpoch()).isEqualTo(2);
    }
}
