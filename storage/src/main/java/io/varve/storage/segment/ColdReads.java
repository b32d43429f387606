// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.varve.record.BatchHeader;
import io.varve.storage.BatchVisitor;
import io.varve.storage.Damage;
import io.varve.storage.StorageException;
import io.varve.storage.StorageException.Kind;
import io.varve.storage.file.StoreFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads from the files, beside whatever else happens to the log: positions only grow within a segment, a deleted segment's bytes stay until its readers
 * leave, and a reader that a truncation overtook looks again.
 *
 * <p><i>thread-safe</i>
 */
final class ColdReads {
    private static final int ATTEMPTS = 3;

    private final LogState state;
    private final BatchFinder finder;

    ColdReads(LogState state) {
        this.state = state;
        finder = new BatchFinder(state);
    }

    BatchFinder finder() {
        return finder;
    }

    /** Some reading of one segment: of the one that was asked for, or of what compaction has put in its place. */
    interface Reading<T> {
        T read(Segment segment, StoreFile file) throws IOException;
    }

    ByteBuf read(long offset, int maxBytes, long endOffsetExclusive, ByteBufAllocator allocator)
            throws StorageException {
        for (int attempt = 1; ; attempt++) {
            int truncations = state.truncations;
            try {
                return readOnce(offset, maxBytes, endOffsetExclusive, allocator);
            } catch (StorageException e) {
                boolean overtaken = state.truncations != truncations || (truncations & 1) == 1;
                boolean mayPass = e.kind() == Kind.DAMAGED || e.kind() == Kind.IO;
                if (!mayPass || !overtaken || attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private ByteBuf readOnce(long offset, int maxBytes, long endOffsetExclusive, ByteBufAllocator allocator)
            throws StorageException {
        requireServed();
        long written = state.writtenEndOffset; // before the segments: they are published first
        long end = Math.min(endOffsetExclusive, written);
        if (offset < state.logStartOffset || offset > written) {
            throw new StorageException(
                    Kind.OUT_OF_RANGE,
                    "log " + state.id + ": offset " + offset + " is not in [" + state.logStartOffset + ", " + written
                            + "]");
        }
        if (offset >= end) {
            return Unpooled.EMPTY_BUFFER;
        }
        return in(segmentOf(offset), (segment, file) -> {
            HeaderWalk walk = finder.find(segment, file, offset);
            return batches(segment, file, walk, maxBytes, end, allocator);
        });
    }

    private ByteBuf batches(
            Segment segment, StoreFile file, HeaderWalk from, int maxBytes, long end, ByteBufAllocator allocator)
            throws IOException {
        long position = from.position();
        long firstSize = BatchHeader.sizeInBytes(from.header(), from.at());
        int wanted = (int) Math.min(Math.max(firstSize, maxBytes), segment.sizeBytes() - position);
        ByteBuf buffer = allocator.directBuffer(wanted, wanted);
        try {
            ByteBuffer bytes = buffer.nioBuffer(0, wanted);
            int read = file.read(bytes, position);
            bytes.position(0).limit(read);
            EpochChain chain = state.chain;
            long offset = from.offset();
            int at = 0;
            while (at + BatchHeader.SIZE_BYTES <= read) {
                long size = (long) bytes.getInt(at + BatchHeader.LENGTH_AT) + BatchHeader.PREFIX_BYTES;
                if (at > 0 && size > read - at) {
                    break; // the rest of it did not fit, or its length is wrong: the next read tells
                }
                String problem = BatchVerdict.problem(bytes, at, read - at, Integer.MAX_VALUE, offset, chain);
                if (problem != null) {
                    throw finder.damaged(segment, offset, position + at, problem);
                }
                if (BatchHeader.nextOffset(bytes, at) > end) {
                    break;
                }
                offset = BatchHeader.nextOffset(bytes, at);
                at += (int) size;
            }
            finder.remember(segment, offset, position + at);
            return buffer.writerIndex(at).retain();
        } finally {
            buffer.release();
        }
    }

    /** Shows every batch header that ends above {@code fromOffset}, and at or below {@code endOffset}. */
    void replay(long fromOffset, long endOffset, BatchVisitor visitor) throws StorageException {
        requireServed();
        long end = Math.min(endOffset, state.writtenEndOffset);
        long next = Math.max(fromOffset, state.logStartOffset);
        while (next < end) {
            long from = next;
            next = briefly(segmentOf(from), (segment, file) -> {
                HeaderWalk walk = finder.find(segment, file, from);
                while (walk.offset() < end && walk.next()) {
                    if (walk.nextOffset() > end) {
                        return end;
                    }
                    visitor.visit(walk.header(), walk.at());
                    walk.step();
                }
                if (walk.problem() != null) {
                    throw finder.damaged(segment, walk);
                }
                return walk.offset();
            });
        }
    }

    <T> T in(Segment segment, Reading<T> reading) throws StorageException {
        return in(segment, Segment::acquire, reading);
    }

    /** Leaves a file closed that nobody else has read lately. */
    <T> T briefly(Segment segment, Reading<T> reading) throws StorageException {
        return in(segment, Segment::acquireBriefly, reading);
    }

    private interface Acquisition {
        StoreFile of(Segment segment) throws IOException;
    }

    private <T> T in(Segment segment, Acquisition acquisition, Reading<T> reading) throws StorageException {
        try {
            for (Segment now = newest(segment); ; now = newest(now)) {
                StoreFile file;
                try {
                    file = acquisition.of(now);
                } catch (StorageException gone) {
                    if (now.successor() != null) {
                        continue; // compacted in this moment
                    }
                    throw gone;
                }
                try {
                    return reading.read(now, file);
                } finally {
                    now.release();
                }
            }
        } catch (IOException e) {
            throw StorageException.of("log " + state.id + ": read of " + segment.path(), e);
        }
    }

    private static Segment newest(Segment segment) {
        Segment now = segment;
        for (Segment next = now.successor(); next != null; next = now.successor()) {
            now = next;
        }
        return now;
    }

    Segment segmentOf(long offset) throws StorageException {
        Segments segments = state.segments;
        int index = segments.floorIndex(offset);
        if (index < 0) {
            throw new StorageException(
                    Kind.OUT_OF_RANGE, "log " + state.id + ": offset " + offset + " was deleted meanwhile");
        }
        return segments.all().get(index);
    }

    void requireServed() throws StorageException {
        @Nullable Damage damage = state.damage;
        if (damage != null) {
            throw state.damaged(damage);
        }
        if (state.closed) {
            throw new StorageException(Kind.CLOSED, "log " + state.id + " is closed");
        }
    }
}
