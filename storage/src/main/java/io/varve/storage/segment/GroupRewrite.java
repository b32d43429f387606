// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

import io.varve.record.BatchHeader;
import io.varve.record.BatchThinner;
import io.varve.record.InvalidBatchException;
import io.varve.record.KeyCursor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes neighbouring segments into one file without the records that are not needed any more.
 *
 * <p><i>confined to one thread</i>
 */
final class GroupRewrite implements AutoCloseable {
    /** What decides about a record. */
    record Rules(
            KeyMap latest,
            long endOffset,
            ProducerEnds producers,
            CompactionMark mark,
            long nowMillis,
            long retention) {}

    private final LogState state;
    private final List<Segment> group;
    private final Rules rules;
    private final KeyHash hash = new KeyHash();
    private final Path path;
    private final BatchRun run;
    private final CompactedWriter writer;
    private long removed;
    private long removedTombstonesEnd;
    private long firstTombstone = CompactionMark.NONE_LEFT;

    GroupRewrite(LogState state, List<Segment> group, Rules rules) throws IOException {
        this.state = state;
        this.group = group;
        this.rules = rules;
        path = state.directory.resolve(SegmentNames.of(group.get(0).baseOffset(), SegmentNames.COMPACTING));
        run = new BatchRun(state, group);
        writer = new CompactedWriter(state.home.files(), path);
    }

    /** Rewrites until about {@code maxBytes} were read and written; returns how many were. */
    long go(long maxBytes) throws IOException {
        long before = writer.sizeBytes();
        long read = run.go(maxBytes / 2 + 1, this::rewrite);
        return read + writer.sizeBytes() - before;
    }

    boolean isAtEnd() {
        return run.isAtEnd();
    }

    private boolean rewrite(ByteBuffer batch, int at) throws IOException {
        boolean last = rules.producers.isLast(batch, at);
        if (BatchHeader.isControl(batch, at)) {
            writer.add(batch, at);
        } else if (BatchHeader.recordCount(batch, at) == 0) {
            addEmpty(batch, at, last);
        } else {
            ByteBuffer thinned = thinned(batch, at);
            if (thinned == null) {
                writer.add(batch, at);
            } else if (BatchHeader.recordCount(thinned, 0) == 0) {
                addEmpty(thinned, 0, last);
            } else {
                writer.add(thinned, 0);
            }
        }
        return true;
    }

    private void addEmpty(ByteBuffer batch, int at, boolean lastOfProducer) throws IOException {
        if (lastOfProducer) {
            writer.add(batch, at);
        } else {
            writer.addEmpty(batch, at);
        }
    }

    private @Nullable ByteBuffer thinned(ByteBuffer batch, int at) {
        if (BatchHeader.baseOffset(batch, at) >= rules.endOffset) {
            return null;
        }
        try {
            return BatchThinner.thin(batch, at, LogCompaction.MAX_DECOMPRESSED_BYTES, this::keeps);
        } catch (InvalidBatchException unreadable) { // nobody can read its records, so nobody misses the others
            return null;
        }
    }

    private boolean keeps(KeyCursor record) {
        long offset = record.offset();
        if (offset >= rules.endOffset || record.keyLength() == KeyCursor.NO_KEY) {
            return true;
        }
        hash.of(record.memory(), record.keyAt(), record.keyLength());
        boolean superseded = rules.latest.get(hash) > offset;
        boolean done =
                !superseded && record.isTombstone() && rules.mark.mayGo(offset, rules.nowMillis, rules.retention);
        if (done) {
            removedTombstonesEnd = offset + 1;
        }
        if (superseded || done) {
            removed++;
            return false;
        }
        if (record.isTombstone() && firstTombstone == CompactionMark.NONE_LEFT) {
            firstTombstone = offset;
        }
        return true;
    }

    /** Makes the file durable; null if it says the same as the segment that it was made from. */
    @Nullable
    Segment finish() throws IOException {
        writer.finish();
        writer.close();
        if (group.size() == 1 && writer.sizeBytes() == group.get(0).sizeBytes() && removed == 0) {
            return null;
        }
        Segment next =
                new Segment(state.home.files(), state.directory, group.get(0).baseOffset(), path);
        next.publish(group.get(group.size() - 1).endOffset(), writer.sizeBytes(), writer.newestTimestamp());
        return next;
    }

    List<Segment> group() {
        return group;
    }

    long sizeBytesBefore() {
        long sum = 0;
        for (Segment segment : group) {
            sum += segment.sizeBytes();
        }
        return sum;
    }

    long sizeBytesAfter() {
        return writer.sizeBytes();
    }

    long removed() {
        return removed;
    }

    /** The end of the highest tombstone that went, 0 if none did. */
    long removedTombstonesEnd() {
        return removedTombstonesEnd;
    }

    /** The lowest tombstone that stays, {@link CompactionMark#NONE_LEFT} if none does. */
    long firstTombstone() {
        return firstTombstone;
    }

    /** Removes the file unless it has become a segment. */
    @Override
    public void close() throws IOException {
        writer.close();
        state.home.files().delete(path);
    }
}
