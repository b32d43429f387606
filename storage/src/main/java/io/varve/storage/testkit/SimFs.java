// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.testkit;

import io.varve.storage.file.FileStore;
import io.varve.storage.file.StoreFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A file system in memory with a page cache, driven by one seed. It promises no more than POSIX does:
 *
 * <ul>
 *   <li>contents are durable after {@link StoreFile#force} only; a power loss leaves of the rest any sectors, old or new, and any size;
 *   <li>names are durable after {@link #forceDirectory} only; of later creations, renames and deletions a power loss leaves any, so a rename may be there
 *       without the data, and a deleted file may come back;
 *   <li>a failed force leaves the pages clean and the disk in any state (fsyncgate);
 *   <li>a full disk takes as much of a write as fits.
 * </ul>
 *
 * A crash of the process ({@link #crash}, or {@link #crashAfter} so many operations) loses nothing but open files and locks. Rot ({@link #flipBit}) is a fault of its own.
 *
 * <p><i>thread-safe</i>
 */
public final class SimFs implements FileStore {
    /** What a fault is set for. */
    public enum Operation {
        READ,
        WRITE,
        FORCE,
        FORCE_DIRECTORY,
        OPEN,
        RENAME,
        DELETE
    }

    private final Random random;
    /** null stands for a directory. */
    private final NavigableMap<Path, @Nullable SimFile> names = new TreeMap<>(); // guarded by this

    private final NavigableMap<Path, @Nullable SimFile> durableNames = new TreeMap<>(); // guarded by this
    private final List<NameChange> pendingNames = new ArrayList<>(); // guarded by this
    private final Set<Path> locks = new HashSet<>(); // guarded by this
    private final Map<Operation, Integer> faults = new TreeMap<>(); // guarded by this; operations until one fails
    private String faultMessage = "Input/output error"; // guarded by this
    private @Nullable Error faultError; // guarded by this
    private long capacityBytes = Long.MAX_VALUE; // guarded by this
    private boolean shortWrites; // guarded by this
    private int processes; // guarded by this; open files of earlier ones are dead
    private int operationsToCrash; // guarded by this; 0: none is planned
    private boolean crashWithPowerLoss; // guarded by this
    private Runnable deathListener = () -> {}; // guarded by this
    private int openFiles; // guarded by this

    /** One or two names that change together: a rename never shows half. */
    private record NameChange(Path directory, Map<Path, @Nullable SimFile> created, Set<Path> removed) {}

    public SimFs(long seed) {
        random = new Random(seed);
    }

    /** The file system for one process: it fails for ever after the next {@link #crash} or {@link #losePower}. */
    public synchronized FileStore newProcess() {
        return new SimProcess(this, processes);
    }

    /** Grows with every {@link #crash} and {@link #losePower}, planned ones too. */
    public synchronized int process() {
        return processes;
    }

    // ---- faults

    /** The process dies: its open files and locks are gone, its writes are not. */
    public synchronized void crash() {
        processes++;
        openFiles = 0;
        locks.clear();
        faults.clear();
        operationsToCrash = 0;
    }

    /**
     * The process dies in the {@code operations}th operation from now on that changes anything on the disk: of a write a part is done, any other is done or
     * not, as chance wants; it and all that follow fail. With {@code powerLoss} the machine dies then. Whoever drives the process drops all that it does and
     * says after that, also within the call that is under way: {@link #onDeath} or {@link #process} tells. 0 takes the plan back.
     */
    public synchronized void crashAfter(int operations, boolean powerLoss) {
        operationsToCrash = operations;
        crashWithPowerLoss = powerLoss;
    }

    /** Whether {@link #crashAfter} is still to come. */
    public synchronized boolean crashPlanned() {
        return operationsToCrash > 0;
    }

    /** Told of a planned crash from within the operation that dies; must only take note. */
    public synchronized void onDeath(Runnable listener) {
        deathListener = listener;
    }

    /** Counts an operation that changes something; true if the process dies in it. */
    private boolean dying() {
        return operationsToCrash > 0 && --operationsToCrash == 0;
    }

    private IOException died() {
        if (crashWithPowerLoss) {
            losePower();
        } else {
            crash();
        }
        deathListener.run();
        return new IOException("the process died");
    }

    private interface Doing {
        void run() throws IOException;
    }

    private void change(Doing doing) throws IOException {
        if (dying()) {
            if (random.nextBoolean()) {
                doing.run();
            }
            throw died();
        }
        doing.run();
    }

    /** The machine dies: what was not forced is lost, in part or whole, as chance wants. */
    public synchronized void losePower() {
        crash();
        for (NameChange change : pendingNames) {
            if (random.nextBoolean()) {
                apply(change, durableNames);
            }
        }
        pendingNames.clear();
        names.clear();
        durableNames.forEach((path, file) -> {
            if (reachable(path)) {
                names.put(path, file);
            }
        });
        durableNames.keySet().retainAll(names.keySet());
        Set<SimFile> all = new HashSet<>(); // no file twice, whatever its names
        for (SimFile file : new ArrayList<>(names.values())) {
            if (file != null && all.add(file)) {
                file.losePower(random);
            }
        }
    }

    private boolean reachable(Path path) {
        Path parent = path.getParent();
        return parent == null
                || parent.getParent() == null
                || (durableNames.containsKey(parent) && durableNames.get(parent) == null && reachable(parent));
    }

    /** The {@code count}th operation of this kind from now on fails with an I/O error, once. */
    public synchronized void failAfter(Operation operation, int count) {
        faults.put(operation, count);
    }

    /** What faults of {@link #failAfter} say; "Input/output error" unless it is set. */
    public synchronized void failWith(String message) {
        faultMessage = message;
    }

    /** The next fault of {@link #failAfter} is this error, once. */
    public synchronized void failWithError(Error error) {
        faultError = error;
    }

    public synchronized void clearFaults() {
        faults.clear();
        operationsToCrash = 0;
    }

    /** Writes beyond this many bytes in all files find the disk full. */
    public synchronized void setCapacityBytes(long bytes) {
        capacityBytes = bytes;
    }

    /** From now on some writes take only a part of what they were given. */
    public synchronized void allowShortWrites(boolean allow) {
        shortWrites = allow;
    }

    public synchronized void flipBit(Path file, long bit) {
        existing(file).flip(bit);
    }

    /** Cuts a file as if it had always been that long. */
    public synchronized void cut(Path file, long size) {
        existing(file).truncate((int) size);
        existing(file).force();
    }

    /** Replaces a file's contents, durably, and creates it if need be. */
    public synchronized void put(Path path, byte[] contents) {
        SimFile file = new SimFile();
        file.write(contents, contents.length, 0);
        file.force();
        names.put(path, file);
        durableNames.put(path, file);
    }

    public synchronized byte[] contents(Path file) {
        return existing(file).contents();
    }

    /** Every file and its contents; for a look from outside, and to copy a state. */
    public synchronized Map<Path, byte[]> files() {
        Map<Path, byte[]> all = new TreeMap<>();
        names.forEach((path, file) -> {
            if (file != null) {
                all.put(path, file.contents());
            }
        });
        return all;
    }

    /** A file system of its own with the same names and contents, all durable. */
    public synchronized SimFs copy(long seed) {
        SimFs copy = new SimFs(seed);
        names.forEach((path, file) -> {
            if (file == null) {
                copy.names.put(path, null);
                copy.durableNames.put(path, null);
            } else {
                copy.put(path, file.contents());
            }
        });
        return copy;
    }

    public synchronized int openFiles() {
        return openFiles;
    }

    private SimFile existing(Path path) {
        SimFile file = names.get(path);
        if (file == null) {
            throw new IllegalArgumentException("no file " + path);
        }
        return file;
    }

    // ---- the port

    @Override
    public synchronized StoreFile open(Path path, Mode mode) throws IOException {
        fault(Operation.OPEN, path);
        boolean exists = names.containsKey(path);
        SimFile file = names.get(path);
        if (exists && mode == Mode.CREATE) {
            throw new FileAlreadyExistsException(path.toString());
        }
        if (exists && file == null) {
            throw new IOException(path + ": Is a directory");
        }
        if (file == null) {
            if (mode == Mode.READ || mode == Mode.WRITE) {
                throw new NoSuchFileException(path.toString());
            }
            requireParent(path);
            SimFile created = new SimFile();
            change(() -> change(parent(path), Map.of(path, created), Set.of()));
            file = created;
        } else if (mode == Mode.REPLACE) {
            change(() -> existing(path).truncate(0));
        }
        openFiles++;
        return new Handle(path, file, mode != Mode.READ);
    }

    private void change(Path directory, Map<Path, @Nullable SimFile> created, Set<Path> removed) {
        NameChange change = new NameChange(directory, created, removed);
        apply(change, names);
        pendingNames.add(change);
    }

    private static void apply(NameChange change, Map<Path, @Nullable SimFile> to) {
        change.removed().forEach(to::remove);
        to.putAll(change.created());
    }

    private static Path parent(Path path) {
        Path parent = path.getParent();
        return parent == null ? path : parent;
    }

    private void requireParent(Path path) throws IOException {
        Path parent = parent(path);
        if (parent.getParent() != null && !names.containsKey(parent)) {
            throw new NoSuchFileException(parent.toString());
        }
    }

    @Override
    public synchronized boolean exists(Path path) {
        return names.containsKey(path);
    }

    @Override
    public synchronized boolean isDirectory(Path path) {
        return names.containsKey(path) && names.get(path) == null;
    }

    @Override
    public synchronized List<String> list(Path directory) throws IOException {
        if (!names.containsKey(directory)) {
            throw new NoSuchFileException(directory.toString());
        }
        List<String> entries = new ArrayList<>();
        for (Path path : names.keySet()) {
            if (directory.equals(path.getParent())) {
                entries.add(String.valueOf(path.getFileName()));
            }
        }
        entries.sort(null);
        return entries;
    }

    @Override
    public synchronized void createDirectories(Path directory) throws IOException {
        Path parent = directory.getParent();
        if (parent != null && parent.getParent() != null) {
            createDirectories(parent);
        }
        if (!names.containsKey(directory)) {
            Map<Path, @Nullable SimFile> created = new TreeMap<>();
            created.put(directory, null);
            change(() -> change(parent(directory), created, Set.of()));
        }
    }

    @Override
    public synchronized void rename(Path from, Path to) throws IOException {
        fault(Operation.RENAME, from);
        if (!names.containsKey(from)) {
            throw new NoSuchFileException(from.toString());
        }
        Map<Path, @Nullable SimFile> created = new TreeMap<>();
        Set<Path> removed = new HashSet<>();
        names.tailMap(from, true).forEach((path, file) -> {
            if (path.startsWith(from)) { // a directory takes its entries along
                created.put(to.resolve(from.relativize(path).toString()), file);
                removed.add(path);
            }
        });
        change(() -> change(parent(to), created, removed));
    }

    @Override
    public synchronized void delete(Path path) throws IOException {
        fault(Operation.DELETE, path);
        if (!names.containsKey(path)) {
            return;
        }
        if (names.get(path) == null && !list(path).isEmpty()) {
            throw new DirectoryNotEmptyException(path.toString());
        }
        change(() -> change(parent(path), Map.of(), Set.of(path)));
    }

    @Override
    public synchronized void forceDirectory(Path directory) throws IOException {
        fault(Operation.FORCE_DIRECTORY, directory);
        change(() -> pendingNames.removeIf(change -> {
            boolean forced = change.directory().equals(directory);
            if (forced) {
                apply(change, durableNames);
            }
            return forced;
        }));
    }

    @Override
    public synchronized Closeable lock(Path file) throws IOException {
        if (!locks.add(file)) {
            throw new LockedException(file, "1");
        }
        int process = processes;
        return () -> {
            synchronized (this) {
                if (process == processes) {
                    locks.remove(file);
                }
            }
        };
    }

    @Override
    public synchronized long freeBytes(Path directory) {
        return Math.max(0, capacityBytes - usedBytes());
    }

    private long usedBytes() {
        long used = 0;
        for (SimFile file : names.values()) {
            used += file == null ? 0 : file.size();
        }
        return used;
    }

    private void fault(Operation operation, Path path) throws IOException {
        Integer left = faults.get(operation);
        if (left != null) {
            if (left <= 1) {
                faults.remove(operation);
                Error error = faultError;
                faultError = null;
                if (error != null) {
                    throw error;
                }
                throw new IOException(path + ": " + faultMessage);
            }
            faults.put(operation, left - 1);
        }
    }

    private final class Handle implements StoreFile {
        private final Path path;
        private final SimFile file;
        private final boolean writable;
        private final int process = processes;
        private boolean closed;

        Handle(Path path, SimFile file, boolean writable) {
            this.path = path;
            this.file = file;
            this.writable = writable;
        }

        private void requireOpen() throws IOException {
            if (!isOpen()) {
                throw new ClosedChannelException();
            }
        }

        @Override
        public boolean isOpen() {
            synchronized (SimFs.this) {
                return !closed && process == processes;
            }
        }

        @Override
        public long size() throws IOException {
            synchronized (SimFs.this) {
                requireOpen();
                return file.size();
            }
        }

        @Override
        public long write(ByteBuffer[] buffers, int first, int count, long at) throws IOException {
            synchronized (SimFs.this) {
                requireOpen();
                if (!writable) {
                    throw new IOException(path + " is open for reading");
                }
                fault(Operation.WRITE, path);
                long asked = 0;
                for (int i = first; i < first + count; i++) {
                    asked += buffers[i].remaining();
                }
                long room = capacityBytes == Long.MAX_VALUE ? asked : roomFor(at, asked);
                if (room == 0 && asked > 0) {
                    throw new IOException("No space left on device");
                }
                if (shortWrites && room > 1 && random.nextInt(3) == 0) {
                    room = 1 + random.nextInt((int) room);
                }
                if (dying()) {
                    put(buffers, first, random.nextInt((int) room + 1), at);
                    throw died();
                }
                put(buffers, first, room, at);
                if (random.nextInt(4) == 0) {
                    file.writeBack(random, 3);
                }
                return room;
            }
        }

        private long roomFor(long at, long asked) {
            long within = Math.max(0, Math.min(asked, file.size() - at)); // overwriting needs no room
            return Math.min(asked, within + Math.max(0, capacityBytes - usedBytes()));
        }

        private void put(ByteBuffer[] buffers, int first, long bytes, long at) {
            long left = bytes;
            long position = at;
            for (int i = first; left > 0; i++) {
                int length = (int) Math.min(left, buffers[i].remaining());
                byte[] copy = new byte[length];
                buffers[i].get(copy);
                file.write(copy, length, (int) position);
                position += length;
                left -= length;
            }
        }

        @Override
        public int read(ByteBuffer into, long at) throws IOException {
            synchronized (SimFs.this) {
                requireOpen();
                fault(Operation.READ, path);
                byte[] bytes = new byte[into.remaining()];
                int count = at >= file.size() ? 0 : file.read(bytes, (int) at);
                into.put(bytes, 0, count);
                return count;
            }
        }

        @Override
        public void force() throws IOException {
            synchronized (SimFs.this) {
                requireOpen();
                try {
                    fault(Operation.FORCE, path);
                } catch (IOException e) {
                    file.failForce(random);
                    throw e;
                }
                change(file::force);
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            synchronized (SimFs.this) {
                requireOpen();
                change(() -> file.truncate((int) size));
            }
        }

        @Override
        public void close() {
            synchronized (SimFs.this) {
                if (isOpen()) {
                    openFiles--;
                }
                closed = true;
            }
        }
    }
}
