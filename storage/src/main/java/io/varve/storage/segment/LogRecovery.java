// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

import io.varve.storage.Damage;
import io.varve.storage.EpochEntry;
import io.varve.storage.LogId;
import io.varve.storage.LogSettings;
import io.varve.storage.file.FileStore;
import io.varve.storage.file.StoreFile;
import io.varve.storage.journal.Piece;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the files of one log. Three zones (P33, P34):
 *
 * <pre>
 * below the recovery point       was flushed: wrong structure is damage, reported and left as it is; contents are checked when they are read
 * from it to the end             may be torn: checked in full, cut at the first wrong byte, but damage if that is below the high watermark
 * zeros at the end               space made ready and not used: cut
 * </pre>
 *
 * The recovery point is the checkpointed one, or the base of the last segment if that is higher: a roll flushes the old segment before it creates the
 * next. So only the last segment can end in a torn batch, and what is wrong in others is damage.
 *
 * <p><i>confined to one thread</i>
 */
final class LogRecovery {
    private static final Logger LOG = LoggerFactory.getLogger(LogRecovery.class);

    /** What was found. With damage, the segments are not to be used. */
    record Recovered(
            Segments segments,
            EpochChain chain,
            long logStartOffset,
            long endOffset,
            long highWatermark,
            @Nullable Damage damage) {
        Recovered damagedBy(Damage found) {
            return new Recovered(Segments.NONE, chain, logStartOffset, endOffset, highWatermark, found);
        }
    }

    private static final class DamagedLogException extends Exception {
        private static final long serialVersionUID = 1L;

        private final transient Damage damage;

        DamagedLogException(long offset, String detail) {
            super(detail);
            damage = new Damage(offset, detail);
        }
    }

    private final LogId id;
    private final LogHome home;
    private final FileStore files;
    private final Path directory;
    private final LogSettings settings;
    private final @Nullable Checkpoint checkpoint;
    private final boolean rewrite;
    private @Nullable EpochChain chain;
    private boolean chainRebuilt;

    /**
     * @param checkpoint null if the checkpoint file was lost: then only the last segment may be torn
     * @param chain null if the epoch file was lost, then it is built from the batches; likewise an empty one of a log that has batches
     */
    LogRecovery(
            LogId id,
            LogHome home,
            Path directory,
            LogSettings settings,
            @Nullable Checkpoint checkpoint,
            @Nullable EpochChain chain) {
        this.id = id;
        this.home = home;
        this.files = home.files();
        this.rewrite = home.flushFailedBefore();
        this.directory = directory;
        this.settings = settings;
        this.checkpoint = checkpoint;
        this.chain = chain;
    }

    Recovered recover() throws IOException {
        if (checkpoint != null && checkpoint.isReset()) {
            return finishReset(checkpoint.logStartOffset());
        }
        Optional<Damage> mark = DamageMark.read(files, directory);
        if (mark.isPresent()) {
            LOG.error(
                    "log {}: was marked as damaged at offset {}: {}",
                    id,
                    mark.get().offset(),
                    mark.get().detail());
            return damagedBy(mark.get(), checkpoint == null ? 0 : checkpoint.logStartOffset());
        }
        if (files.exists(directory)) {
            SegmentSwap.finishInterrupted(files, directory);
        }
        List<Long> bases = files.exists(directory) ? segmentBases() : List.of();
        long logStart = checkpoint != null ? checkpoint.logStartOffset() : bases.isEmpty() ? 0 : bases.get(0);
        try {
            List<Segment> segments = new ArrayList<>();
            long end = open(bases, logStart, segments);
            // a crash may have come between the creation of the last segment, or the deletion of a later one, and the
            // flush
            // of its name; the segment that came back would begin in the middle of what is written from now on
            if (!bases.isEmpty() && !home.closedCleanly()) {
                FlushFailedException.forceDirectory(files, directory);
            }
            long highWatermark = checkpoint == null ? logStart : Math.max(logStart, checkpoint.highWatermark());
            EpochChain known = chain == null ? EpochChain.EMPTY : chain;
            return new Recovered(
                    new Segments(segments), known.cutAt(end), logStart, end, Math.min(highWatermark, end), null);
        } catch (DamagedLogException e) {
            LOG.error("log {}: damaged at offset {}: {}; nothing was cut", id, e.damage.offset(), e.damage.detail());
            mark(e.damage);
            return damagedBy(e.damage, logStart);
        }
    }

    private Recovered damagedBy(Damage damage, long logStart) {
        long end = Math.max(logStart, damage.offset());
        return new Recovered(Segments.NONE, chain == null ? EpochChain.EMPTY : chain, logStart, end, logStart, damage);
    }

    /** The next start would find the same damage, unless a second one hides it: a lost checkpoint file, say. */
    private void mark(Damage damage) {
        try {
            DamageMark.write(files, directory, damage);
        } catch (IOException e) {
            LOG.warn("log {}: could not be marked as damaged: {}", id, e.toString());
        }
    }

    private Recovered finishReset(long offset) throws IOException {
        LOG.info("log {}: its reset to {} was interrupted, what is left of its files goes", id, offset);
        home.filesGone(id);
        if (chain != null && !chain.entries().isEmpty()) {
            home.epochsCut(id, 0);
        }
        return new Recovered(Segments.NONE, EpochChain.EMPTY, offset, offset, offset, null);
    }

    private List<Long> segmentBases() throws IOException {
        List<Long> bases = new ArrayList<>();
        for (String name : files.list(directory)) {
            OptionalLong base = SegmentNames.offset(name, SegmentNames.LOG);
            if (base.isPresent()) {
                bases.add(base.getAsLong());
            } else if (name.endsWith(SegmentNames.TEMPORARY)) {
                files.delete(directory.resolve(name));
            }
        }
        // deleted by retention before a crash: names may come back in any order, so the checkpointed start decides
        while (checkpoint != null && bases.size() > 1 && bases.get(1) <= checkpoint.logStartOffset()) {
            new Segment(files, directory, bases.remove(0)).delete();
        }
        return bases;
    }

    private long open(List<Long> bases, long logStart, List<Segment> segments) throws IOException, DamagedLogException {
        long durableEnd = checkpoint == null ? logStart : checkpoint.recoveryPoint();
        if (bases.isEmpty()) {
            if (durableEnd > logStart) {
                throw new DamagedLogException(logStart, "no segment, the log was durable to " + durableEnd);
            }
            for (Piece piece : home.journal().found(id)) { // the name of a segment is durable before its first batch
                if (piece.baseOffset() >= logStart) {
                    throw new DamagedLogException(logStart, "no segment, the journal has offset " + piece.baseOffset());
                }
            }
            return logStart;
        }
        if (bases.get(0) > logStart) {
            throw new DamagedLogException(logStart, "the first segment begins at " + bases.get(0));
        }
        long lastBase = bases.get(bases.size() - 1);
        boolean chainLost = chain != null && chain.entries().isEmpty() && durableEnd > bases.get(0);
        if (chain == null || chainLost) {
            chain = chainOfBatches(bases, Math.max(lastBase, durableEnd));
            chainRebuilt = true;
        }
        for (int i = 0; i + 1 < bases.size(); i++) {
            segments.add(openSealed(bases.get(i), bases.get(i + 1)));
        }
        Segment last = openLast(lastBase, durableEnd, chain);
        segments.add(last);
        if (last.endOffset() < logStart) { // a truncation to the log's start was interrupted: nothing above it is left
            for (int i = segments.size() - 1; i >= 0; i--) {
                segments.get(i).delete();
                FlushFailedException.forceDirectory(files, directory);
            }
            segments.clear();
            return logStart;
        }
        return last.endOffset();
    }

    private Segment openSealed(long base, long endOffset) throws IOException, DamagedLogException {
        Segment segment = new Segment(files, directory, base);
        try (StoreFile file = files.open(segment.path(), FileStore.Mode.READ)) {
            long size = file.size();
            long[] newest = new long[1];
            if (segment.index().openSealed(endOffset, size, newest)) {
                segment.publish(endOffset, size, newest[0]);
                return segment;
            }
            LOG.info("log {}: building the index of segment {} anew", id, base);
            IndexBuilder builder = new IndexBuilder(segment, settings.indexIntervalBytes());
            HeaderWalk walk = builder.walkAll(file, size);
            if (walk.problem() != null || walk.offset() != endOffset) {
                String why = walk.problem() != null ? walk.problem() : "the segment ends here";
                throw new DamagedLogException(
                        walk.offset(),
                        segment.path() + " at byte " + walk.position() + " of " + size + ": " + why
                                + "; the next segment begins at offset " + endOffset);
            }
            try {
                segment.index().seal(endOffset, (int) size, builder.newestTimestamp());
            } catch (IOException e) { // only a hint, and a full disk must not keep the log from being read (P36)
                LOG.warn("{}: its index was not completed, the next start tries again: {}", segment, e.toString());
            }
            segment.publish(endOffset, size, builder.newestTimestamp());
            return segment;
        }
    }

    private Segment openLast(long base, long durableEnd, EpochChain known) throws IOException, DamagedLogException {
        Segment segment = new Segment(files, directory, base);
        long recoveryPoint = Math.max(base, durableEnd);
        try (StoreFile file = files.open(segment.path(), FileStore.Mode.WRITE)) {
            long size = file.size();
            IndexBuilder builder = new IndexBuilder(segment, settings.indexIntervalBytes());
            HeaderWalk walk = builder.walkTo(file, size, recoveryPoint);
            if (walk.problem() != null || walk.offset() != recoveryPoint) {
                String why = walk.problem() != null
                        ? walk.problem()
                        : walk.position() == size ? "the file ends here" : "a batch goes on to " + walk.nextOffset();
                throw new DamagedLogException(
                        walk.offset(),
                        segment.path() + " at byte " + walk.position() + " of " + size + ": " + why
                                + "; the log was durable to " + recoveryPoint);
            }
            checkLastDurable(segment, file, walk, known);
            try (BatchScan scan =
                    new BatchScan(file, walk.position(), size, recoveryPoint, settings.maxBatchBytes(), known)) {
                while (scan.next()) {
                    builder.see(scan.offset(), scan.position(), scan.batch(), scan.at());
                    scan.step();
                }
                JournalFill journal =
                        new JournalFill(files, home.journal().found(id), settings.maxBatchBytes(), known, chainRebuilt);
                boolean filled = journal.fill(file, scan.offset(), scan.position(), builder);
                chain = journal.chain();
                requireWhole(journal);
                if (filled) {
                    LOG.info("log {}: offsets {} to {} came from the journal", id, scan.offset(), journal.offset());
                } else if (scan.problem() != null) {
                    cut(segment, file, size, scan);
                }
                if (rewrite) {
                    rewrite(file, walk.position(), journal.position());
                }
                // What is kept may so far be in memory only, and is about to count as flushed. Also where a truncation
                // ended that was
                // interrupted: the next segment would begin in the middle of this one.
                boolean proven = home.closedCleanly() && journal.offset() == recoveryPoint && scan.problem() == null;
                if (!proven || rewrite) {
                    FlushFailedException.force(file);
                }
                segment.publish(journal.offset(), journal.position(), builder.newestTimestamp());
            }
            return segment;
        }
    }

    private void requireWhole(JournalFill journal) throws DamagedLogException {
        String damage = journal.damage();
        if (damage == null && home.journal().foundDamaged()) {
            damage = "a part of the journal is lost, and perhaps flushed batches of this log";
        }
        if (damage != null) {
            throw new DamagedLogException(journal.offset(), damage);
        }
    }

    /** A wrong length of the last batch below the recovery point would let everything after it look torn, so this one is checked in full. */
    private void checkLastDurable(Segment segment, StoreFile file, HeaderWalk walk, EpochChain known)
            throws IOException, DamagedLogException {
        if (walk.previousPosition() < 0) {
            return;
        }
        try (BatchScan scan = new BatchScan(
                file,
                walk.previousPosition(),
                walk.position(),
                walk.previousOffset(),
                settings.maxBatchBytes(),
                known)) {
            if (!scan.next()) {
                throw new DamagedLogException(
                        scan.offset(), segment.path() + " at byte " + scan.position() + ": " + scan.problem());
            }
        }
    }

    /** Makes clean pages dirty, so that the next flush means something. */
    private static void rewrite(StoreFile file, long from, long until) throws IOException {
        ByteBuffer block = ByteBuffer.allocate(64 * 1024);
        for (long at = from; at < until; at += block.limit()) {
            block.clear().limit((int) Math.min(block.capacity(), until - at));
            file.read(block, at);
            file.writeFully(block.flip(), at);
        }
    }

    private void cut(Segment segment, StoreFile file, long size, BatchScan scan)
            throws IOException, DamagedLogException {
        long highWatermark = checkpoint == null ? 0 : checkpoint.highWatermark();
        if (scan.offset() < highWatermark) {
            throw new DamagedLogException(
                    scan.offset(),
                    segment.path() + " at byte " + scan.position() + " of " + size + ": " + scan.problem()
                            + "; the high watermark was " + highWatermark);
        }
        if (scan.onlyZerosFollow()) {
            LOG.info("log {}: ends at offset {}; {} zero bytes cut", id, scan.offset(), size - scan.position());
        } else {
            HeaderWalk rest = new HeaderWalk(file, scan.position(), size, scan.offset());
            while (rest.next()) {
                rest.step();
            }
            LOG.warn(
                    "log {}: cut at offset {}, it seemed to go on to offset {}; bytes {} to {} of segment {} are gone: {}",
                    id,
                    scan.offset(),
                    rest.offset(),
                    scan.position(),
                    size,
                    segment.baseOffset(),
                    scan.problem());
        }
        file.truncate(scan.position());
    }

    /** The epochs that the batch headers tell: surely below the recovery point, as far as they make sense above it. */
    private EpochChain chainOfBatches(List<Long> bases, long recoveryPoint) throws IOException, DamagedLogException {
        LOG.warn("log {}: building its epoch chain from its batches", id);
        EpochChain built = EpochChain.EMPTY;
        for (long base : bases) {
            Segment segment = new Segment(files, directory, base);
            try (StoreFile file = files.open(segment.path(), FileStore.Mode.READ)) {
                HeaderWalk walk = new HeaderWalk(file, 0, file.size(), base);
                while (walk.next()) {
                    int epoch = walk.leaderEpoch();
                    if (epoch < built.lastEpoch() && walk.offset() >= recoveryPoint) {
                        return built;
                    }
                    if (epoch < built.lastEpoch()) {
                        throw new DamagedLogException(
                                walk.offset(),
                                segment.path() + ": epoch " + epoch + " after epoch " + built.lastEpoch());
                    }
                    if (epoch > built.lastEpoch()) {
                        built = built.with(new EpochEntry(epoch, walk.offset()));
                    }
                    walk.step();
                }
            }
        }
        return built;
    }
}
