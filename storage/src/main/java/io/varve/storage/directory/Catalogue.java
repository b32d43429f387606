// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.directory;

import io.varve.storage.LogId;
import io.varve.storage.file.FileStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Which logs the directory has. An entry says that one came or went; a log that comes back under its old id has a higher incarnation.
 *
 * <pre>
 * 0  kind         int32  1 came, 2 went
 * 4  topic id     16 bytes
 * 20 partition    int32
 * 24 incarnation  int64  never the same twice in one directory
 * </pre>
 *
 * <i>thread-safe</i>
 */
final class Catalogue implements AutoCloseable {
    private static final long MAGIC = 0x5652_5643_4154_4131L; // VRVCATA1
    private static final int PAYLOAD_BYTES = 32;
    private static final int CAME = 1;
    private static final int WENT = 2;

    private final EntryFile entries;
    private final Map<LogId, Long> incarnations = new TreeMap<>(); // guarded by this
    private final Set<LogId> removed = new TreeSet<>();
    private long lastIncarnation; // guarded by this

    private Catalogue(EntryFile entries) {
        this.entries = entries;
    }

    static void create(FileStore files, Path path) throws IOException {
        EntryFile.create(files, path, MAGIC, PAYLOAD_BYTES);
    }

    static Catalogue open(FileStore files, Path path) throws IOException {
        return of(EntryFile.open(files, path, MAGIC, PAYLOAD_BYTES));
    }

    /** Only reads. */
    static Catalogue inspect(FileStore files, Path path) throws IOException {
        return of(EntryFile.inspect(files, path, MAGIC, PAYLOAD_BYTES));
    }

    private static Catalogue of(EntryFile entries) {
        Catalogue catalogue = new Catalogue(entries);
        for (ByteBuffer entry : catalogue.entries.found()) {
            catalogue.replay(entry);
        }
        return catalogue;
    }

    private synchronized void replay(ByteBuffer entry) {
        LogId id = new LogId(new UUID(entry.getLong(4), entry.getLong(12)), entry.getInt(20));
        lastIncarnation = Math.max(lastIncarnation, entry.getLong(24));
        if (entry.getInt(0) == CAME) {
            incarnations.put(id, entry.getLong(24));
            removed.remove(id);
        } else {
            incarnations.remove(id);
            removed.add(id);
        }
    }

    boolean damaged() {
        return entries.damaged();
    }

    synchronized List<LogId> ids() {
        return List.copyOf(incarnations.keySet());
    }

    /** Whether the log went and nothing came after it: files that are left of it are to be deleted. */
    boolean wentBefore(LogId id) {
        return removed.contains(id);
    }

    /** Durable when it returns. */
    void add(LogId id) throws IOException {
        ByteBuffer entry;
        synchronized (this) {
            entry = entry(CAME, id, ++lastIncarnation);
        }
        entries.append(entry);
        synchronized (this) {
            incarnations.put(id, entry.getLong(24));
        }
    }

    /** Durable when it returns. */
    void remove(LogId id) throws IOException {
        entries.append(entry(WENT, id, 0));
        synchronized (this) {
            incarnations.remove(id);
        }
    }

    /** Drops what is history, when half of the file is, or it was damaged, or {@code anyway}; {@code adopted} were found without an entry. */
    synchronized void tidy(List<LogId> adopted, boolean anyway) throws IOException {
        for (LogId id : adopted) {
            incarnations.put(id, ++lastIncarnation);
        }
        boolean mostlyHistory = entries.found().size() > 2 * incarnations.size() + 64;
        entries.forgetFound();
        if (!anyway && !damaged() && !mostlyHistory && adopted.isEmpty()) {
            return;
        }
        List<ByteBuffer> kept = new ArrayList<>();
        incarnations.forEach((id, incarnation) -> kept.add(entry(CAME, id, incarnation)));
        entries.rewrite(kept);
    }

    private static ByteBuffer entry(int kind, LogId id, long incarnation) {
        return ByteBuffer.allocate(PAYLOAD_BYTES)
                .putInt(kind)
                .putLong(id.topicId().getMostSignificantBits())
                .putLong(id.topicId().getLeastSignificantBits())
                .putInt(id.partition())
                .putLong(incarnation)
                .flip();
    }

    /** See {@link EntryFile#scrub}. */
    boolean scrub() throws IOException {
        return entries.scrub();
    }

    @Override
    public void close() throws IOException {
        entries.close();
    }
}
