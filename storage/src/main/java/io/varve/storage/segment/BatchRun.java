// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

import io.varve.storage.Damage;
import io.varve.storage.file.StoreFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Goes through the batches of neighbouring sealed segments a little at a time, and checks each in full (I22). Between two turns it holds no file.
 *
 * <p><i>confined to one thread</i>
 */
final class BatchRun {
    /** Sees one batch after another. */
    interface Visitor {
        /** False to see no more; this batch counts as not seen. */
        boolean visit(ByteBuffer batch, int at) throws IOException;
    }

    private final LogState state;
    private final List<Segment> segments;
    private int index;
    private long position;
    private long offset;
    private boolean stopped;

    /** From the first batch of the first segment on. */
    BatchRun(LogState state, List<Segment> segments) {
        this.state = state;
        this.segments = segments;
        offset = segments.get(0).baseOffset();
    }

    /** From the batch on that holds {@code from}, which must lie in one of the segments. */
    static BatchRun from(LogState state, List<Segment> segments, long from, BatchFinder finder) throws IOException {
        BatchRun run = new BatchRun(state, segments);
        while (segments.get(run.index).endOffset() <= from) {
            run.index++;
        }
        Segment segment = segments.get(run.index);
        StoreFile file = segment.acquireBriefly();
        try {
            HeaderWalk walk = finder.find(segment, file, from);
            run.position = walk.position();
            run.offset = walk.offset();
        } finally {
            segment.release();
        }
        return run;
    }

    boolean isAtEnd() {
        return stopped || index == segments.size();
    }

    /** Goes on until at least {@code maxBytes} were read or it is at the end; returns the bytes read. */
    long go(long maxBytes, Visitor visitor) throws IOException {
        long read = 0;
        while (read < maxBytes && !isAtEnd()) {
            Segment segment = segments.get(index);
            long from = position;
            StoreFile file = segment.acquireBriefly();
            try (BatchScan scan = new BatchScan(
                    file, position, segment.sizeBytes(), offset, state.settings.maxBatchBytes(), state.chain)) {
                go(scan, from + maxBytes - read, visitor);
                if (scan.problem() != null) {
                    throw damaged(segment, scan.offset(), scan.position(), scan.problem());
                }
                position = scan.position();
                offset = scan.offset();
            } finally {
                segment.release();
            }
            read += position - from;
            if (position >= segment.sizeBytes() && !stopped) {
                next(segment);
            }
        }
        return read;
    }

    private void go(BatchScan scan, long untilPosition, Visitor visitor) throws IOException {
        while (scan.position() < untilPosition && scan.next()) {
            if (!visitor.visit(scan.batch(), scan.at())) {
                stopped = true;
                return;
            }
            scan.step();
        }
    }

    private void next(Segment done) throws IOException {
        if (offset != done.endOffset()) {
            throw damaged(done, offset, position, "the segment ends here, the next one begins at " + done.endOffset());
        }
        index++;
        position = 0;
    }

    private IOException damaged(Segment segment, long at, long byteAt, String why) {
        return state.damaged(new Damage(at, segment.path() + " at byte " + byteAt + ": " + why));
    }
}
