// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

import io.varve.record.BatchHeader;
import io.varve.record.InvalidBatchException;
import io.varve.record.KeyCursor;
import io.varve.storage.CompactionPass;
import io.varve.storage.CompactionReport;
import io.varve.storage.CompactionRequest;
import io.varve.storage.IoPool.Step;
import io.varve.storage.StorageException;
import io.varve.storage.StorageException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A pass: see {@link CompactionPass}.
 *
 * <pre>
 * PRODUCERS   the last batch of each producer, by headers of the whole log
 * KEYS        the last offset of each key, by the records that were not compacted yet
 * REWRITE     one group of segments into a new file     +
 * SWAP        the new file takes their place            +-- for each group
 * DONE
 * </pre>
 *
 * Groups go from the log's start upwards, and each is in its place for good before the next one is: so when a tombstone goes, what it deletes has gone.
 *
 * <p><i>confined to one thread at a time</i>
 */
final class LogCompaction implements CompactionPass {
    static final int MAX_DECOMPRESSED_BYTES = 64 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(LogCompaction.class);
    private static final int BYTES_PER_KEY = CompactionRequest.BYTES_PER_KEY;

    private enum Phase {
        PRODUCERS,
        KEYS,
        REWRITE,
        SWAP,
        DONE
    }

    private final LogState state;
    private final LogWriter writer;
    private final LogChanges changes;
    private final ColdReads reads;
    private final CompactionPlan plan;
    private final CompactionMark mark;
    private final ProducerEnds producers;
    private final KeyMap latest;
    private final KeyHash hash = new KeyHash();
    private final int generation;
    private Phase phase = Phase.PRODUCERS;
    private @Nullable BatchRun keysRun;
    private long endOffset;
    private List<List<Segment>> groups = List.of();
    private int nextGroup;
    private @Nullable GroupRewrite rewrite;
    private @Nullable Segment rewritten;
    private @Nullable CompletableFuture<SegmentSwap.Outcome> swap;
    private long firstTombstone = CompactionMark.NONE_LEFT;
    private boolean complete;
    private boolean closed;
    // of the report
    private long bytesRead;
    private long bytesWritten;
    private long recordsRemoved;
    private long sizeBefore;
    private long sizeAfter;

    LogCompaction(
            LogState state,
            LogWriter writer,
            LogChanges changes,
            ColdReads reads,
            CompactionPlan plan,
            CompactionRequest request) {
        this.state = state;
        this.writer = writer;
        this.changes = changes;
        this.reads = reads;
        this.plan = plan;
        generation = state.compaction.generation();
        mark = state.compaction.mark();
        producers = new ProducerEnds(state.segments.all(), request.highWatermark());
        long most = (plan.dirtyUntil() - plan.dirtyFrom() + 2) * BYTES_PER_KEY; // a key per offset, and no more
        latest = new KeyMap(Math.min(request.keyMapBytes(), Math.max(CompactionRequest.KEY_MAP_BYTES_MIN, most)));
        endOffset = plan.dirtyUntil();
    }

    @Override
    public long step(long maxBytes, long nowMillis) throws StorageException {
        if (isDone()) {
            return 0;
        }
        try {
            changes.requireUsable();
            long read = bytesRead;
            long written = bytesWritten;
            switch (phase) {
                case PRODUCERS -> findProducers(maxBytes);
                case KEYS -> findKeys(maxBytes);
                case REWRITE -> rewrite(maxBytes, nowMillis);
                case SWAP -> swapped(nowMillis);
                case DONE -> {}
            }
            return bytesRead - read + bytesWritten - written;
        } catch (IOException | RuntimeException e) {
            close();
            throw failed(e);
        }
    }

    private StorageException failed(Exception e) {
        String doing = "log " + state.id + ": compaction";
        if (!(e instanceof IOException io)) {
            return new StorageException(Kind.IO, doing + " failed: " + e, e);
        }
        StorageException cause = StorageException.of(doing, io);
        if (e instanceof FlushFailedException) {
            state.home.goOffline(cause); // P36
        }
        return cause;
    }

    private void findProducers(long maxBytes) throws IOException {
        bytesRead += producers.go(maxBytes, reads);
        if (producers.isAtEnd()) {
            phase = Phase.KEYS;
        }
    }

    private void findKeys(long maxBytes) throws IOException {
        BatchRun run = keysRun;
        if (run == null && plan.dirtyFrom() < plan.dirtyUntil()) {
            run = BatchRun.from(state, plan.segments(), plan.dirtyFrom(), reads.finder());
            keysRun = run;
        }
        if (run != null) {
            bytesRead += run.go(maxBytes, this::noteKeys);
        }
        if (run == null || run.isAtEnd()) {
            complete = endOffset == plan.dirtyUntil();
            groups = plan.groups(endOffset, state.settings.segmentSizeBytes());
            phase = Phase.REWRITE;
        }
    }

    /** False when the map is full: the pass reaches up to the first key that found no place. */
    private boolean noteKeys(ByteBuffer batch, int at) {
        if (BatchHeader.isControl(batch, at)) {
            return true;
        }
        try {
            KeyCursor records = KeyCursor.of(batch, at, MAX_DECOMPRESSED_BYTES);
            while (records.next()) {
                if (records.offset() < plan.dirtyFrom() || records.keyLength() == KeyCursor.NO_KEY) {
                    continue;
                }
                hash.of(records.memory(), records.keyAt(), records.keyLength());
                if (!latest.put(hash, records.offset())) {
                    endOffset = records.offset();
                    return false;
                }
            }
        } catch (InvalidBatchException unreadable) {
            LOG.warn(
                    "log {}: the batch at {} stays as it is, its records cannot be read: {}",
                    state.id,
                    BatchHeader.baseOffset(batch, at),
                    unreadable.getMessage());
        }
        return true;
    }

    private void rewrite(long maxBytes, long nowMillis) throws IOException {
        GroupRewrite current = rewrite;
        if (current == null) {
            List<Segment> group = nextGroup();
            if (group.isEmpty()) {
                finish(nowMillis);
                return;
            }
            long retention = state.settings.compaction().deleteRetentionMillis();
            current = new GroupRewrite(
                    state, group, new GroupRewrite.Rules(latest, endOffset, producers, mark, nowMillis, retention));
            rewrite = current;
        }
        long before = current.sizeBytesAfter();
        long moved = current.go(maxBytes);
        bytesWritten += current.sizeBytesAfter() - before;
        bytesRead += moved - (current.sizeBytesAfter() - before);
        if (current.isAtEnd()) {
            rewritten = current.finish();
            recordsRemoved += current.removed();
            state.compaction.raiseHorizon(current.removedTombstonesEnd()); // before anybody misses them
            phase = Phase.SWAP;
        }
    }

    /** Without what retention has deleted meanwhile; empty after the last one. */
    private List<Segment> nextGroup() {
        while (nextGroup < groups.size()) {
            List<Segment> left = new ArrayList<>(groups.get(nextGroup++));
            left.removeIf(segment -> segment.endOffset() <= state.logStartOffset);
            if (!left.isEmpty()) {
                return left;
            }
        }
        return List.of();
    }

    private void swapped(long nowMillis) throws IOException {
        GroupRewrite done = rewrite;
        Segment next = rewritten;
        if (done == null) {
            throw new IllegalStateException("nothing to swap");
        }
        if (next != null && !isInPlace(done, next)) {
            return;
        }
        if (done.firstTombstone() != CompactionMark.NONE_LEFT && firstTombstone == CompactionMark.NONE_LEFT) {
            firstTombstone = done.firstTombstone();
        }
        sizeBefore += done.sizeBytesBefore();
        sizeAfter += done.sizeBytesAfter();
        rewrite = null;
        rewritten = null;
        done.close();
        phase = Phase.REWRITE;
        if (nextGroup == groups.size()) {
            finish(nowMillis);
        }
    }

    private boolean isInPlace(GroupRewrite done, Segment next) throws IOException {
        CompletableFuture<SegmentSwap.Outcome> waiting = swap;
        if (waiting == null) {
            SegmentSwap change = new SegmentSwap(state, done.group(), next);
            waiting = writer.submit(Step.CHANGE, () -> change.run(changes));
            swap = waiting;
        }
        if (!waiting.isDone()) {
            return false;
        }
        swap = null;
        switch (outcome(waiting)) {
            case BUSY -> {
                return false;
            }
            case OVERTAKEN ->
                throw new StorageException(
                        Kind.OUT_OF_RANGE, "log " + state.id + ": it was cut or deleted while it was compacted");
            case DONE ->
                reads.briefly(next, (segment, file) -> {
                    reads.finder().rebuild(segment, file);
                    return Boolean.TRUE;
                });
        }
        return true;
    }

    private static SegmentSwap.Outcome outcome(CompletableFuture<SegmentSwap.Outcome> done) throws IOException {
        try {
            return done.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
        }
    }

    private void finish(long nowMillis) throws IOException {
        CompactionMark.Pass pass = new CompactionMark.Pass(endOffset, nowMillis);
        long retentionMillis = state.settings.compaction().deleteRetentionMillis();
        if (!state.compaction.passed(generation, pass, firstTombstone, retentionMillis)) {
            throw new StorageException(
                    Kind.OUT_OF_RANGE, "log " + state.id + ": it was cut or began anew while it was compacted");
        }
        phase = Phase.DONE;
        LOG.debug("log {}: compacted: {}", state.id, report());
        close();
    }

    @Override
    public boolean isDone() {
        return closed || phase == Phase.DONE;
    }

    @Override
    public CompactionReport report() {
        return new CompactionReport(
                latest.keys(), complete, endOffset, bytesRead, bytesWritten, recordsRemoved, sizeBefore, sizeAfter);
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        CompletableFuture<SegmentSwap.Outcome> waiting = swap;
        GroupRewrite unfinished = rewrite;
        if (unfinished == null) {
            state.compacting.set(false);
        } else if (waiting == null) {
            discard(unfinished);
        } else { // it may yet take its place, and the next pass would write a file of the same name
            var unused = waiting.whenComplete((outcome, failure) -> discard(unfinished));
        }
    }

    private void discard(GroupRewrite unfinished) {
        try {
            unfinished.close();
        } catch (IOException e) {
            LOG.warn("log {}: {}; the next start removes it", state.id, e.toString());
        } finally {
            state.compacting.set(false);
        }
    }
}
