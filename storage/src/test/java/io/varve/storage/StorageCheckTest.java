// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import static io.varve.storage.Batches.at;
import static io.varve.storage.Batches.produced;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.storage.StorageCheck.Finding;
import io.varve.storage.StorageCheck.Severity;
import io.varve.storage.testkit.SimFs;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StorageCheckTest {
    private static final LogSettings SETTINGS =
            LogSettings.DEFAULT.withSegmentSizeBytes(450).withIndexIntervalBytes(1);
    private static final Path FOLDER = Directories.ROOT.resolve("logs").resolve(Directories.LOG.toString());
    private static final Path LAST = FOLDER.resolve("00000000000000000020.log");

    private final SimFs files = new SimFs(1);
    private PartitionLog log;

    @BeforeEach
    void write() throws Exception {
        DataDirectory directory = Directories.format(files, Directories.ROOT, SETTINGS);
        log = directory.create(Directories.LOG, SETTINGS);
        for (int i = 0; i < 12; i++) {
            long base = log.stagedEndOffset();
            log.stage(at(base, 1 + i / 6, produced(1000 + base, "a" + base, "b" + base)));
        }
        log.writeProducerSnapshot(24, ByteBuffer.allocate(100));
        log.checkpointHighWatermark(24);
        directory.checkpoint();
    }

    private List<Finding> findings(Path path) throws StorageException {
        return StorageCheck.of(files, path).findings();
    }

    @Test
    void shouldFindNothingWrongAndChangeNothing() throws Exception {
        var before = files.files();
        StorageCheck check = StorageCheck.of(files, Directories.ROOT);
        assertThat(check.findings()).isEmpty();
        assertThat(check.batches()).isEqualTo(12);
        assertThat(findings(FOLDER)).isEmpty();
        assertThat(files.files().keySet()).isEqualTo(before.keySet());
        before.forEach((path, bytes) -> assertThat(files.contents(path)).isEqualTo(bytes));
    }

    @Test
    void shouldFindEveryFlippedBitOfEveryFile() throws Exception {
        for (Path path : files.files().keySet()) {
            boolean silent = path.endsWith(".ballast") || path.endsWith(".lock");
            int header = path.endsWith("catalogue") || path.endsWith("epochs") ? 16 : 0;
            for (int i = 0; i < files.contents(path).length && !silent; i++) {
                boolean reserved = header > 0 && i >= 12 && i < header;
                boolean perhapsTorn = header > 0 && i >= files.contents(path).length - 40;
                files.flipBit(path, 8L * i + i % 8);
                StorageCheck check = StorageCheck.of(files, Directories.ROOT);
                if (!reserved && !perhapsTorn) {
                    assertThat(check.problems()).as("%s byte %d", path, i).isGreaterThan(0);
                    boolean whole = path.toString().endsWith(".log") || path.endsWith("meta.properties");
                    assertThat(check.findings().stream().anyMatch(f -> f.severity() == Severity.DAMAGED))
                            .as("%s byte %d: %s", path, i, check.findings())
                            .isEqualTo(whole);
                }
                files.flipBit(path, 8L * i + i % 8);
            }
        }
        assertThat(findings(Directories.ROOT)).isEmpty();
    }

    @Test
    void shouldTellTornEndFromDamage() throws Exception {
        log.stage(at(24, 2, produced(1, "x")));
        files.cut(LAST, files.contents(LAST).length - 3);
        Finding torn = findings(Directories.ROOT).get(0);
        assertThat(torn.severity()).isEqualTo(Severity.NOTE);
        assertThat(torn.offset()).isEqualTo(24);
        assertThat(torn.problem()).startsWith("the end is torn");
        files.cut(LAST, 100);
        assertThat(findings(Directories.ROOT)).anyMatch(f -> f.severity() == Severity.DAMAGED && f.offset() == 22);
        files.delete(LAST);
        assertThat(findings(Directories.ROOT))
                .anyMatch(f -> f.severity() == Severity.DAMAGED && f.problem().contains("it was durable to 24"));
    }

    @Test
    void shouldNameMissingSegmentAndMarkedLog() throws Exception {
        log.markDamaged("bad CRC").join();
        assertThat(findings(FOLDER)).hasSize(1);
        assertThat(findings(FOLDER).get(0).problem()).contains("bad CRC");
        files.delete(FOLDER.resolve("00000000000000000010.log"));
        assertThat(findings(FOLDER)).anyMatch(f -> f.problem().contains("the next segment begins at 20"));
        assertThatThrownBy(() -> findings(Path.of("/nowhere"))).hasMessageContaining("no directory");
    }
}
