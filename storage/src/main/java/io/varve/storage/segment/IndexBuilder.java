// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

import io.varve.record.BatchHeader;
import io.varve.storage.file.StoreFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees the batches of one segment in order, as they are written or found, and gives its index an entry every so many bytes.
 *
 * <p><i>confined to one thread</i>
 */
final class IndexBuilder {
    private static final Logger LOG = LoggerFactory.getLogger(IndexBuilder.class);

    private final Segment segment;
    private final int intervalBytes;
    private long lastEntryPosition;
    private long newestTimestamp = SegmentIndex.NO_TIMESTAMP;

    IndexBuilder(Segment segment, int intervalBytes) {
        this.segment = segment;
        this.intervalBytes = intervalBytes;
    }

    /** Goes on behind what is published of a segment. */
    static IndexBuilder resume(Segment segment, int intervalBytes) {
        IndexBuilder builder = new IndexBuilder(segment, intervalBytes);
        builder.lastEntryPosition = segment.index().lastPosition();
        builder.newestTimestamp = segment.newestTimestamp();
        return builder;
    }

    long newestTimestamp() {
        return newestTimestamp;
    }

    void see(long offset, long position, ByteBuffer header, int at) {
        see(offset, position, BatchHeader.maxTimestamp(header, at));
    }

    /** The next batch. A full disk costs index entries, never the log. */
    void see(long offset, long position, long maxTimestamp) {
        if (position > lastEntryPosition && position - lastEntryPosition >= intervalBytes) {
            lastEntryPosition = position;
            try {
                segment.index().add(new IndexEntry(offset, (int) position, newestTimestamp));
            } catch (IOException e) {
                LOG.warn("{}: index entries lost, reads will take longer: {}", segment, e.toString());
            }
        }
        newestTimestamp = Math.max(newestTimestamp, maxTimestamp);
    }

    /** Builds the index of a whole segment anew; the walk says how far that went. */
    HeaderWalk walkAll(StoreFile file, long sizeBytes) throws IOException {
        segment.index().reset();
        HeaderWalk walk = new HeaderWalk(file, 0, sizeBytes, segment.baseOffset());
        go(walk, Long.MAX_VALUE);
        return walk;
    }

    /** Walks to {@code offset} from the last index entry that can be trusted, completing the index on the way. */
    HeaderWalk walkTo(StoreFile file, long sizeBytes, long offset) throws IOException {
        IndexEntry start = segment.index().openPrefix(offset, sizeBytes);
        HeaderWalk walk = new HeaderWalk(file, start.position(), sizeBytes, start.offset());
        if (start.position() > 0 && !walk.next()) {
            segment.index().reset(); // the entry is intact and of another log: begin at the beginning
            start = new IndexEntry(segment.baseOffset(), 0, SegmentIndex.NO_TIMESTAMP);
            walk = new HeaderWalk(file, 0, sizeBytes, start.offset());
        }
        lastEntryPosition = start.position();
        newestTimestamp = start.newestBefore();
        go(walk, offset);
        return walk;
    }

    private void go(HeaderWalk walk, long untilOffset) throws IOException {
        while (walk.offset() < untilOffset && walk.next() && walk.nextOffset() <= untilOffset) {
            see(walk.offset(), walk.position(), walk.maxTimestamp());
            walk.step();
        }
    }
}
