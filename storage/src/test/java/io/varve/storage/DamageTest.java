// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import static io.varve.storage.Batches.at;
import static io.varve.storage.Batches.produced;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.varve.record.BatchHeader;
import io.varve.storage.StorageException.Kind;
import io.varve.storage.testkit.SimFs;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Every byte of a small log flipped, and every length cut. */
class DamageTest {
    private static final LogSettings SETTINGS = LogSettings.DEFAULT
            .withDurability(Durability.WRITTEN)
            .withSegmentSizeBytes(450)
            .withIndexIntervalBytes(1);
    private static final Path FOLDER = Directories.ROOT.resolve("logs").resolve(Directories.LOG.toString());

    private final SimFs files = new SimFs(1);
    private final List<String> records = new ArrayList<>();
    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
    private long recoveryPoint;

    @BeforeEach
    void writeThreeSegments() throws Exception {
        DataDirectory directory = Directories.format(files, Directories.ROOT, SETTINGS);
        PartitionLog log = directory.create(Directories.LOG, SETTINGS);
        append(log, 12, 1); // five batches of about 85 bytes each per segment
        log.flush().join();
        log.checkpointHighWatermark(log.flushedEndOffset());
        directory.checkpoint();
        recoveryPoint = log.flushedEndOffset();
        append(log, 1, 2);
        log.flush().join(); // flushed and not checkpointed
        append(log, 1, 2); // not flushed
        files.crash();
        files.cut(Directories.ROOT.resolve(".ballast"), 0); // copied thousands of times below
        assertThat(files.list(FOLDER).stream().filter(name -> name.endsWith(".log")))
                .hasSize(3);
        Logger root = (Logger) LoggerFactory.getLogger("io.varve.storage.segment.LogRecovery");
        root.setLevel(Level.INFO);
        logged.start();
        root.addAppender(logged);
    }

    @AfterEach
    void stopLogging() {
        ((Logger) LoggerFactory.getLogger("io.varve.storage.segment.LogRecovery")).detachAppender(logged);
    }

    private void append(PartitionLog log, int batches, int epoch) {
        for (int i = 0; i < batches; i++) {
            long base = log.stagedEndOffset();
            log.stage(at(base, epoch, produced(1000 + base, "a" + base, "b" + base)));
            records.add(base + ":a" + base);
            records.add(base + 1 + ":b" + base);
        }
    }

    private static PartitionLog open(SimFs copy) throws StorageException {
        return Directories.open(copy, Directories.ROOT, SETTINGS)
                .find(Directories.LOG)
                .orElseThrow();
    }

    private List<Path> filesNamed(String suffix) {
        return files.files().keySet().stream()
                .filter(path -> path.startsWith(FOLDER) && path.toString().endsWith(suffix))
                .toList();
    }

    /** The offset of the batch that owns a byte of a segment. */
    private long batchAt(Path segment, long position) {
        ByteBuffer bytes = ByteBuffer.wrap(files.contents(segment));
        int at = 0;
        while (at + BatchHeader.sizeInBytes(bytes, at) <= position) {
            at += BatchHeader.sizeInBytes(bytes, at);
        }
        return BatchHeader.baseOffset(bytes, at);
    }

    @Test
    void shouldCutAboveTheRecoveryPointAndReportBelowItWhenAByteIsFlipped() throws Exception {
        for (Path segment : filesNamed(".log")) {
            for (int i = 0; i < files.contents(segment).length; i++) {
                SimFs copy = files.copy(1);
                copy.flipBit(segment, 8L * i + i % 8);
                check(copy, batchAt(segment, i), segment + " byte " + i);
            }
        }
    }

    @Test
    void shouldCutAboveTheRecoveryPointAndReportBelowItWhenAFileIsCut() throws Exception {
        for (Path segment : filesNamed(".log")) {
            for (int length = 0; length < files.contents(segment).length; length++) {
                SimFs copy = files.copy(1);
                copy.cut(segment, length);
                check(copy, batchAt(segment, length), segment + " cut to " + length);
            }
        }
    }

    private void check(SimFs copy, long firstBad, String what) throws Exception {
        logged.list.clear();
        PartitionLog log = open(copy);
        if (firstBad >= recoveryPoint) {
            assertThat(log.damage()).as(what).isEmpty();
            assertThat(log.writtenEndOffset()).as(what).isEqualTo(firstBad);
            assertThat(Batches.readAll(log, 100)).as(what).isEqualTo(records.subList(0, (int) firstBad));
            boolean atAnEdge = logged.list.isEmpty(); // a cut between two batches looks like an end
            if (!atAnEdge) {
                assertThat(logged.list.get(0).getFormattedMessage())
                        .as(what)
                        .containsAnyOf(
                                "cut at offset " + firstBad + ", it seemed to go on to offset ",
                                "ends at offset " + firstBad
                                        + ";"); // where the cut leaves a zero or two of a base offset
            }
            return;
        }
        if (log.damage().isEmpty()) { // then whoever reads it is told
            assertThat(log.writtenEndOffset()).as(what).isEqualTo(records.size());
            assertThatThrownBy(() -> Batches.readAll(log, 100))
                    .as(what)
                    .isInstanceOfSatisfying(
                            StorageException.class, e -> assertThat(e.kind()).isEqualTo(Kind.DAMAGED));
        } else {
            assertThat(log.damage().get().offset()).as(what).isLessThanOrEqualTo(recoveryPoint);
            assertThatThrownBy(() -> log.read(0, 100, 100, Batches.MEMORY)).hasMessageContaining("damaged");
            assertThat(log.stage(at(log.stagedEndOffset(), 9, produced(1, "x"))))
                    .isFalse();
        }
        assertSameFiles(copy, what);
    }

    /** Nothing of a damaged log may be cut or overwritten. */
    private void assertSameFiles(SimFs copy, String what) {
        for (Path segment : filesNamed(".log")) {
            assertThat(copy.contents(segment).length)
                    .as(what + ": " + segment)
                    .isGreaterThanOrEqualTo(
                            what.startsWith(segment + " cut")
                                    ? Integer.parseInt(what.substring(what.lastIndexOf(' ') + 1))
                                    : files.contents(segment).length);
        }
    }

    @Test
    void shouldAnswerTheSameWhateverIsLeftOfTheIndexes() throws Exception {
        List<Path> indexes = new ArrayList<>(filesNamed("index"));
        assertThat(indexes).hasSizeGreaterThanOrEqualTo(4); // the last segment's entries are still in memory
        for (Path index : indexes) {
            for (int i = 0; i < files.contents(index).length; i++) {
                SimFs flipped = files.copy(1);
                flipped.flipBit(index, 8L * i + i % 8);
                checkSame(flipped, index + " byte " + i);
                SimFs cut = files.copy(1);
                cut.cut(index, i);
                checkSame(cut, index + " cut to " + i);
            }
            SimFs zeros = files.copy(1);
            zeros.put(index, new byte[files.contents(index).length]);
            checkSame(zeros, index + " zeros");
            SimFs absent = files.copy(1);
            absent.delete(index);
            checkSame(absent, index + " absent");
            SimFs longer = files.copy(1);
            longer.put(index, java.util.Arrays.copyOf(files.contents(index), 1000));
            checkSame(longer, index + " longer");
        }
    }

    @Test
    void shouldComeBackWhateverIsLeftOfTheSharedFiles() throws Exception {
        for (String name : List.of("epochs", "catalogue", "checkpoints")) {
            Path path = Directories.ROOT.resolve(name);
            for (int i = 0; i < files.contents(path).length; i++) {
                SimFs flipped = files.copy(1);
                flipped.flipBit(path, 8L * i + i % 8);
                checkComesBack(flipped, name + " byte " + i);
                SimFs cut = files.copy(1);
                cut.cut(path, i);
                checkComesBack(cut, name + " cut to " + i);
            }
            SimFs absent = files.copy(1);
            absent.delete(path);
            checkComesBack(absent, name + " absent");
        }
    }

    /** A bit of the last entry is not a torn end: a torn one has an end of zeros. */
    @Test
    void shouldKeepWhatWasFlushedWhenTheLastEpochOrTheLastLogRotted() throws Exception {
        for (String name : List.of("epochs", "catalogue")) {
            for (int bit = 0; bit < 40 * 8; bit++) {
                SimFs disk = new SimFs(1);
                Path path = Directories.ROOT.resolve(name);
                DataDirectory directory = Directories.format(disk, Directories.ROOT, SETTINGS);
                int before = disk.contents(path).length;
                PartitionLog log = directory.create(Directories.LOG, SETTINGS);
                log.stage(at(0, 1, produced(1, "a")));
                log.flush().join();
                disk.losePower();
                int grown = disk.contents(path).length - before;
                disk.flipBit(path, before * 8L + bit % (8L * grown));

                PartitionLog again = open(disk);

                assertThat(Batches.readAll(again, 100))
                        .as("bit %d of %s", bit, name)
                        .containsExactly("0:a");
                assertThat(again.epochChain()).containsExactly(new EpochEntry(1, 0));
            }
        }
    }

    /** All that was flushed and checkpointed is there, or the log says that it is damaged; what is there is a prefix. */
    private void checkComesBack(SimFs copy, String what) throws Exception {
        PartitionLog log = open(copy);
        if (log.damage().isEmpty()) {
            assertThat(log.writtenEndOffset()).as(what).isGreaterThanOrEqualTo(recoveryPoint);
            assertThat(Batches.readAll(log, 100)).as(what).isEqualTo(records.subList(0, (int) log.writtenEndOffset()));
        }
    }

    private void checkSame(SimFs copy, String what) throws Exception {
        PartitionLog log = open(copy);
        assertThat(log.damage()).as(what).isEmpty();
        for (int offset = 0; offset < records.size() - 1; offset++) {
            assertThat(log.offsetForTimestamp(1000 + offset, Long.MAX_VALUE).map(TimestampOffset::offset))
                    .as(what)
                    .contains(offset % 2 == 0 ? offset : offset + 1L);
        }
        assertThat(Batches.readAll(log, 100)).as(what).isEqualTo(records);
    }

    @Test
    void shouldEndTheLogAtZeros() throws Exception {
        Path last = filesNamed(".log").get(2);
        byte[] withZeros = java.util.Arrays.copyOf(files.contents(last), files.contents(last).length + 4096);
        files.put(last, withZeros);
        PartitionLog log = open(files);
        assertThat(log.writtenEndOffset()).isEqualTo(records.size());
        assertThat(files.contents(last)).hasSize(withZeros.length - 4096);
        assertThat(logged.list.get(0).getFormattedMessage()).contains("4096 zero bytes cut");
    }

    @Test
    void shouldReportAMissingOrMisnamedOrOverlappingSegment() throws Exception {
        List<Path> segments = filesNamed(".log");
        for (int i = 0; i < 3; i++) {
            SimFs missing = files.copy(1);
            missing.delete(segments.get(i));
            assertThat(open(missing).damage()).as("missing " + i).isPresent();
            SimFs misnamed = files.copy(1);
            misnamed.rename(segments.get(i), FOLDER.resolve("00000000000000000003.log"));
            assertThat(open(misnamed).damage()).as("misnamed " + i).isPresent();
        }
        SimFs overlapping = files.copy(1);
        overlapping.put(FOLDER.resolve("00000000000000000004.log"), files.contents(segments.get(1)));
        assertThat(open(overlapping).damage()).isPresent();
    }

    @Test
    void shouldKeepReportingDamageAtEveryStart() throws Exception {
        files.cut(filesNamed(".log").get(0), 10);
        for (int i = 0; i < 3; i++) {
            DataDirectory directory = Directories.open(files, Directories.ROOT, SETTINGS);
            assertThat(directory.find(Directories.LOG).orElseThrow().damage()).isPresent();
            directory.close();
        }
    }
}
