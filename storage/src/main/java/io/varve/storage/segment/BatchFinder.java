// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

import io.varve.storage.Damage;
import io.varve.storage.StorageException;
import io.varve.storage.file.StoreFile;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds where in a segment's file the batch of an offset stands: by remembering where the last readers stopped, or by the index and a short walk.
 *
 * <p><i>thread-safe</i>
 */
final class BatchFinder {
    private static final Logger LOG = LoggerFactory.getLogger(BatchFinder.class);
    /** Readers that each go on where they stopped, and are remembered. */
    private static final int STOPS = 16;

    private record Stop(Segment segment, long offset, long position) {}

    private final LogState state;
    /** Made by the first reader; most logs have none. Two who are the first at once may make one each: then one of them is not remembered. */
    private volatile @Nullable AtomicReferenceArray<Stop> stops; // volatile: any reader

    BatchFinder(LogState state) {
        this.state = state;
    }

    /** A reader stopped before {@code offset}, which begins at {@code position}. */
    void remember(Segment segment, long offset, long position) {
        AtomicReferenceArray<Stop> known = stops;
        if (known == null) {
            known = new AtomicReferenceArray<>(STOPS);
            stops = known;
        }
        known.set(slot(offset), new Stop(segment, offset, position));
    }

    private static int slot(long offset) {
        return (int) (offset & (STOPS - 1));
    }

    /** A walk whose loaded header is the batch that holds {@code offset}, which must lie in the segment. */
    HeaderWalk find(Segment segment, StoreFile file, long offset) throws IOException {
        AtomicReferenceArray<Stop> known = stops;
        Stop stop = known == null ? null : known.get(slot(offset));
        if (stop != null && stop.offset == offset && stop.segment == segment) {
            HeaderWalk walk = new HeaderWalk(file, stop.position, segment.sizeBytes(), offset);
            if (walk.next()) {
                return walk;
            }
        }
        IndexEntry entry = floor(segment, file, offset);
        HeaderWalk walk = walk(segment, file, entry, offset);
        if (walk.problem() != null && entry.position() > 0) {
            LOG.warn("{}: an index entry points to no batch: {}", segment, walk.problem());
            rebuild(segment, file);
            walk = walk(segment, file, start(segment), offset);
        }
        if (walk.problem() != null || walk.offset() > offset || walk.position() >= segment.sizeBytes()) {
            throw damaged(segment, walk);
        }
        return walk;
    }

    StorageException damaged(Segment segment, HeaderWalk walk) {
        return damaged(segment, walk.offset(), walk.position(), String.valueOf(walk.problem()));
    }

    StorageException damaged(Segment segment, long offset, long position, String why) {
        Suspicions suspicions = state.suspicions;
        if (suspicions != null) {
            suspicions.raise(offset);
        }
        return state.damaged(new Damage(offset, segment.path() + " at byte " + position + ": " + why));
    }

    private static HeaderWalk walk(Segment segment, StoreFile file, IndexEntry from, long offset) throws IOException {
        HeaderWalk walk = new HeaderWalk(file, from.position(), segment.sizeBytes(), from.offset());
        while (walk.next() && walk.nextOffset() <= offset) {
            walk.step();
        }
        return walk;
    }

    private IndexEntry floor(Segment segment, StoreFile file, long offset) throws IOException {
        try {
            return segment.index().floor(offset);
        } catch (DamagedIndexException | IOException e) {
            LOG.warn("{}: {}", segment, e.toString());
            rebuild(segment, file);
            return start(segment);
        }
    }

    /** An offset of this segment before which every record is older than {@code timestamp}. */
    long offsetBefore(Segment segment, StoreFile file, long timestamp) throws IOException {
        try {
            return segment.index().offsetBefore(timestamp);
        } catch (DamagedIndexException | IOException e) {
            LOG.warn("{}: {}", segment, e.toString());
            rebuild(segment, file);
            return segment.baseOffset();
        }
    }

    private static IndexEntry start(Segment segment) {
        return new IndexEntry(segment.baseOffset(), 0, SegmentIndex.NO_TIMESTAMP);
    }

    /** Builds a sealed segment's index anew; the active one's is left to grow again. One thread does it, others walk from the start meanwhile. */
    void rebuild(Segment segment, StoreFile file) {
        if (!segment.index().beginRebuild()) {
            return;
        }
        try {
            List<Segment> sealed = state.segments.sealed();
            if (!sealed.contains(segment)) { // also one that was compacted: the files are those of another
                segment.index().distrust();
                return;
            }
            IndexBuilder builder = new IndexBuilder(segment, state.settings.indexIntervalBytes());
            HeaderWalk walk = builder.walkAll(file, segment.sizeBytes());
            if (walk.problem() == null) {
                segment.index().seal(walk.offset(), (int) walk.position(), builder.newestTimestamp());
            }
        } catch (IOException e) { // a full disk, perhaps: the walk from the start answers, too
            LOG.warn("{}: its index was not built: {}", segment, e.toString());
            segment.index().distrust();
        } finally {
            segment.index().endRebuild();
        }
    }
}
