// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import static io.varve.storage.Batches.at;
import static io.varve.storage.Batches.produced;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.storage.StorageException.Kind;
import io.varve.storage.testkit.SimFs;
import io.varve.storage.testkit.SimFs.Operation;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FullDiskTest {
    private static final LogSettings SETTINGS = LogSettings.DEFAULT.withSegmentSizeBytes(400);

    private final SimFs files = new SimFs(1);
    private final StepExecutor pool = new StepExecutor();
    private final Directories.Listener listener = new Directories.Listener();
    private DataDirectory directory;
    private PartitionLog log;

    @BeforeEach
    void openALogOfTwoRecords() throws Exception {
        DataDirectory.format(files, Directories.ROOT, Directories.IDENTITY);
        directory = pool.directly(() -> Directories.open(files, Directories.ROOT, SETTINGS, pool));
        log = directory.create(Directories.LOG, SETTINGS);
        log.attach(listener);
        stage("a", "b");
        pool.drain();
        listener.heard.clear();
    }

    @AfterEach
    void allChunksAreReleased() {
        assertThat(Chunk.openCount()).isZero();
    }

    private void stage(String... values) {
        for (String value : values) {
            assertThat(log.stage(at(log.stagedEndOffset(), 1, produced(1, value))))
                    .isTrue();
        }
    }

    private void fillDisk(int roomBytes) {
        long used =
                files.files().values().stream().mapToLong(bytes -> bytes.length).sum();
        files.setCapacityBytes(used + roomBytes);
    }

    @Test
    void shouldSayHowFarItGotAndRefuseUntilReopened() throws Exception {
        stage("c", "d", "e");
        fillDisk(100); // one batch and a part of the next
        pool.drain();
        assertThat(listener.heard).containsExactly("failure DISK_FULL 3 2");
        assertThat(log.stagedBytes()).isZero();
        assertThat(log.stage(at(5, 1, produced(1, "f")))).isFalse();
        assertThat(Batches.readAll(log, 1000)).containsExactly("0:a", "1:b", "2:c"); // reads go on
        files.setCapacityBytes(Long.MAX_VALUE);
        assertThat(pool.directly(() -> log.reopen().join())).isEqualTo(3);
        assertThat(log.failure()).isEmpty();
        assertThat(directory.failure()).isEmpty();
        stage("new");
        pool.drain();
        assertThat(listener.heard).endsWith("progress 3 3", "progress 4 4");
        assertThat(Batches.readAll(log, 1000)).containsExactly("0:a", "1:b", "2:c", "3:new");
    }

    @Test
    void shouldDeleteLogsAlsoWhenNothingIsLeft() throws Exception {
        fillDisk(0);
        pool.directly(() -> {
            directory.delete(Directories.LOG);
            return null;
        });
        assertThat(directory.find(Directories.LOG)).isEmpty();
        assertThat(directory.failure()).isEmpty();
        assertThat(files.files().keySet().stream().map(Path::toString))
                .noneMatch(path -> path.contains(Directories.LOG.toString()));
        Path ballast = Directories.ROOT.resolve(".ballast");
        assertThat(files.files()).doesNotContainKey(ballast);

        files.setCapacityBytes(Long.MAX_VALUE);
        pool.directly(() -> directory.create(Directories.LOG, SETTINGS));
        pool.directly(() -> {
            directory.checkpoint();
            return null;
        });
        assertThat(files.files()).as("for the next time").containsKey(ballast);
    }

    @Test
    void shouldBeReopenedLaterWhenTheDiskIsFullDuringRecovery() throws Exception {
        stage("c", "d");
        fillDisk(100);
        pool.drain();
        files.failWith("No space left on device");
        files.failAfter(Operation.OPEN, 1);
        assertThatThrownBy(() -> pool.directly(() -> log.reopen().join())).hasMessageContaining("No space left");
        assertThat(directory.failure()).isEmpty();
        assertThat(log.failure()).isPresent();
        files.setCapacityBytes(Long.MAX_VALUE);
        assertThat(pool.directly(() -> log.reopen().join())).isEqualTo(3);
        stage("new");
        pool.drain();
        assertThat(Batches.readAll(log, 1000)).containsExactly("0:a", "1:b", "2:c", "3:new");
    }

    @Test
    void shouldTakeTheDirectoryOfflineWhenAFlushFailsForLackOfSpaceDuringRecovery() throws Exception {
        stage("c", "d");
        fillDisk(100);
        pool.drain();
        files.failWith("No space left on device");
        files.failAfter(Operation.FORCE, 1);
        assertThatThrownBy(() -> pool.directly(() -> log.reopen().join())).hasMessageContaining("No space left");
        assertThat(directory.failure()).isPresent(); // P36
    }

    @Test
    void shouldFailAndNotStandStillWhenAWriteThrowsAnError() throws Exception {
        files.failWithError(new OutOfMemoryError("for a test"));
        files.failAfter(Operation.WRITE, 1);
        stage("c", "d");
        pool.drain();
        assertThat(listener.heard).containsExactly("failure IO 2 2");
        assertThat(log.stagedBytes()).isZero();
        assertThat(directory.failure()).isEmpty();
        assertThat(pool.directly(() -> log.reopen().join())).isEqualTo(2);
        stage("e");
        pool.drain();
        assertThat(Batches.readAll(log, 1000)).containsExactly("0:a", "1:b", "2:e");
    }

    @Test
    void shouldStillFindDamageAfterARestartThatAReopenFound() throws Exception {
        stage("c");
        fillDisk(10);
        pool.drain();
        assertThat(listener.heard).endsWith("failure DISK_FULL 2 2");
        files.setCapacityBytes(Long.MAX_VALUE);
        Path segment = Directories.ROOT
                .resolve("logs")
                .resolve(Directories.LOG.toString())
                .resolve("00000000000000000000.log");
        Chunk first = produced(1, "a");
        long lengthOfSecond = first.sizeBytes() + Long.BYTES + Integer.BYTES - 1;
        first.release();
        files.flipBit(segment, lengthOfSecond * Byte.SIZE); // b is flushed: below the recovery point
        assertThatThrownBy(() -> pool.directly(() -> log.reopen().join())).hasMessageContaining("damaged at offset 1");
        pool.directly(() -> {
            directory.checkpoint();
            directory.close();
            return null;
        });
        directory = pool.directly(() -> Directories.open(files, Directories.ROOT, SETTINGS, pool));
        PartitionLog again = directory.find(Directories.LOG).orElseThrow();
        assertThat(again.damage()).isPresent(); // P34: neither cut nor served
        assertThat(again.epochChain()).isNotEmpty();
    }

    @Test
    void shouldMakeRoomByRetentionOnAFullDisk() throws Exception {
        stage("c", "d", "e", "f", "g", "h", "i", "j", "k");
        pool.drain();
        log.configure(SETTINGS.withRetention(1, LogSettings.UNLIMITED));
        fillDisk(0);
        assertThat(directory.freeBytes()).isZero();
        long start = pool.directly(() -> Directories.retain(log, 1, 11));
        assertThat(start).isGreaterThan(3);
        assertThat(directory.freeBytes()).isPositive();
    }

    @Test
    void shouldTakeTheDirectoryOfflineWhenAFlushFails() throws Exception {
        PartitionLog other = directory.create(new LogId(Directories.LOG.topicId(), 1), SETTINGS);
        Directories.Listener otherListener = new Directories.Listener();
        other.attach(otherListener);
        List<StorageException> offline = new java.util.ArrayList<>();
        directory.onOffline(offline::add);
        stage("c");
        files.failAfter(Operation.FORCE, 1);
        pool.drain();
        assertThat(listener.heard).containsExactly("failure IO 3 2");
        assertThat(otherListener.heard).containsExactly("failure IO 0 0");
        assertThat(offline).hasSize(1);
        assertThat(directory.failure()).isPresent();
        assertThat(other.stage(at(0, 1, produced(1, "x")))).isFalse();
        assertThatThrownBy(() -> pool.directly(() -> log.reopen().join())) // P36
                .hasMessageContaining("offline");
        assertThat(Batches.readAll(log, 1000)).hasSize(3);
    }

    @Test
    void shouldGoOfflineWhenAnEpochWithoutRecordsCannotBeForgotten() throws Exception {
        log.assignEpoch(2, 2);
        pool.directly(() -> log.advanceLogStart(0, 0).join()); // which writes the epoch down before
        files.failAfter(Operation.FORCE, 1);
        assertThatThrownBy(() -> pool.directly(() -> log.truncateTo(2).join())).hasMessageContaining("epochs");
        assertThat(directory.failure())
                .as("or every cut would fail for ever, and the node never say so")
                .isPresent();
    }

    @Test
    void shouldGoOfflineWhenTheCatalogueCannotBeFlushed() throws Exception {
        List<StorageException> offline = new java.util.ArrayList<>();
        directory.onOffline(offline::add);
        files.failAfter(Operation.FORCE, 1);
        LogId second = new LogId(Directories.LOG.topicId(), 1);
        assertThatThrownBy(() -> directory.create(second, SETTINGS)).hasMessageContaining("creating log");
        pool.drain();
        assertThat(offline).as("or it would be tried again for ever").hasSize(1);
        assertThat(listener.heard).containsExactly("failure IO 2 2");
        files.crash();
        directory = pool.directly(() -> Directories.open(files, Directories.ROOT, SETTINGS, pool));
        directory.create(second, SETTINGS);
        assertThat(directory.logs()).containsOnlyKeys(Directories.LOG, second);
    }

    @Test
    void shouldGoOfflineWhenALogCannotBeRemovedFromTheCatalogue() throws Exception {
        files.failAfter(Operation.FORCE, 1);
        assertThatThrownBy(() -> pool.directly(() -> {
                    directory.delete(Directories.LOG);
                    return directory;
                }))
                .hasMessageContaining("removing log");
        pool.drain();
        assertThat(directory.failure()).isPresent();
    }

    @Test
    void shouldNotTrustPagesThatAFailedFlushOfAnEarlierProcessLeftClean() throws Exception {
        stage("c");
        files.failAfter(Operation.FORCE, 1);
        pool.drain();
        files.crash(); // the page cache lives on, and shows "c" as if it were on disk
        directory = pool.directly(() -> Directories.open(files, Directories.ROOT, SETTINGS, pool));
        log = directory.find(Directories.LOG).orElseThrow();
        long end = log.flushedEndOffset();
        files.losePower();
        directory = pool.directly(() -> Directories.open(files, Directories.ROOT, SETTINGS, pool));
        assertThat(directory.find(Directories.LOG).orElseThrow().writtenEndOffset())
                .isEqualTo(end);
    }

    @Test
    void shouldFlushTheNameOfASegmentThatACrashLeftUnflushed() throws Exception {
        files.failAfter(Operation.FORCE_DIRECTORY, 1);
        pool.directly(() -> log.roll().handle((done, failure) -> failure).join());
        for (int i = 0; i < 8; i++) { // a name is lost by chance
            files.crash();
            directory = pool.directly(() -> Directories.open(files, Directories.ROOT, SETTINGS, pool));
            log = directory.find(Directories.LOG).orElseThrow();
            long end = log.writtenEndOffset();
            log.stage(at(end, 2 + i, produced(1, "n")));
            pool.drain();
            files.losePower();
            directory = pool.directly(() -> Directories.open(files, Directories.ROOT, SETTINGS, pool));
            log = directory.find(Directories.LOG).orElseThrow();
            assertThat(log.writtenEndOffset()).isEqualTo(end + 1);
        }
    }

    @Test
    void shouldSayDiskFullAsAKind() {
        assertThat(StorageException.of("x", new java.io.IOException("No space left on device"))
                        .kind())
                .isEqualTo(Kind.DISK_FULL);
    }
}
