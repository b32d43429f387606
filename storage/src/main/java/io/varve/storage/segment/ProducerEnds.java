// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

import io.varve.record.BatchHeader;
import io.varve.storage.file.StoreFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The last batch of each producer in a log. It stays, at least empty: from it the producer's sequence is known when the state is rebuilt (P41). Of more
 * producers than the map takes, every batch stays.
 *
 * <p><i>confined to one thread</i>
 */
final class ProducerEnds {
    private static final long MAP_BYTES = 1 << 20;
    /** What a look at a header costs at most. */
    private static final long HEADER_COST_BYTES = 8 * 1024;

    private final List<Segment> segments;
    private final long highWatermark;
    private final KeyMap last = new KeyMap(MAP_BYTES);
    private final KeyHash hash = new KeyHash();
    private boolean full;
    private int index;
    private long position;
    private long offset;

    /**
     * @param segments of the whole log, also the one that is written
     * @param highWatermark what lies above may be cut off, and then the batch before is its producer's last
     */
    ProducerEnds(List<Segment> segments, long highWatermark) {
        this.segments = segments;
        this.highWatermark = highWatermark;
        offset = segments.get(0).baseOffset();
    }

    boolean isAtEnd() {
        return index == segments.size();
    }

    /** Looks at headers until about {@code maxBytes} were read; returns how many were. */
    long go(long maxBytes, ColdReads reads) throws IOException {
        long read = 0;
        while (read < maxBytes && !isAtEnd()) {
            long budget = maxBytes - read;
            Segment segment = segments.get(index);
            read += reads.briefly(segment, (now, file) -> look(now, file, budget));
        }
        return read;
    }

    private long look(Segment segment, StoreFile file, long maxBytes) throws IOException {
        long size = segment.sizeBytes();
        HeaderWalk walk = new HeaderWalk(file, position, size, offset);
        long read = 0;
        while (read < maxBytes && walk.next()) {
            note(walk.header(), walk.at());
            read += Math.min(HEADER_COST_BYTES, BatchHeader.sizeInBytes(walk.header(), walk.at()));
            walk.step();
        }
        position = walk.position();
        offset = walk.offset();
        if (position >= size || walk.problem() != null) { // damage is for those to report who read the records
            index++;
            position = 0;
            offset = isAtEnd() ? offset : segments.get(index).baseOffset();
        }
        return read;
    }

    private void note(ByteBuffer header, int at) {
        long producer = BatchHeader.producerId(header, at);
        if (producer >= 0 && BatchHeader.nextOffset(header, at) <= highWatermark) {
            hash.of(producer);
            full |= !last.put(hash, BatchHeader.baseOffset(header, at));
        }
    }

    /** Whether the batch's producer has none behind it, as far as that is known. */
    boolean isLast(ByteBuffer batch, int at) {
        long producer = BatchHeader.producerId(batch, at);
        if (producer < 0) {
            return false;
        }
        hash.of(producer);
        long known = last.get(hash);
        return known == KeyMap.ABSENT ? full : known <= BatchHeader.baseOffset(batch, at);
    }
}
