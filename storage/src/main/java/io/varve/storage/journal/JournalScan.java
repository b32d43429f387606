// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.journal;

import io.varve.storage.LogId;
import io.varve.storage.file.FileStore;
import io.varve.storage.file.StoreFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads what a process that has ended left in the journal: for each log the batches in their order, without those that were cut. Batches are only
 * located here; who uses one checks it.
 *
 * <p>Files hold remains of their earlier lives. The last group says from which one on all must be there.
 *
 * <p><i>confined to one thread</i>
 */
final class JournalScan {
    private static final Logger LOG = LoggerFactory.getLogger(JournalScan.class);

    private record Group(Path file, long position, ByteBuffer header) {
        long endPosition() {
            long end = position + header.capacity();
            for (int i = 0; i < count(); i++) {
                end += Math.max(0, GroupFormat.entry(header, i).sizeBytes()); // a cut has no batch
            }
            return end;
        }

        int count() {
            return header.getInt(GroupFormat.COUNT_AT);
        }

        long sequence() {
            return header.getLong(GroupFormat.SEQUENCE_AT);
        }
    }

    private final FileStore files;
    private final UUID directoryId;
    private final TreeMap<Long, Group> groups = new TreeMap<>();
    private final Map<LogId, List<Piece>> pieces = new TreeMap<>();
    private boolean damaged;

    JournalScan(FileStore files, UUID directoryId) {
        this.files = files;
        this.directoryId = directoryId;
    }

    void read(List<Path> paths) throws IOException {
        for (Path path : paths) {
            collect(path);
        }
        if (groups.isEmpty()) {
            return;
        }
        Group last = groups.lastEntry().getValue();
        ArrayDeque<Group> chain = new ArrayDeque<>(); // backwards: the last group says what was before it
        chain.push(last);
        long floor = last.header().getLong(GroupFormat.FLOOR_AT);
        long previous = last.header().getLong(GroupFormat.PREVIOUS_AT);
        while (previous >= floor && !damaged) {
            Group group = groups.get(previous);
            if (group == null) {
                LOG.error("the journal's group {} is damaged, {} are needed", previous, floor);
                damaged = true;
            } else {
                chain.push(group);
                previous = group.header().getLong(GroupFormat.PREVIOUS_AT);
            }
        }
        for (Group group : chain) {
            take(group, group != last);
        }
        groups.clear();
    }

    /** Of one log, in the order of their offsets. */
    List<Piece> of(LogId id) {
        return pieces.getOrDefault(id, List.of());
    }

    /** Whether a group is missing that was needed: nobody knows whose flushes it held. */
    boolean damaged() {
        return damaged;
    }

    private void collect(Path path) throws IOException {
        try (StoreFile file = files.open(path, FileStore.Mode.READ)) {
            long size = file.size();
            long position = 0;
            while (position < size) {
                Group group = groupAt(path, file, position, size);
                if (group == null) {
                    position += GroupFormat.BLOCK_BYTES;
                } else {
                    groups.put(group.sequence(), group);
                    position = GroupFormat.aligned(group.endPosition());
                }
            }
        }
    }

    private @Nullable Group groupAt(Path path, StoreFile file, long position, long size) throws IOException {
        ByteBuffer start = ByteBuffer.allocate(GroupFormat.ENTRIES_AT);
        file.read(start, position);
        int count = start.hasRemaining() ? -1 : start.getInt(GroupFormat.COUNT_AT);
        if (start.getInt(0) != GroupFormat.GROUP_MAGIC || count < 0 || count > GroupFormat.MAX_ENTRIES) {
            return null;
        }
        int headerBytes = GroupFormat.ENTRIES_AT + count * GroupFormat.ENTRY_BYTES;
        if (position + headerBytes > size) {
            return null;
        }
        ByteBuffer header = ByteBuffer.allocate(headerBytes);
        file.read(header, position);
        boolean whole =
                !header.hasRemaining() && header.getInt(GroupFormat.CRC_AT) == GroupFormat.crc(directoryId, header);
        return whole ? new Group(path, position, header) : null;
    }

    /** {@code proven}: a later group exists, which was written only after this one was flushed. */
    private void take(Group group, boolean proven) {
        long at = group.position() + group.header().capacity();
        for (int i = 0; i < group.count(); i++) {
            GroupFormat.Entry entry = GroupFormat.entry(group.header(), i);
            List<Piece> all = pieces.computeIfAbsent(entry.log(), id -> new ArrayList<>());
            if (entry.sizeBytes() == GroupFormat.CUT) {
                all.removeIf(piece -> piece.baseOffset() >= entry.offset());
            } else {
                all.add(new Piece(entry.offset(), group.file(), at, entry.sizeBytes(), entry.crc(), proven));
                at += entry.sizeBytes();
            }
        }
    }
}
