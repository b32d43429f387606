// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.directory;

import io.varve.storage.EpochEntry;
import io.varve.storage.LogId;
import io.varve.storage.file.FileStore;
import io.varve.storage.segment.EpochChain;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * The epoch chains of all logs. An entry adds a link to one log's chain, or cuts the chain.
 *
 * <pre>
 * 0  kind       int32  1 an epoch began, 2 the links from an offset on are gone
 * 4  topic id   16 bytes
 * 20 partition  int32
 * 24 epoch      int32  0 for a cut
 * 28 offset     int64
 * </pre>
 *
 * <i>thread-safe</i>
 */
final class EpochFile implements AutoCloseable {
    private static final long MAGIC = 0x5652_5645_504f_4331L; // VRVEPOC1
    private static final int PAYLOAD_BYTES = 36;
    private static final int BEGAN = 1;
    private static final int CUT = 2;

    private final EntryFile entries;
    private final boolean damaged;
    private final Map<LogId, EpochChain> found = new TreeMap<>();

    private EpochFile(EntryFile entries, boolean damaged) {
        this.entries = entries;
        this.damaged = damaged;
    }

    static void create(FileStore files, Path path) throws IOException {
        EntryFile.create(files, path, MAGIC, PAYLOAD_BYTES);
    }

    static EpochFile open(FileStore files, Path path) throws IOException {
        return of(EntryFile.open(files, path, MAGIC, PAYLOAD_BYTES));
    }

    /** Only reads. */
    static EpochFile inspect(FileStore files, Path path) throws IOException {
        return of(EntryFile.inspect(files, path, MAGIC, PAYLOAD_BYTES));
    }

    private static EpochFile of(EntryFile entries) {
        EpochFile opened = new EpochFile(entries, entries.damaged());
        if (!opened.damaged) {
            for (ByteBuffer entry : entries.found()) {
                opened.replay(entry);
            }
        }
        return opened;
    }

    private void replay(ByteBuffer entry) {
        LogId id = new LogId(new UUID(entry.getLong(4), entry.getLong(12)), entry.getInt(20));
        EpochChain chain = found.getOrDefault(id, EpochChain.EMPTY);
        long offset = entry.getLong(28);
        found.put(
                id,
                entry.getInt(0) == BEGAN ? chain.with(new EpochEntry(entry.getInt(24), offset)) : chain.cutAt(offset));
    }

    /** Chains are then built anew from the batches. */
    boolean damaged() {
        return damaged;
    }

    /** The chain that was in the file when it was opened. */
    EpochChain chain(LogId id) {
        return found.getOrDefault(id, EpochChain.EMPTY);
    }

    void began(LogId id, EpochEntry link) throws IOException {
        entries.append(entry(BEGAN, id, link.leaderEpoch(), link.startOffset()));
    }

    void cut(LogId id, long endOffset) throws IOException {
        entries.append(entry(CUT, id, 0, endOffset));
    }

    /** Writes these chains in place of the whole file, when it was damaged, mostly history, knows logs that are gone, or {@code anyway}. */
    void tidy(Map<LogId, List<EpochEntry>> live, boolean anyway) throws IOException {
        List<ByteBuffer> kept = new ArrayList<>();
        live.forEach((id, chain) ->
                chain.forEach(link -> kept.add(entry(BEGAN, id, link.leaderEpoch(), link.startOffset()))));
        boolean foreign = found.entrySet().stream()
                .anyMatch(each -> !each.getValue().entries().isEmpty() && !live.containsKey(each.getKey()));
        if (anyway || damaged || foreign || entries.found().size() > 2 * kept.size() + 64) {
            entries.rewrite(kept);
        }
        found.clear(); // logs have their chains
        entries.forgetFound();
    }

    private static ByteBuffer entry(int kind, LogId id, int epoch, long offset) {
        return ByteBuffer.allocate(PAYLOAD_BYTES)
                .putInt(kind)
                .putLong(id.topicId().getMostSignificantBits())
                .putLong(id.topicId().getLeastSignificantBits())
                .putInt(id.partition())
                .putInt(epoch)
                .putLong(offset)
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
