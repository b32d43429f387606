// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.journal;

import io.varve.record.BatchHeader;
import io.varve.storage.Chunk;
import io.varve.storage.IoPool;
import io.varve.storage.IoPool.Step;
import io.varve.storage.JournalSettings;
import io.varve.storage.LogId;
import io.varve.storage.StorageException;
import io.varve.storage.StorageException.Kind;
import io.varve.storage.file.FileStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the writes of many logs durable with one flush. A log has written its group to its own file already; here the same batches go into one file,
 * which is flushed once for all logs that wait. The logs' own files reach the disk when the kernel sees fit, and are flushed each by itself only before a
 * file of the journal is used again. After a power loss, recovery takes from here what a log's own file has lost.
 *
 * <p>Rules:
 *
 * <ul>
 *   <li>A flush of a log's own file covers everything before it; so what only the journal has is a run of batches up to the log's end.
 *   <li>What is cut off a log is cut here first ({@link #cut}), or a later recovery would bring it back.
 *   <li>Opening a directory ends with every log flushed and the journal empty.
 *   <li>Whatever is in the way (no file is free, the disk is full), the log flushes its own file instead: nothing ever waits for the journal.
 * </ul>
 *
 * <p><i>thread-safe</i>
 */
public final class Journal {
    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
    private static final int MAX_GROUP_CHUNKS = 4096;
    private static final long MAX_GROUP_BYTES = 8 << 20;
    private static final String SUFFIX = ".journal";
    /** Groups that find no room before the logs of full files are flushed once more: some of them may have failed the last time. */
    private static final int DECLINED_BETWEEN_TRIES = 1024;

    /** What became of a turn. */
    public enum Outcome {
        DURABLE,
        /** Nothing was done: the log flushes its own file. */
        DECLINED,
        /** The journal's flush failed, and the directory is offline (P36). */
        FAILED
    }

    /** A group of one log that was written to its own file and waits to be durable. */
    public interface Turn {
        LogId id();

        /** In order, each retained until {@link #ended}. */
        List<Chunk> chunks();

        /** Called once, on an I/O thread. */
        void ended(Outcome outcome, @Nullable StorageException cause);
    }

    /** What the journal needs of its directory. */
    public interface Logs {
        /** Flushes the log's own file, if it was not flushed to {@code endOffset}; completes at once if it was, or if there is no such log. */
        CompletableFuture<Void> flush(LogId id, long endOffset);

        void goOffline(StorageException cause);
    }

    private final FileStore files;
    private final Path directory;
    private final UUID directoryId;
    private final JournalSettings settings;
    private final IoPool ioPool;
    private final Logs logs;
    private final AtomicInteger busyLogs = new AtomicInteger();
    private final ArrayDeque<Turn> waiting = new ArrayDeque<>(); // guarded by this
    private boolean scheduled; // guarded by this
    private volatile boolean usable; // volatile: set once open, and off again by a failure, read by every log
    private final ReentrantLock writing = new ReentrantLock();
    private final List<JournalFile> all = new ArrayList<>(); // guarded by writing
    /** Full, and needed by some log; oldest first. */
    private final ArrayDeque<JournalFile> full = new ArrayDeque<>(); // guarded by writing

    private final ArrayDeque<JournalFile> spare = new ArrayDeque<>(); // guarded by writing
    private @Nullable JournalFile current; // guarded by writing
    private int declined; // guarded by writing
    private long lastSequence; // guarded by writing; also of one that was given up
    private long flushedSequence; // guarded by writing
    /** What the last group that was flushed says is needed: a file with older groups may be used again only when this lies behind them. */
    private long flushedFloor; // guarded by writing

    private @Nullable JournalFile lastWritten; // guarded by writing
    private @Nullable JournalScan found;

    private Journal(
            FileStore files, Path directory, UUID directoryId, JournalSettings settings, IoPool ioPool, Logs logs) {
        this.files = files;
        this.directory = directory;
        this.directoryId = directoryId;
        this.settings = settings;
        this.ioPool = ioPool;
        this.logs = logs;
    }

    /** Reads what is there; it stays until {@link #begin}. */
    public static Journal open(
            FileStore files, Path directory, UUID directoryId, JournalSettings settings, IoPool ioPool, Logs logs)
            throws IOException {
        Journal journal = new Journal(files, directory, directoryId, settings, ioPool, logs);
        JournalScan scan = new JournalScan(files, directoryId);
        scan.read(journal.paths());
        journal.found = scan;
        return journal;
    }

    private List<Path> paths() throws IOException {
        List<Path> paths = new ArrayList<>();
        if (files.exists(directory)) {
            for (String name : files.list(directory)) {
                if (name.endsWith(SUFFIX)) {
                    paths.add(directory.resolve(name));
                }
            }
        }
        return paths;
    }

    /** The batches that the journal had of a log when it was opened, in order; empty after {@link #begin}. */
    public List<Piece> found(LogId id) {
        JournalScan scan = found;
        return scan == null ? List.of() : scan.of(id);
    }

    /** Whether a part of the journal was lost, as it was found. */
    public boolean foundDamaged() {
        JournalScan scan = found;
        return scan != null && scan.damaged();
    }

    /** If the directory was closed with every log flushed, what is in the journal is history. */
    public void forgetFound(boolean closedCleanly) {
        found = closedCleanly ? null : found;
    }

    /**
     * Begins to take turns, after durably forgetting what was found, at once for who looks after a crash. Every log has it in its own files by now; if
     * one could not take it because it is damaged, the files are set aside as {@code journal.damaged}, in the place of older ones.
     */
    public void begin(boolean setAside) throws IOException {
        boolean keep = setAside && found != null;
        found = null;
        Path aside = directory.resolveSibling(keep ? "journal.damaged" : "journal.old");
        if (files.exists(directory)) {
            delete(aside);
            files.rename(directory, aside);
            forceParent();
        }
        delete(directory.resolveSibling("journal.old"));
        usable = settings.fromLogs() != JournalSettings.NEVER;
    }

    private void delete(Path folder) throws IOException {
        if (files.exists(folder)) {
            for (String name : files.list(folder)) {
                files.delete(folder.resolve(name));
            }
            files.delete(folder);
            forceParent();
        }
    }

    private void forceParent() throws IOException {
        Path parent = directory.getParent();
        if (parent != null) {
            files.forceDirectory(parent);
        }
    }

    /** One more log has work for the I/O pool, or one less. */
    public void busy(int more) {
        busyLogs.addAndGet(more);
    }

    /** Takes a turn, or says at once that the log had better flush its own file. */
    public boolean offer(Turn turn, long groupBytes) {
        if (!usable || groupBytes > settings.maxGroupBytes() || busyLogs.get() < settings.fromLogs()) {
            return false;
        }
        synchronized (this) {
            waiting.add(turn);
            if (scheduled) {
                return true;
            }
            scheduled = true;
        }
        ioPool.execute(Step.FLUSH, this::run);
        return true;
    }

    /** One group. What comes meanwhile goes into the next one. */
    private void run() {
        List<Turn> turns = next();
        Outcome outcome = Outcome.FAILED;
        StorageException cause = null;
        try {
            outcome = write(turns);
        } catch (IOException e) {
            cause = offline(e);
        } catch (Throwable e) { // whatever it is: logs that stood still in silence would be worse
            cause = offline(new IOException(e.toString(), e));
        }
        for (Turn turn : turns) {
            end(turn, outcome, cause);
        }
        synchronized (this) {
            scheduled = !waiting.isEmpty();
            if (!scheduled) {
                return;
            }
        }
        ioPool.execute(Step.FLUSH, this::run);
    }

    /** One log that fails must not strand the others. */
    private static void end(Turn turn, Outcome outcome, @Nullable StorageException cause) {
        try {
            turn.ended(outcome, cause);
        } catch (Throwable e) {
            LOG.error("log {}: its turn of the journal ended badly", turn.id(), e);
        }
    }

    private synchronized List<Turn> next() {
        List<Turn> turns = new ArrayList<>();
        int chunks = 0;
        long bytes = 0;
        while (!waiting.isEmpty() && chunks < MAX_GROUP_CHUNKS && bytes < MAX_GROUP_BYTES) {
            Turn turn = waiting.remove();
            turns.add(turn);
            for (Chunk chunk : turn.chunks()) {
                chunks++;
                bytes += chunk.sizeBytes();
            }
        }
        return turns;
    }

    private Outcome write(List<Turn> turns) throws IOException {
        List<GroupFormat.Entry> entries = new ArrayList<>();
        List<ByteBuffer> buffers = new ArrayList<>();
        for (Turn turn : turns) {
            for (Chunk chunk : turn.chunks()) {
                ByteBuffer batch = chunk.nioBuffer();
                int crc = BatchHeader.crc(batch, 0);
                entries.add(new GroupFormat.Entry(turn.id(), chunk.sizeBytes(), chunk.baseOffset(), crc));
                buffers.add(batch);
            }
        }
        writing.lock();
        try {
            return writeGroup(entries, buffers, false) ? Outcome.DURABLE : Outcome.DECLINED;
        } finally {
            writing.unlock();
        }
    }

    /** Returns false if there is no room for it now. */
    private boolean writeGroup(List<GroupFormat.Entry> entries, List<ByteBuffer> batches, boolean mustHaveRoom)
            throws IOException {
        if (!usable) {
            throw new StorageException(Kind.IO, directory + ": its flush has failed before");
        }
        long bytes = GroupFormat.ENTRIES_AT + (long) entries.size() * GroupFormat.ENTRY_BYTES;
        for (ByteBuffer batch : batches) {
            bytes += batch.remaining();
        }
        try {
            JournalFile file = fileFor(bytes, mustHaveRoom);
            if (file == null) {
                return false;
            }
            writeInto(file, entries, batches, bytes, floor(file.firstSequence()));
            return true;
        } catch (FlushFailed e) {
            throw e.why;
        } catch (IOException e) { // the next group does not know this one
            if (mustHaveRoom || StorageException.of("journal", e).kind() != Kind.DISK_FULL) {
                throw e;
            }
            return false;
        }
    }

    private long floor(long ifNothingIsFull) {
        return full.isEmpty() ? ifNothingIsFull : full.element().firstSequence();
    }

    private void writeInto(
            JournalFile file, List<GroupFormat.Entry> entries, List<ByteBuffer> batches, long bytes, long floor)
            throws IOException {
        lastSequence++;
        ByteBuffer header = GroupFormat.header(directoryId, lastSequence, flushedSequence, floor, entries);
        for (GroupFormat.Entry entry : entries) {
            file.noteEnd(entry); // also if it is given up: what is left of it has to be cut, too
        }
        ByteBuffer[] group = new ByteBuffer[batches.size() + 1];
        group[0] = header;
        for (int i = 0; i < batches.size(); i++) {
            group[i + 1] = batches.get(i);
        }
        file.write(group);
        force(file);
        file.flushed(bytes);
        flushedSequence = lastSequence;
        flushedFloor = floor;
        lastWritten = file;
    }

    /**
     * Before a file is used again, a group that was flushed says that its old ones are not needed. Else, if the power went during the first write into
     * it, the last group left would ask for what was overwritten.
     */
    private void raiseFloor() throws IOException {
        long floor = floor(lastSequence + 1);
        JournalFile last = lastWritten;
        if (last != null && flushedFloor < floor) {
            writeInto(last, List.of(), List.of(), GroupFormat.ENTRIES_AT, floor);
        }
    }

    private void force(JournalFile file) throws FlushFailed {
        try {
            file.force();
        } catch (IOException e) {
            throw new FlushFailed(new StorageException(Kind.IO, file.path() + ": flush failed: " + e.getMessage(), e));
        }
    }

    private @Nullable JournalFile fileFor(long bytes, boolean mustHaveRoom) throws IOException {
        JournalFile now = current;
        boolean fits = now != null && now.position() + bytes <= settings.fileBytes();
        if (now != null && fits && (mustHaveRoom || !now.isExtra())) {
            return now;
        }
        if (now != null && (!fits || !spare.isEmpty())) {
            current = null; // it is full; also when there is no other one yet
            full.add(now);
            now = null;
            declined = 0;
        }
        if (declined++ % DECLINED_BETWEEN_TRIES == 0) {
            for (JournalFile each : List.copyOf(full)) {
                startFreeing(each);
            }
        }
        if (now != null) {
            return null; // an extra file, for cuts only
        }
        JournalFile next = spare.peek();
        if (next != null) {
            raiseFloor();
            spare.remove();
            next.extra(false);
        } else if (all.size() < settings.files() || mustHaveRoom) {
            next = create();
            next.extra(all.size() > settings.files());
        }
        if (next != null) {
            next.begin(lastSequence + 1);
            current = next;
        }
        return next;
    }

    private JournalFile create() throws IOException {
        files.createDirectories(directory);
        if (all.isEmpty()) {
            forceParent();
        }
        JournalFile created = JournalFile.create(files, directory.resolve("%02d".formatted(all.size()) + SUFFIX));
        all.add(created);
        return created;
    }

    private void startFreeing(JournalFile file) {
        if (file.freeing() || file.unneeded()) {
            return;
        }
        file.freeing(true);
        Freeing freeing = new Freeing(logs, file.ends(), failure -> freed(file, failure));
        // through the pool: this thread holds the lock, and a log's task may want it for a cut
        ioPool.execute(Step.FLUSH, freeing::go);
    }

    private void freed(JournalFile file, @Nullable Throwable failure) {
        writing.lock();
        try {
            file.freeing(false);
            if (failure != null) { // a log that has failed, perhaps for want of space: its batches stay until it was
                // reopened
                LOG.warn("{}: still needed: {}", file.path(), failure.getMessage());
                return;
            }
            file.becomesUnneeded();
            while (!full.isEmpty() && full.element().unneeded()) { // in order: a cut stays as long as what it cuts
                spare.add(full.remove());
            }
        } finally {
            writing.unlock();
        }
    }

    /**
     * What the journal has of the log from {@code offset} on, the edge of a batch, is not the log's any more; durable when this returns. The log has
     * flushed its own file, or what the journal loses here would be lost with it.
     */
    public void cut(LogId id, long offset) throws StorageException {
        writing.lock();
        try {
            boolean any = false;
            for (JournalFile file : all) {
                any |= file.reaches(id, offset);
            }
            if (any) {
                writeGroup(List.of(GroupFormat.Entry.cut(id, offset)), List.of(), true);
                for (JournalFile file : all) {
                    file.noteCut(id, offset);
                }
            }
        } catch (IOException e) {
            StorageException cause = StorageException.of("journal: cut of log " + id + " at " + offset, e);
            if (cause.kind() != Kind.DISK_FULL) {
                offline(cause);
            }
            throw cause;
        } finally {
            writing.unlock();
        }
    }

    private StorageException offline(IOException e) {
        StorageException cause = StorageException.of(directory + ": writing", e);
        usable = false;
        logs.goOffline(cause);
        return cause;
    }

    /** Nothing waits any more; every log is closed and has flushed its own file. */
    public void close() throws IOException {
        usable = false;
        writing.lock();
        try {
            for (JournalFile file : all) {
                file.close();
            }
        } finally {
            writing.unlock();
        }
    }
}
