// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.directory;

import io.varve.storage.file.FileStore;
import io.varve.storage.file.FileStore.Mode;
import io.varve.storage.file.SmallFile;
import io.varve.storage.file.StoreFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A file of entries of one size that only grows, each durable when its append returns. Appends of many threads share one flush.
 *
 * <pre>
 * 0   magic          int64   what the file is, with its version
 * 8   payload bytes  int32   per entry
 * 12  reserved       int32
 * 16  entries        payload, CRC32C of (index of the entry, payload) uint32
 * </pre>
 *
 * The entries have one size so that a torn end can be told from damage: behind the first bad entry no good one follows, and none of the bad ones was
 * written from end to end.
 *
 * <p><i>thread-safe</i>
 */
final class EntryFile implements AutoCloseable {
    private static final int HEADER_BYTES = 16;
    private static final int CRC_BYTES = Integer.BYTES;

    /** One appended entry on its way. */
    private static final class Pending {
        final ByteBuffer payload;
        boolean done; // guarded by writing

        @Nullable
        IOException failure; // guarded by writing

        Pending(ByteBuffer payload) {
            this.payload = payload;
        }
    }

    private final FileStore files;
    private final Path path;
    private final long magic;
    private final int entryBytes;
    private final ArrayList<ByteBuffer> found = new ArrayList<>();
    /** What the file must say, up to the position; of one that is only inspected or damaged, what it says. */
    private ByteBuffer content = ByteBuffer.allocate(0); // guarded by writing

    private boolean damaged;
    private final ReentrantLock writing = new ReentrantLock();
    private List<Pending> pending = new ArrayList<>(); // guarded by this
    private @Nullable StoreFile file; // guarded by writing
    private int count; // guarded by writing; entries that are durable
    private boolean flushFailed; // guarded by writing

    private EntryFile(FileStore files, Path path, long magic, int payloadBytes) {
        this.files = files;
        this.path = path;
        this.magic = magic;
        entryBytes = payloadBytes + CRC_BYTES;
    }

    /** Reads the file and cuts a torn end off. An absent one counts as damaged: it was made when the directory was formatted. */
    static EntryFile open(FileStore files, Path path, long magic, int payloadBytes) throws IOException {
        EntryFile opened = new EntryFile(files, path, magic, payloadBytes);
        opened.load();
        return opened;
    }

    /** Only reads: what it returns takes no appends. */
    static EntryFile inspect(FileStore files, Path path, long magic, int payloadBytes) throws IOException {
        EntryFile inspected = new EntryFile(files, path, magic, payloadBytes);
        inspected.parse();
        return inspected;
    }

    static void create(FileStore files, Path path, long magic, int payloadBytes) throws IOException {
        EntryFile created = new EntryFile(files, path, magic, payloadBytes);
        SmallFile.replaceRaw(files, path, created.bytes(List.of()));
    }

    /** What was in the file when it was opened, in order. */
    List<ByteBuffer> found() {
        return found;
    }

    /** Its owner has seen what was found. */
    void forgetFound() {
        found.clear();
        found.trimToSize();
    }

    /** Whether entries, or all of them, were lost to something other than a torn end. */
    boolean damaged() {
        return damaged;
    }

    /** Fills {@link #found} and the content; changes no file. */
    private void parse() throws IOException {
        ByteBuffer all = files.exists(path) ? SmallFile.readRaw(files, path) : ByteBuffer.allocate(0);
        if (all.limit() < HEADER_BYTES || all.getLong(0) != magic || all.getInt(8) != entryBytes - CRC_BYTES) {
            damaged = true;
            return;
        }
        int whole = (all.limit() - HEADER_BYTES) / entryBytes;
        boolean bad = false;
        for (int i = 0; i < whole; i++) {
            ByteBuffer payload = all.slice(HEADER_BYTES + i * entryBytes, entryBytes - CRC_BYTES);
            boolean good = all.getInt(HEADER_BYTES + (i + 1) * entryBytes - CRC_BYTES) == crc(i, payload);
            damaged |= good ? bad : isWritten(payload, all.getInt(HEADER_BYTES + (i + 1) * entryBytes - CRC_BYTES));
            bad |= !good;
            if (good) {
                found.add(payload);
            }
        }
        content = all;
    }

    /** Of an entry that a crash interrupted one end is still zero: at most two pages hold it. So both ends of a bad one mean that it has rotted. */
    private static boolean isWritten(ByteBuffer payload, int crc) {
        return (payload.getLong(0) | payload.getLong(Long.BYTES)) != 0 && crc != 0;
    }

    private void load() throws IOException {
        parse();
        if (damaged) {
            return; // rewritten by the owner, who knows what should be there
        }
        count = found.size();
        content.position((int) position());
        StoreFile opened = files.open(path, Mode.WRITE);
        file = opened;
        if (opened.size() > position()) {
            opened.truncate(position());
            opened.force();
        }
    }

    private long position() {
        return HEADER_BYTES + (long) count * entryBytes;
    }

    private static int crc(int index, ByteBuffer payload) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, index));
        crc.update(payload.duplicate());
        return (int) crc.getValue();
    }

    private ByteBuffer bytes(List<ByteBuffer> payloads) {
        ByteBuffer all = ByteBuffer.allocate(HEADER_BYTES + payloads.size() * entryBytes);
        all.putLong(magic).putInt(entryBytes - CRC_BYTES).putInt(0);
        for (int i = 0; i < payloads.size(); i++) {
            put(all, i, payloads.get(i));
        }
        return all.flip();
    }

    private static void put(ByteBuffer into, int index, ByteBuffer payload) {
        into.put(payload.duplicate()).putInt(crc(index, payload));
    }

    /** Durable when it returns. After a failed flush every further append fails, too (P36). */
    void append(ByteBuffer payload) throws IOException {
        Pending mine = new Pending(payload);
        synchronized (this) {
            pending.add(mine);
        }
        writing.lock();
        try {
            if (!mine.done) { // else another thread's flush took it along
                writeGroup();
            }
            IOException failure = mine.failure;
            if (failure != null) {
                throw new IOException(failure.getMessage(), failure);
            }
        } finally {
            writing.unlock();
        }
    }

    private void writeGroup() {
        List<Pending> group;
        synchronized (this) {
            group = pending;
            pending = new ArrayList<>();
        }
        @Nullable IOException failure = null;
        try {
            write(group);
        } catch (IOException e) {
            failure = e;
        }
        for (Pending each : group) {
            each.done = true;
            each.failure = failure;
        }
    }

    private void write(List<Pending> group) throws IOException {
        StoreFile open = file;
        if (flushFailed || open == null) {
            throw new IOException(path + " is closed or failed before");
        }
        ByteBuffer bytes = ByteBuffer.allocate(group.size() * entryBytes);
        int index = count;
        for (Pending each : group) {
            put(bytes, index++, each.payload);
        }
        open.writeFully(bytes.flip(), position());
        try {
            open.force();
        } catch (IOException e) {
            flushFailed = true;
            throw e;
        }
        count = index;
        keep(bytes.rewind());
    }

    private void keep(ByteBuffer more) {
        if (content.capacity() - content.position() < more.remaining()) {
            ByteBuffer larger = ByteBuffer.allocate(2 * content.position() + more.remaining());
            content = larger.put(content.flip());
        }
        content.limit(content.capacity()).put(more);
    }

    /** Whether the file says what was written to it; if not, it is written anew. Not after a failed flush (P36). */
    boolean scrub() throws IOException {
        writing.lock();
        try {
            if (flushFailed || file == null || intact()) {
                return true;
            }
            replace(content.duplicate().flip(), count);
            return false;
        } finally {
            writing.unlock();
        }
    }

    private boolean intact() throws IOException {
        if (!files.exists(path)) {
            return false;
        }
        ByteBuffer expected = content.duplicate().flip();
        ByteBuffer there = SmallFile.readRaw(files, path);
        return there.limit() >= expected.limit()
                && there.slice(0, expected.limit()).equals(expected);
    }

    /** Replaces the whole file, durably. */
    void rewrite(List<ByteBuffer> payloads) throws IOException {
        writing.lock();
        try {
            replace(bytes(payloads), payloads.size());
        } finally {
            writing.unlock();
        }
    }

    private void replace(ByteBuffer all, int entries) throws IOException { // holds writing
        close();
        SmallFile.replaceRaw(files, path, all.duplicate());
        count = entries;
        content = all.position(all.limit());
        file = files.open(path, Mode.WRITE);
    }

    @Override
    public void close() throws IOException {
        writing.lock();
        try {
            StoreFile open = file;
            file = null;
            if (open != null) {
                open.close();
            }
        } finally {
            writing.unlock();
        }
    }
}
