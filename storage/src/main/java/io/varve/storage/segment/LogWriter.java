// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

import io.varve.storage.Chunk;
import io.varve.storage.Durability;
import io.varve.storage.EpochEntry;
import io.varve.storage.IoPool;
import io.varve.storage.IoPool.Step;
import io.varve.storage.LogId;
import io.varve.storage.LogListener;
import io.varve.storage.StorageException;
import io.varve.storage.StorageException.Kind;
import io.varve.storage.file.FileStore;
import io.varve.storage.journal.Journal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The I/O task of one log: takes all that is staged, writes it with one gathering write per segment, flushes once if the log is {@code flushed}, reports,
 * and begins again while there is more. While many logs are at work, the directory's journal flushes for them all at once. What is staged during a flush goes into the next group: that is group commit. The pool runs one task per log at
 * a time; a log that has more work after a few groups goes to the end of the pool's queue. In a stepwise pool a run is one step: see {@link IoPool}.
 *
 * <p>States: RUNNING until a write or flush fails; FAILED then, dropping what is staged and refusing more, until reopened (not after a failed flush, P36).
 *
 * <p><i>confined to the log's I/O task</i> but for {@link #work()}
 */
final class LogWriter implements Runnable, Journal.Turn {
    private static final Logger LOG = LoggerFactory.getLogger(LogWriter.class);
    private static final int STEPS_PER_TURN = 16;
    private static final int GROUP_KEPT = 32;

    private final LogState state;
    private final FileStore files;
    private final StagedWork work;
    private final boolean stepwise;
    private List<Chunk> group = new ArrayList<>();
    /** Of the group that is written or flushed. */
    private long groupBytes;
    /** A group was written, and its flush is the next step. */
    private boolean flushDue;

    private boolean journalDeclined;

    private @Nullable SegmentWriter active;
    /** Where the log ended when somebody looked whether it is idle. */
    private long endLastSeen = -1;

    LogWriter(LogState state) {
        this.state = state;
        files = state.home.files();
        work = new StagedWork(state.home.ioPool(), state.home.journal(), this);
        stepwise = state.home.ioPool().stepwise();
    }

    StagedWork work() {
        return work;
    }

    <T> CompletableFuture<T> submit(Step step, Change.Body<T> body) {
        Change<T> change = new Change<>(step, body);
        work.enqueue(change);
        return change.result();
    }

    CompletableFuture<Void> submitAction(Step step, Change.Action action) {
        return submit(step, () -> {
                    action.run();
                    return Boolean.TRUE;
                })
                .thenAccept(done -> {});
    }

    @Override
    public void run() {
        boolean nothingLeft = false;
        boolean handedOver = false;
        try {
            for (int step = 0; step < (stepwise ? 1 : STEPS_PER_TURN) && !nothingLeft && !handedOver; step++) {
                if (!flushDue) {
                    next();
                } else if (journalDeclined
                        || !isRestFlushed()
                        || !state.home.journal().offer(this, groupBytes)) {
                    flushGroup();
                } else {
                    handedOver = true; // from here on the log is the journal's until it calls ended()
                }
                nothingLeft = !handedOver && !flushDue && work.finished();
            }
        } finally {
            if (!nothingLeft && !handedOver) { // also when a listener threw an error: the log goes on
                work.again(flushDue);
            }
        }
    }

    private void next() {
        Object other = work.next(group);
        if (!group.isEmpty()) {
            writeGroup();
        } else if (other instanceof EpochEntry epoch) {
            begin(epoch);
        } else if (other instanceof Change<?> change) {
            apply(change);
        }
    }

    private void writeGroup() {
        long before = state.writtenEndOffset;
        groupBytes = 0;
        for (Chunk chunk : group) {
            groupBytes += chunk.sizeBytes();
        }
        try {
            requireRunning();
            noteCompacted();
            write(group);
            flushDue = state.settings.durability() == Durability.FLUSHED;
        } catch (Throwable e) { // whatever it is: a log that stood still in silence would be worse
            fail("write at " + before + " in " + state.directory, e);
        }
        if (!flushDue) {
            endGroup();
        } else if (stepwise) {
            tellProgress();
        }
    }

    /** What another replica has compacted may lack tombstones; whoever follows this one later has to know. */
    private void noteCompacted() throws IOException {
        for (int i = group.size() - 1; i >= 0; i--) {
            Chunk chunk = group.get(i);
            if (chunk.isThinned()) {
                createDirectory();
                state.compaction.raiseHorizon(chunk.endOffset());
                return;
            }
        }
    }

    private void write(List<Chunk> chunks) throws IOException {
        int next = 0;
        while (next < chunks.size()) {
            SegmentWriter writer = writerFor(chunks, next);
            int count = writer.fitting(chunks, next, state.settings.segmentSizeBytes());
            try {
                writer.write(chunks, next, count);
            } finally {
                state.writtenEndOffset =
                        Math.max(state.writtenEndOffset, writer.segment().endOffset());
            }
            next += count;
        }
    }

    private void flushGroup() {
        flushDue = false;
        journalDeclined = false;
        try {
            requireRunning();
            flush();
        } catch (Throwable e) {
            fail("flush at " + state.writtenEndOffset, e);
        }
        endGroup();
    }

    /** Only then does the journal, which gets this group, make all of the log durable. */
    private boolean isRestFlushed() {
        return !group.isEmpty() && state.flushedEndOffset >= group.get(0).baseOffset();
    }

    @Override
    public LogId id() {
        return state.id;
    }

    @Override
    public List<Chunk> chunks() {
        return group;
    }

    /** The journal gives the log back to its task. */
    @Override
    public void ended(Journal.Outcome outcome, @Nullable StorageException cause) {
        if (outcome == Journal.Outcome.DECLINED) {
            journalDeclined = true;
            work.again(true);
            return;
        }
        flushDue = false;
        try {
            if (outcome == Journal.Outcome.DURABLE) {
                state.flushedEndOffset = state.writtenEndOffset;
            } else {
                String why = cause == null ? "the journal failed" : String.valueOf(cause.getMessage());
                fail("flush at " + state.writtenEndOffset, new StorageException(Kind.IO, why));
            }
            endGroup();
        } finally { // also when a listener threw an error
            if (!work.finished()) {
                work.again(false);
            }
        }
    }

    /** Whatever became of it: nobody here needs its chunks any more. */
    private void endGroup() {
        releaseGroup();
        work.written(groupBytes);
        tellProgress();
    }

    private void tellProgress() {
        if (state.failure == null) {
            tell(listener -> listener.onProgress(state.writtenEndOffset, state.flushedEndOffset));
        }
    }

    /** Also of a group that is still on its way, when the process that wrote it has died. */
    void releaseGroup() {
        group.forEach(Chunk::release);
        if (group.size() <= GROUP_KEPT) {
            group.clear();
        } else {
            group = new ArrayList<>(); // thousands of logs would each keep their largest
        }
    }

    private SegmentWriter writerFor(List<Chunk> group, int next) throws IOException {
        SegmentWriter writer = active;
        if (writer == null) {
            Segment last = state.segments.last();
            writer = last == null
                    ? create(group.get(next).baseOffset())
                    : SegmentWriter.resume(files, last, state.settings.indexIntervalBytes());
            active = writer;
        }
        return writer.fitting(group, next, state.settings.segmentSizeBytes()) > 0 ? writer : rolled(writer);
    }

    private SegmentWriter create(long baseOffset) throws IOException {
        createDirectory();
        Segment segment = new Segment(files, state.directory, baseOffset);
        SegmentWriter writer = SegmentWriter.create(files, segment, state.settings.indexIntervalBytes());
        files.forceDirectory(state.directory);
        state.segments = state.segments.with(segment);
        return writer;
    }

    private void createDirectory() throws IOException {
        if (state.segments.isEmpty()) {
            files.createDirectories(state.directory);
            files.forceDirectory(state.home.logsDirectory()); // also when it exists: a crash may have come in between
        }
    }

    /** Flushes the full segment before the next one exists: recovery relies on it. */
    private SegmentWriter rolled(SegmentWriter full) throws IOException {
        flush();
        Segment segment = full.segment();
        try {
            segment.index().seal(segment.endOffset(), (int) segment.sizeBytes(), segment.newestTimestamp());
        } catch (IOException e) {
            LOG.warn("{}: its index was not completed and will be built when opened: {}", segment, e.toString());
        }
        full.close();
        active = null;
        SegmentWriter writer = create(segment.endOffset());
        active = writer;
        tell(listener -> listener.onRoll(segment.endOffset()));
        return writer;
    }

    /** Makes durable what was written; once, whatever happens. */
    private void flush() throws IOException {
        long end = state.writtenEndOffset;
        Segment last = state.segments.last();
        if (state.segmentFlushedEndOffset == end || last == null) {
            return;
        }
        SegmentWriter writer = active;
        if (writer == null) {
            writer = SegmentWriter.resume(files, last, state.settings.indexIntervalBytes());
            active = writer;
        }
        try {
            writer.force();
        } catch (IOException e) {
            StorageException offline = StorageException.of("log " + state.id + ": flush of " + writer.segment(), e);
            state.home.goOffline(offline);
            throw offline;
        }
        state.flushedEndOffset = end;
        state.segmentFlushedEndOffset = end;
    }

    /** Of a log that is given up and whose files may be kept: as much as can be had. */
    void flushIfPossible() {
        if (state.failure != null || state.closed) {
            return;
        }
        try {
            flush();
        } catch (IOException | RuntimeException e) {
            LOG.warn("log {}: flushed only to {}: {}", state.id, state.segmentFlushedEndOffset, e.toString());
        }
    }

    /** For logs whose durability is {@code written}; a failure is the log's. */
    void flushOrFail() throws StorageException {
        requireRunning();
        try {
            flush();
        } catch (IOException | RuntimeException e) {
            failing("flush", e);
        }
    }

    void roll() throws StorageException {
        requireRunning();
        try {
            rollActive();
        } catch (IOException | RuntimeException e) {
            failing("roll at " + state.writtenEndOffset, e);
        }
    }

    private void rollActive() throws IOException {
        SegmentWriter writer = active;
        Segment last = state.segments.last();
        if (writer == null && last != null && last.sizeBytes() > 0) {
            writer = SegmentWriter.resume(files, last, state.settings.indexIntervalBytes());
            active = writer;
        }
        if (writer != null && writer.segment().sizeBytes() > 0) {
            rolled(writer);
        }
    }

    private void begin(EpochEntry epoch) {
        if (state.failure != null) {
            return;
        }
        try {
            state.home.epochBegan(state.id, epoch);
        } catch (Throwable e) {
            fail("epoch " + epoch.leaderEpoch() + " at " + epoch.startOffset(), e);
        }
    }

    private void apply(Change<?> change) {
        Runnable completion;
        try {
            completion = change.run();
        } catch (Throwable e) {
            if (e instanceof Error) {
                fail("change", e); // it may have come anywhere, half way through
            }
            StorageException cause = asStorageException("change", e);
            completion = () -> change.fail(cause);
        }
        completion.run();
    }

    /** For changes that write: their failure is the log's. */
    void failing(String doing, Exception e) throws StorageException {
        fail(doing, e);
        throw asStorageException(doing, e);
    }

    void requireRunning() throws StorageException {
        if (state.closed) {
            throw new StorageException(Kind.CLOSED, "log " + state.id + " is closed");
        }
        StorageException failure = state.failure;
        if (failure != null) {
            throw new StorageException(Kind.CLOSED, "log " + state.id + " has failed before: " + failure.getMessage());
        }
    }

    void fail(String doing, Throwable e) {
        if (state.failure != null) {
            return;
        }
        StorageException cause = asStorageException(doing, e);
        String said = "log %s: failed, written to %d, flushed to %d: %s"
                .formatted(state.id, state.writtenEndOffset, state.flushedEndOffset, cause.getMessage());
        if (state.home.failure().filter(known -> known == cause).isPresent()) {
            LOG.debug(said); // the directory has said so, and thousands of logs go with it
        } else {
            LOG.error(said, e instanceof IOException ? null : e);
        }
        state.failure = cause;
        work.refuse();
        closeActive();
        if (e instanceof IOException && cause.kind() == Kind.IO) {
            state.home.goOffline(cause); // P36; after a full disk the log can be reopened
        }
        tell(listener -> listener.onFailure(cause, state.writtenEndOffset, state.flushedEndOffset));
    }

    private StorageException asStorageException(String doing, Throwable e) {
        return e instanceof IOException io
                ? StorageException.of("log " + state.id + ": " + doing, io)
                : new StorageException(Kind.IO, "log " + state.id + ": " + doing + " failed: " + e, e);
    }

    /** A listener that throws must not stop the log. */
    void tell(Consumer<LogListener> fact) {
        try {
            fact.accept(state.listener);
        } catch (RuntimeException e) {
            LOG.error("log {}: its listener failed", state.id, e);
        }
    }

    /** Flushes and closes the active segment if nothing was written since the last call: thousands of idle logs need no descriptor. */
    void closeIfIdle() throws StorageException {
        SegmentWriter writer = active;
        boolean idle = endLastSeen == state.writtenEndOffset;
        endLastSeen = state.writtenEndOffset;
        if (!idle || writer == null) {
            return;
        }
        flushOrFail();
        try {
            writer.segment().index().writePending();
        } catch (IOException e) {
            LOG.warn("{}: index entries lost, reads will take longer: {}", writer.segment(), e.toString());
        }
        closeActive();
    }

    /** The next write opens the last segment again. */
    void closeActive() {
        SegmentWriter writer = active;
        active = null;
        if (writer != null) {
            try {
                writer.close();
            } catch (IOException e) {
                LOG.warn("{}: close failed: {}", writer.segment(), e.toString());
            }
        }
    }
}
