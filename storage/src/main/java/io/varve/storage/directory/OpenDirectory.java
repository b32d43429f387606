// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.directory;

import io.varve.storage.DataDirectory;
import io.varve.storage.DirectoryIdentity;
import io.varve.storage.DirectorySettings;
import io.varve.storage.EpochEntry;
import io.varve.storage.IoPool;
import io.varve.storage.IoPool.Step;
import io.varve.storage.LogId;
import io.varve.storage.LogSettings;
import io.varve.storage.PartitionLog;
import io.varve.storage.StorageException;
import io.varve.storage.StorageException.Kind;
import io.varve.storage.file.FileStore;
import io.varve.storage.journal.Journal;
import io.varve.storage.segment.Checkpoint;
import io.varve.storage.segment.EpochChain;
import io.varve.storage.segment.LogHome;
import io.varve.storage.segment.SegmentedLog;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A data directory under its lock. See {@link DataDirectory} for the contract. */
public final class OpenDirectory implements DataDirectory, LogHome {
    private static final Logger LOG = LoggerFactory.getLogger(OpenDirectory.class);

    private final FileStore files;
    private final Path path;
    private final DirectorySettings settings;
    private final DirectoryIdentity identity;
    private final Closeable lock;
    private final Catalogue catalogue;
    private final EpochFile epochs;
    private final Checkpoints checkpoints;
    private final LogFolders folders;
    private final FlushFailureMark mark;
    private final Journal journal;
    private final boolean flushFailedBefore;
    private final CleanStopMark cleanStop;
    private boolean closedCleanly;
    private final ConcurrentSkipListMap<LogId, SegmentedLog> logs = new ConcurrentSkipListMap<>();
    /** Of damaged logs, as they were found: they stay in the file, or the damage would be forgotten. */
    private final Map<LogId, Checkpoint> kept = new ConcurrentSkipListMap<>();

    private @Nullable StorageException failure; // guarded by this
    private @Nullable Consumer<StorageException> offlineListener; // guarded by this
    private boolean closed; // guarded by this

    private OpenDirectory(
            FileStore files, Path path, DirectorySettings settings, DirectoryIdentity identity, Closeable lock)
            throws IOException {
        this.files = files;
        this.path = path;
        this.settings = settings;
        this.identity = identity;
        this.lock = lock;
        mark = new FlushFailureMark(files, path);
        flushFailedBefore = mark.isSet();
        cleanStop = new CleanStopMark(files, path);
        folders = new LogFolders(files, logsDirectory(), settings.clock());
        catalogue = Catalogue.open(files, path.resolve("catalogue"));
        epochs = EpochFile.open(files, path.resolve("epochs"));
        checkpoints = new Checkpoints(files, path);
        journal = Journal.open(
                files,
                path.resolve("journal"),
                identity.directoryId(),
                settings.journal(),
                settings.ioPool(),
                journaledLogs());
    }

    private Journal.Logs journaledLogs() {
        return new Journal.Logs() {
            @Override
            public CompletableFuture<Void> flush(LogId id, long endOffset) {
                SegmentedLog log = logs.get(id);
                return log == null || log.isFlushedItselfTo(endOffset)
                        ? CompletableFuture.completedFuture(null)
                        : log.flush();
            }

            @Override
            public void goOffline(StorageException cause) {
                OpenDirectory.this.goOffline(cause);
            }
        };
    }

    public static DataDirectory open(FileStore files, Path path, DirectorySettings settings) throws StorageException {
        MetaFile.read(files, path); // before the lock: it would leave a file in a directory that is not ours
        Closeable lock = DirectoryLock.take(files, path);
        boolean opened = false;
        try {
            OpenDirectory directory = new OpenDirectory(files, path, settings, MetaFile.read(files, path), lock);
            directory.recover();
            opened = true;
            return directory;
        } catch (IOException e) {
            new FlushFailureMark(files, path).set(); // perhaps it was a flush
            throw StorageException.of(path + ": opening", e);
        } finally {
            if (!opened) {
                DirectoryLock.giveBack(lock);
            }
        }
    }

    private void recover() throws IOException {
        Optional<Map<LogId, Checkpoint>> found = checkpoints.read();
        if (found.isEmpty() && !catalogue.ids().isEmpty()) {
            LOG.warn("{}: no checkpoints, every log's last segment is checked in full", path);
        }
        closedCleanly = cleanStop.take() && found.isPresent();
        journal.forgetFound(closedCleanly);
        // A crash may have come before their name was flushed: what recovery deletes must not be missing if they go.
        files.forceDirectory(path);
        catalogue.tidy(folders.settle(catalogue), flushFailedBefore);
        Map<LogId, CompletableFuture<SegmentedLog>> opening = new TreeMap<>();
        for (LogId id : catalogue.ids()) {
            Checkpoint checkpoint =
                    found.map(all -> all.getOrDefault(id, Checkpoint.NONE)).orElse(null);
            opening.put(
                    id,
                    CompletableFuture.supplyAsync(
                            () -> openLog(id, checkpoint),
                            task -> settings.ioPool().execute(Step.OPEN, task)));
        }
        Map<LogId, List<EpochEntry>> chains = new TreeMap<>();
        for (Map.Entry<LogId, CompletableFuture<SegmentedLog>> each : opening.entrySet()) {
            SegmentedLog log = await(each.getValue());
            logs.put(each.getKey(), log);
            chains.put(each.getKey(), log.epochChain());
            if (log.damage().isPresent()) {
                kept.put(each.getKey(), found.map(all -> all.get(each.getKey())).orElse(Checkpoint.NONE));
            }
        }
        epochs.tidy(chains, flushFailedBefore);
        checkpoint();
        journal.begin(!kept.isEmpty());
        closedCleanly = false;
        mark.clear();
        checkpoints.keepBallast();
    }

    private SegmentedLog openLog(LogId id, @Nullable Checkpoint checkpoint) {
        EpochChain chain = epochs.damaged() ? null : epochs.chain(id);
        try {
            return SegmentedLog.open(id, this, settings.logDefaults(), checkpoint, chain);
        } catch (IOException e) {
            throw new CompletionException(e);
        }
    }

    private <T> T await(CompletableFuture<T> future) throws IOException {
        try {
            return settings.ioPool().await(future);
        } catch (CompletionException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            throw e;
        }
    }

    @Override
    public DirectoryIdentity identity() {
        return identity;
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public Map<LogId, PartitionLog> logs() {
        return Collections.unmodifiableMap(new TreeMap<>(logs)); // in order of id, for runs that are repeated
    }

    @Override
    public Optional<PartitionLog> find(LogId id) {
        return Optional.ofNullable(logs.get(id));
    }

    @Override
    public PartitionLog create(LogId id, LogSettings logSettings) throws StorageException {
        SegmentedLog existing = logs.get(id);
        if (existing != null) {
            existing.configure(logSettings);
            return existing;
        }
        requireOpen();
        try {
            SegmentedLog created = SegmentedLog.open(id, this, logSettings, Checkpoint.NONE, EpochChain.EMPTY);
            catalogue.add(id);
            SegmentedLog first = logs.putIfAbsent(id, created);
            return first != null ? first : created;
        } catch (IOException e) {
            throw failed("creating log " + id, e);
        }
    }

    @Override
    public void delete(LogId id) throws StorageException {
        remove(id, () -> folders.delete(id));
    }

    @Override
    public void setAside(LogId id) throws StorageException {
        remove(id, () -> folders.setAside(id));
    }

    @Override
    public PartitionLog startAfresh(LogId id) throws StorageException {
        requireOpen();
        SegmentedLog damaged = logs.get(id);
        if (damaged == null) {
            throw new StorageException(Kind.CLOSED, "log " + id + " is not here");
        }
        try {
            await(damaged.abandon());
            journal.cut(id, 0);
            folders.setAsideDamaged(id); // from here on the log is damaged because it has no files, until a checkpoint
            epochs.cut(id, 0);
            SegmentedLog fresh = SegmentedLog.open(id, this, damaged.settings(), Checkpoint.NONE, EpochChain.EMPTY);
            logs.put(id, fresh); // first: what is kept of a log counts only while the log has nothing to say
            kept.remove(id);
            checkpoint();
            return fresh;
        } catch (IOException e) {
            throw failed("starting log " + id + " afresh", e);
        }
    }

    @Override
    public int deleteDamaged(Duration age, int most) throws StorageException {
        return folders.deleteDamaged(age, most);
    }

    @Override
    public List<String> scrub() throws StorageException {
        requireOpen();
        try {
            return new DirectoryScrub(files, path, identity).run(catalogue, epochs, () -> {
                boolean intact = checkpoints.isIntact();
                checkpoint();
                return intact;
            });
        } catch (IOException e) {
            throw failed("looking at its files", e);
        }
    }

    private interface Removal {
        void run() throws IOException;
    }

    /** First nobody uses it, then the catalogue forgets it, then its traces go: a crash in between is finished at the next start. */
    private void remove(LogId id, Removal files) throws StorageException {
        SegmentedLog log = logs.get(id);
        if (log == null) {
            return;
        }
        requireOpen();
        try {
            await(log.abandon());
            forget(id);
            logs.remove(id);
            files.run();
            epochs.cut(id, 0);
            kept.remove(id);
            checkpoint(); // or a log that comes back under this id would be taken for a damaged one
        } catch (IOException e) {
            throw failed("removing log " + id, e);
        }
    }

    private void forget(LogId id) throws IOException {
        try {
            noteForgotten(id);
        } catch (IOException e) {
            if (!checkpoints.ballastHelps(e)) {
                throw e;
            }
            noteForgotten(id);
        }
    }

    private void noteForgotten(LogId id) throws IOException {
        catalogue.remove(id);
        journal.cut(id, 0); // or a log that comes back under this id would get its batches back
    }

    /** The catalogue takes nothing more after a failed flush (P36), so only a full disk may be tried again. */
    private StorageException failed(String doing, IOException e) {
        StorageException cause = StorageException.of(path + ": " + doing, e);
        if (cause.kind() == Kind.IO) {
            goOffline(cause);
        }
        return cause;
    }

    @Override
    public int deleteStrays(Duration age) throws StorageException {
        return folders.deleteStrays(age);
    }

    @Override
    public void checkpoint() throws StorageException {
        try {
            checkpoints.write(this::currentCheckpoints);
        } catch (IOException e) {
            throw StorageException.of(path + ": writing checkpoints", e);
        }
    }

    private Map<LogId, Checkpoint> currentCheckpoints() {
        Map<LogId, Checkpoint> all = new TreeMap<>(kept);
        logs.forEach((id, log) -> {
            Checkpoint checkpoint = log.checkpoint();
            if (checkpoint != null) {
                all.put(id, checkpoint);
            }
        });
        return all;
    }

    @Override
    public long freeBytes() throws StorageException {
        try {
            return files.freeBytes(path);
        } catch (IOException e) {
            throw StorageException.of(path + ": asking for free space", e);
        }
    }

    @Override
    public synchronized Optional<StorageException> failure() {
        return Optional.ofNullable(failure);
    }

    @Override
    public void onOffline(Consumer<StorageException> listener) {
        Optional<StorageException> already;
        synchronized (this) {
            offlineListener = listener;
            already = failure();
        }
        already.ifPresent(listener);
    }

    @Override
    public void goOffline(StorageException cause) {
        Consumer<StorageException> listener;
        synchronized (this) {
            if (failure != null) {
                return;
            }
            failure = cause;
            listener = offlineListener;
        }
        LOG.error("{} is offline: {}", path, cause.getMessage());
        mark.set();
        logs.values().forEach(log -> log.wentOffline(cause));
        if (listener != null) {
            listener.accept(cause);
        }
    }

    private synchronized void requireOpen() throws StorageException {
        StorageException offline = failure;
        if (offline != null) {
            throw new StorageException(Kind.IO, path + " is offline: " + offline.getMessage(), offline);
        }
        if (closed) {
            throw new StorageException(Kind.CLOSED, path + " is closed");
        }
    }

    @Override
    public FileStore files() {
        return files;
    }

    @Override
    public Path logsDirectory() {
        return path.resolve("logs");
    }

    @Override
    public IoPool ioPool() {
        return settings.ioPool();
    }

    @Override
    public boolean closedCleanly() {
        return closedCleanly;
    }

    @Override
    public Journal journal() {
        return journal;
    }

    @Override
    public boolean flushFailedBefore() {
        return flushFailedBefore;
    }

    @Override
    public void epochBegan(LogId id, EpochEntry entry) throws IOException {
        epochs.began(id, entry);
    }

    @Override
    public void epochsCut(LogId id, long endOffset) throws IOException {
        epochs.cut(id, endOffset);
    }

    @Override
    public void filesGone(LogId id) throws IOException {
        folders.delete(id);
    }

    @Override
    public void abandon() {
        logs.values().forEach(SegmentedLog::forget);
    }

    @Override
    public void close() throws StorageException {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        Map<LogId, CompletableFuture<Void>> closing = new TreeMap<>();
        logs.forEach((id, log) -> closing.put(id, log.close()));
        IOException first = null;
        for (CompletableFuture<Void> each : closing.values()) {
            first = attempt(first, () -> await(each));
        }
        if (failure().isEmpty()) { // what failed once is not written again (P36)
            first = attempt(first, this::checkpoint);
        }
        first = attempt(first, journal::close);
        first = attempt(first, catalogue::close);
        first = attempt(first, epochs::close);
        boolean allWell = first == null
                && failure().isEmpty()
                && logs.values().stream().noneMatch(log -> log.failure().isPresent());
        if (allWell) {
            first = attempt(first, cleanStop::set);
        }
        first = attempt(first, lock::close);
        if (first != null) {
            throw StorageException.of(path + ": closing", first);
        }
    }

    private static @Nullable IOException attempt(@Nullable IOException before, Removal action) {
        try {
            action.run();
            return before;
        } catch (IOException e) {
            return before != null ? before : e;
        }
    }
}
