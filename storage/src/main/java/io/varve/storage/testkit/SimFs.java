// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.testkit;

import io.varve.storage.file.FileStore;
import io.varve.storage.file.StoreFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;

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
 * A crash of the process ({@link #crash}, or {@link #crashAfter} so many operations) loses nothing but open files and locks. Rot ({@link #flipBit}) is a
 * fault of its own. The same calls with the same seed do the same.
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

    /** What programs saw on a disk at one moment. <i>immutable</i> */
    public static final class Snapshot {
        private final SimFolder root;

        private Snapshot(SimFolder root) {
            this.root = root;
        }
    }

    private static final Runnable NOBODY = () -> {};

    private final SplittableRandom random;
    private final SimTree tree = new SimTree(); // guarded by this
    private final Set<Path> locks = new HashSet<>(); // guarded by this
    private final SimFaults faults = new SimFaults(); // guarded by this
    private long capacityBytes = Long.MAX_VALUE; // guarded by this
    private boolean shortWrites; // guarded by this
    private int processes; // guarded by this; open files of earlier ones are dead
    private int openFiles; // guarded by this
    private boolean crashWithPowerLoss; // guarded by this
    private Runnable deathListener = NOBODY; // guarded by this

    public SimFs(long seed) {
        random = new SplittableRandom(seed);
    }

    /** The file system for one process: it fails for ever after the next {@link #crash} or {@link #losePower}. */
    public synchronized FileStore newProcess() {
        return new SimProcess(this, processes);
    }

    /** Grows with every {@link #crash} and {@link #losePower}, planned ones too. */
    public synchronized int process() {
        return processes;
    }

    // ---- the ends of processes and disks

    /** The process dies: its open files and locks are gone, its writes are not. Faults of the nth operation are off. */
    public synchronized void crash() {
        processes++;
        openFiles = 0;
        locks.clear();
        faults.processEnded();
    }

    /** The machine dies: what was not forced is lost, in part or whole, as chance wants. Takes as long as there is to lose. */
    public synchronized void losePower() {
        crash();
        tree.losePower(random);
    }

    /**
     * The process dies in the {@code operations}th operation from now on that changes anything on the disk: of a write a part is done, any other is done or
     * not, as chance wants; it and all that follow fail. With {@code powerLoss} the machine dies then. Whoever drives the process drops all that it does and
     * says after that, also within the call that is under way, which may even seem to succeed: {@link #onDeath} or {@link #process} tells. 0 takes the plan
     * back, as do {@link #crash} and {@link #clearFaults}.
     */
    public synchronized void crashAfter(int operations, boolean powerLoss) {
        faults.dieAfter(operations);
        crashWithPowerLoss = powerLoss;
    }

    /** Whether {@link #crashAfter} is still to come. */
    public synchronized boolean crashPlanned() {
        return faults.deathPlanned();
    }

    /** Whether the last planned crash took the machine's power. */
    public synchronized boolean diedOfPowerLoss() {
        return crashWithPowerLoss;
    }

    /** Told of a planned crash from within the operation that dies; must only take note. */
    public synchronized void onDeath(Runnable listener) {
        deathListener = listener;
    }

    /** What programs see now, to be brought back by {@link #restore}. Files are shared until they change. */
    public synchronized Snapshot snapshot() {
        return new Snapshot(tree.copy());
    }

    /** The process dies, and the disk has what it had then, all of it durable. */
    public synchronized void restore(Snapshot snapshot) {
        crash();
        tree.replaceWith(snapshot.root);
    }

    /** A file system of its own with the same names and contents, all durable. */
    public synchronized SimFs copy(long seed) {
        SimFs copy = new SimFs(seed);
        copy.restore(snapshot());
        copy.processes = 0;
        return copy;
    }

    // ---- faults

    /** The {@code count}th operation of this kind from now on fails with an I/O error, once. */
    public synchronized void failAfter(Operation operation, int count) {
        faults.failAfter(operation, count);
    }

    /** One in {@code operations} of this kind fails with an I/O error, as chance wants, until {@link #clearFaults}; 0 for none. */
    public synchronized void failOneIn(Operation operation, int operations) {
        faults.failOneIn(operation, operations);
    }

    /** What faults say; "Input/output error" unless it is set. */
    public synchronized void failWith(String message) {
        faults.failWith(message);
    }

    /** The next fault is this error, once. */
    public synchronized void failWithError(Error error) {
        faults.failWithError(error);
    }

    /** Also what {@link #crashAfter} has planned. */
    public synchronized void clearFaults() {
        faults.clear();
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
    public synchronized void cut(Path path, long size) {
        SimFile file = existing(path);
        tree.grew(file, Math.min(0, size - file.size()));
        file.truncate((int) size);
        file.force();
    }

    /** Replaces a file's contents, durably, and creates it if need be. */
    public synchronized void put(Path path, byte[] contents) {
        SimFile file = new SimFile();
        file.write(ByteBuffer.wrap(contents), contents.length, 0);
        file.force();
        tree.put(path, file);
    }

    // ---- a look from outside

    public synchronized byte[] contents(Path file) {
        return existing(file).contents();
    }

    /** Every file and its contents. */
    public synchronized Map<Path, byte[]> files() {
        Map<Path, byte[]> all = new TreeMap<>();
        tree.files().forEach((path, file) -> all.put(path, file.contents()));
        return all;
    }

    /** Bytes of all files. */
    public synchronized long usedBytes() {
        return tree.usedBytes();
    }

    public synchronized int openFiles() {
        return openFiles;
    }

    private SimFile existing(Path path) {
        if (tree.find(path) instanceof SimFile file) {
            return file;
        }
        throw new IllegalArgumentException("no file " + path);
    }

    // ---- the port

    @Override
    public synchronized StoreFile open(Path path, Mode mode) throws IOException {
        faults.check(Operation.OPEN, path, random);
        SimNode node = tree.find(path);
        if (node != null && mode == Mode.CREATE) {
            throw new FileAlreadyExistsException(path.toString());
        }
        if (node instanceof SimFolder) {
            throw new IOException(path + ": Is a directory");
        }
        SimFile file = (SimFile) node;
        if (file == null) {
            if (mode == Mode.READ || mode == Mode.WRITE) {
                throw new NoSuchFileException(path.toString());
            }
            SimFolder folder = requireParent(path);
            SimFile created = new SimFile();
            change(() -> tree.add(folder, path, created));
            file = created;
        } else if (mode == Mode.REPLACE && file.size() > 0) {
            truncate(file, 0);
        }
        openFiles++;
        return new SimHandle(this, path, file, mode != Mode.READ, processes);
    }

    private SimFolder requireParent(Path path) throws IOException {
        SimFolder folder = tree.parent(path);
        if (folder == null) {
            throw new NoSuchFileException(String.valueOf(path.getParent()));
        }
        return folder;
    }

    @Override
    public synchronized boolean exists(Path path) {
        return tree.find(path) != null;
    }

    @Override
    public synchronized boolean isDirectory(Path path) {
        return tree.find(path) instanceof SimFolder;
    }

    @Override
    public synchronized List<String> list(Path directory) throws IOException {
        SimNode node = tree.find(directory);
        if (node instanceof SimFolder folder) {
            return List.copyOf(folder.names().keySet());
        }
        throw node == null
                ? new NoSuchFileException(directory.toString())
                : new NotDirectoryException(directory.toString());
    }

    @Override
    public synchronized void createDirectories(Path directory) throws IOException {
        if (tree.find(directory) != null) {
            return;
        }
        Path parent = directory.getParent();
        if (parent != null) {
            createDirectories(parent);
        }
        SimFolder folder = requireParent(directory);
        change(() -> tree.add(folder, directory, new SimFolder()));
    }

    @Override
    public synchronized void rename(Path from, Path to) throws IOException {
        faults.check(Operation.RENAME, from, random);
        SimFolder folder = requireParent(from);
        if (folder != tree.parent(to)) {
            throw new IOException(from + " and " + to + " are not in one directory");
        }
        if (tree.find(from) == null) {
            throw new NoSuchFileException(from.toString());
        }
        if (tree.find(to) instanceof SimFolder taken && !taken.names().isEmpty()) {
            throw new DirectoryNotEmptyException(to.toString());
        }
        change(() -> tree.rename(folder, from, to));
    }

    @Override
    public synchronized void delete(Path path) throws IOException {
        faults.check(Operation.DELETE, path, random);
        SimNode node = tree.find(path);
        if (node == null) {
            return;
        }
        if (node instanceof SimFolder folder && !folder.names().isEmpty()) {
            throw new DirectoryNotEmptyException(path.toString());
        }
        SimFolder parent = requireParent(path);
        change(() -> tree.remove(parent, path));
    }

    @Override
    public synchronized void forceDirectory(Path directory) throws IOException {
        faults.check(Operation.FORCE_DIRECTORY, directory, random);
        if (tree.find(directory) instanceof SimFolder folder) {
            change(() -> tree.force(folder));
        } else {
            throw new NoSuchFileException(directory.toString());
        }
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
        return Math.max(0, capacityBytes - tree.usedBytes());
    }

    // ---- for open files, which hold the lock

    private interface Doing {
        void run();
    }

    private void change(Doing doing) throws IOException {
        if (faults.dying()) {
            if (random.nextBoolean()) {
                doing.run();
            }
            throw died();
        }
        doing.run();
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

    long write(Path path, SimFile file, ByteBuffer[] buffers, int first, int count, long at) throws IOException {
        faults.check(Operation.WRITE, path, random);
        long asked = 0;
        for (int i = first; i < first + count; i++) {
            asked += buffers[i].remaining();
        }
        long room = capacityBytes == Long.MAX_VALUE ? asked : roomFor(file, at, asked);
        if (room == 0 && asked > 0) {
            throw new IOException("No space left on device");
        }
        if (shortWrites && room > 1 && random.nextInt(3) == 0) {
            room = 1 + random.nextInt((int) room);
        }
        if (faults.dying()) {
            put(file, buffers, first, random.nextInt((int) room + 1), at);
            throw died();
        }
        put(file, buffers, first, room, at);
        if (random.nextInt(4) == 0) {
            file.writeBack(random, 3);
        }
        return room;
    }

    private long roomFor(SimFile file, long at, long asked) {
        long within = Math.max(0, Math.min(asked, file.size() - at)); // overwriting needs no room
        return Math.min(asked, within + Math.max(0, capacityBytes - tree.usedBytes()));
    }

    private void put(SimFile file, ByteBuffer[] buffers, int first, long bytes, long at) {
        int before = file.size();
        long left = bytes;
        long position = at;
        for (int i = first; left > 0; i++) {
            int length = (int) Math.min(left, buffers[i].remaining());
            file.write(buffers[i], length, (int) position);
            position += length;
            left -= length;
        }
        tree.changes(file);
        tree.grew(file, file.size() - before);
    }

    int read(Path path, SimFile file, ByteBuffer into, long at) throws IOException {
        faults.check(Operation.READ, path, random);
        return file.read(into, at);
    }

    void force(Path path, SimFile file) throws IOException {
        try {
            faults.check(Operation.FORCE, path, random);
        } catch (IOException e) {
            file.failForce(random);
            throw e;
        }
        change(file::force);
    }

    void truncate(SimFile file, long size) throws IOException {
        change(() -> {
            tree.grew(file, Math.min(0, size - file.size()));
            file.truncate((int) size);
            tree.changes(file);
        });
    }

    void closed() {
        openFiles--;
    }
}
