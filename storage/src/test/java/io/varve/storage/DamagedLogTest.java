// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import static io.varve.storage.Batches.at;
import static io.varve.storage.Batches.produced;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.storage.StorageException.Kind;
import io.varve.storage.testkit.SimFs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of a log whose bytes rot while it is open, until an empty one has taken its place (P34). */
class DamagedLogTest {
    private static final LogSettings SETTINGS =
            LogSettings.DEFAULT.withSegmentSizeBytes(450).withIndexIntervalBytes(1);
    private static final Path LOGS = Directories.ROOT.resolve("logs");
    private static final Path FOLDER = LOGS.resolve(Directories.LOG.toString());

    private SimFs files = new SimFs(1);
    private final List<Damage> found = new ArrayList<>();
    private DataDirectory directory;
    private PartitionLog log;

    @BeforeEach
    void write() throws Exception {
        directory = Directories.format(files, Directories.ROOT, SETTINGS);
        log = directory.create(Directories.LOG, SETTINGS);
        append(log, 12);
        listen();
    }

    private void listen() {
        log.attach(new LogListener() {
            @Override
            public void onProgress(long writtenEndOffset, long flushedEndOffset) {}

            @Override
            public void onFailure(StorageException cause, long writtenEndOffset, long flushedEndOffset) {}

            @Override
            public void onDamageFound(Damage damage) {
                found.add(damage);
            }
        });
    }

    private static void append(PartitionLog log, int batches) {
        for (int i = 0; i < batches; i++) {
            long base = log.stagedEndOffset();
            assertThat(log.stage(at(base, 1, produced(1000 + base, "a" + base, "b" + base))))
                    .isTrue();
        }
    }

    private void flipFirstBatch() {
        files.flipBit(FOLDER.resolve("00000000000000000000.log"), 8 * 70);
    }

    private void reopen() throws StorageException {
        directory = Directories.open(files, Directories.ROOT, SETTINGS);
        log = directory.find(Directories.LOG).orElseThrow();
    }

    @Test
    void shouldTellOfDamageThatReadMetAndGoOn() throws Exception {
        flipFirstBatch();
        assertThatThrownBy(() -> log.read(0, 100, 100, Batches.MEMORY))
                .isInstanceOfSatisfying(
                        StorageException.class, e -> assertThat(e.kind()).isEqualTo(Kind.DAMAGED));
        assertThat(found).hasSize(1);
        assertThat(found.get(0).offset()).isZero();
        assertThat(found.get(0).detail()).contains("00000000000000000000.log at byte 0", "CRC");
        assertThat(log.damage()).isEmpty();
        append(log, 1);
        log.read(2, 100, 100, Batches.MEMORY).release();
        assertThat(found).hasSize(1);
    }

    @Test
    void shouldTellOfDamageThatReplayMet() throws Exception {
        files.flipBit(FOLDER.resolve("00000000000000000000.log"), 8 * 16); // the format version
        assertThatThrownBy(() -> log.replayBatches(0, (header, position) -> {})).isInstanceOf(StorageException.class);
        assertThat(found).hasSize(1);
    }

    @Test
    void shouldSayNothingOfWhatReaderOnlySawOnTheWay() throws Exception {
        flipFirstBatch();
        log.advanceLogStart(2, 4).join();
        assertThatThrownBy(() -> log.read(0, 100, 100, Batches.MEMORY)).hasMessageContaining("not in");
        assertThat(found).isEmpty();
    }

    @Test
    void shouldKnowMarkedDamageAfterRestartAndCutNothing() throws Exception {
        flipFirstBatch();
        assertThatThrownBy(() -> log.read(0, 100, 100, Batches.MEMORY)).isInstanceOf(StorageException.class);
        byte[] last = files.contents(FOLDER.resolve("00000000000000000020.log"));
        log.markDamaged("bad CRC").join();
        assertThat(log.damage()).contains(new Damage(0, "bad CRC"));
        assertThat(log.stage(at(24, 1, produced(1, "x")))).isFalse();
        assertThatThrownBy(() -> log.read(4, 100, 100, Batches.MEMORY)).hasMessageContaining("bad CRC");
        files.losePower();
        for (int start = 0; start < 3; start++) {
            reopen();
            assertThat(log.damage()).contains(new Damage(0, "bad CRC"));
            files.crash();
        }
        assertThat(files.contents(FOLDER.resolve("00000000000000000020.log"))).isEqualTo(last);
    }

    @Test
    void shouldTakeMarkThatCannotBeReadForDamage() throws Exception {
        log.markDamaged("bad CRC").join();
        directory.close();
        files.put(FOLDER.resolve("damaged"), new byte[0]);
        reopen();
        assertThat(log.damage()).isPresent();
    }

    @Test
    void shouldRememberDamageThatRecoveryFoundWhenCheckpointsAreLost() throws Exception {
        append(log, 1); // the last segment has two batches
        log.checkpointHighWatermark(log.flushedEndOffset());
        directory.checkpoint();
        files.crash();
        Path last = FOLDER.resolve("00000000000000000020.log");
        files.cut(last, files.contents(last).length - 1);
        reopen();
        assertThat(log.damage()).isPresent();
        files.crash();
        files.delete(Directories.ROOT.resolve("checkpoints")); // without it the end would only look torn
        reopen();
        assertThat(log.damage()).isPresent();
    }

    @Test
    void shouldBeginAnewAndKeepDamagedFiles() throws Exception {
        flipFirstBatch();
        log.markDamaged("bad CRC").join();
        byte[] damaged = files.contents(FOLDER.resolve("00000000000000000000.log"));
        PartitionLog fresh = directory.startAfresh(Directories.LOG);
        assertThat(directory.find(Directories.LOG)).containsSame(fresh);
        assertThat(fresh.damage()).isEmpty();
        assertThat(fresh.writtenEndOffset()).isZero();
        assertThat(fresh.highWatermarkCheckpoint()).isZero();
        assertThat(fresh.epochChain()).isEmpty();
        assertThat(fresh.settings()).isEqualTo(SETTINGS);
        Path aside = LOGS.resolve(Directories.LOG + ".1000000.damaged");
        assertThat(files.contents(aside.resolve("00000000000000000000.log"))).isEqualTo(damaged);
        assertThat(files.exists(aside.resolve("damaged"))).isTrue();
        append(fresh, 2);
        files.losePower();
        reopen();
        assertThat(log.damage()).isEmpty();
        assertThat(Batches.readAll(log, 1000)).hasSize(4);
        assertThat(files.isDirectory(aside)).isTrue();
        assertThat(directory.deleteDamaged(Duration.ZERO, 1)).isZero();
        assertThat(directory.deleteDamaged(Duration.ofMillis(-1), 1)).isEqualTo(1);
        assertThat(files.isDirectory(aside)).isFalse();
    }

    @Test
    void shouldKeepNewestOfWhatWasSetAside() throws Exception {
        for (int i = 0; i < 5; i++) {
            files.createDirectories(LOGS.resolve(Directories.LOG + "." + (900_000 + i) + ".damaged"));
        }
        assertThat(directory.deleteDamaged(Duration.ofDays(1), 2)).isEqualTo(3);
        assertThat(files.list(LOGS))
                .contains(Directories.LOG + ".900004.damaged", Directories.LOG + ".900003.damaged")
                .doesNotContain(Directories.LOG + ".900002.damaged");
    }

    @Test
    void shouldBeDamagedOrEmptyWhereverAFreshStartIsInterrupted() throws Exception {
        log.checkpointHighWatermark(log.flushedEndOffset());
        directory.checkpoint();
        flipFirstBatch();
        log.markDamaged("bad CRC").join();
        directory.close();
        SimFs before = files;
        boolean interrupted = true;
        for (int operation = 1; interrupted; operation++) {
            for (boolean power : new boolean[] {false, true}) {
                files = before.copy(operation);
                DataDirectory dying = Directories.open(files.newProcess(), Directories.ROOT, SETTINGS);
                files.crashAfter(operation, power);
                try {
                    dying.startAfresh(Directories.LOG);
                } catch (StorageException died) {
                    assertThat(died.kind()).isEqualTo(Kind.IO);
                }
                interrupted = !files.crashPlanned();
                if (!interrupted) {
                    files.losePower();
                }
                reopen();
                if (log.damage().isEmpty()) {
                    assertThat(log.writtenEndOffset()).isZero();
                    assertThat(log.epochChain()).isEmpty();
                } else {
                    assertThat(directory.startAfresh(Directories.LOG).damage()).isEmpty();
                }
                assertThat(files.list(LOGS).stream().filter(name -> name.endsWith(".damaged")))
                        .hasSize(1);
            }
        }
    }
}
