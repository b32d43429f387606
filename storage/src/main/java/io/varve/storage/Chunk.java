// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.varve.record.BatchHeader;
import io.varve.record.BatchThinner;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.LongAdder;

/**
 * One batch in a buffer of its own: the same bytes go to the disk, to the followers and to tailing readers, so they are counted by reference and
 * do not change once the chunk is staged.
 *
 * <p>Whoever retains releases. {@link #openCount()} lets a test assert that nobody forgot, and with {@code -Dvarve.chunk.poison=true} the last release
 * overwrites the bytes, so that a use after it is seen.
 *
 * <p><i>thread-safe</i> once staged; before that confined to the partition loop
 */
public final class Chunk {
    private static final AtomicIntegerFieldUpdater<Chunk> REFERENCES =
            AtomicIntegerFieldUpdater.newUpdater(Chunk.class, "references");
    private static final LongAdder OPEN = new LongAdder();
    private static final LongAdder OPEN_BYTES = new LongAdder();
    private static final boolean POISON = Boolean.getBoolean("varve.chunk.poison");
    private static final int POISON_BYTE = 0xDB;

    private final ByteBuf buffer;
    private final ByteBuffer bytes;
    private final int sizeBytes;
    private final int lastOffsetDelta;
    private final int recordCount;
    private final long producerId;
    private final short producerEpoch;
    private final int baseSequence;
    private final boolean control;
    private long baseOffset;
    private int leaderEpoch;
    private long maxTimestamp;
    private boolean readOnly;
    private volatile int references = 1; // volatile: any thread retains and releases, through REFERENCES

    private Chunk(ByteBuf buffer, ByteBuffer bytes) {
        this.buffer = buffer;
        this.bytes = bytes;
        sizeBytes = buffer.readableBytes();
        lastOffsetDelta = BatchHeader.lastOffsetDelta(bytes, 0);
        recordCount = BatchHeader.recordCount(bytes, 0);
        producerId = BatchHeader.producerId(bytes, 0);
        producerEpoch = BatchHeader.producerEpoch(bytes, 0);
        baseSequence = BatchHeader.baseSequence(bytes, 0);
        control = BatchHeader.isControl(bytes, 0);
        baseOffset = BatchHeader.baseOffset(bytes, 0);
        leaderEpoch = BatchHeader.partitionLeaderEpoch(bytes, 0);
        maxTimestamp = BatchHeader.maxTimestamp(bytes, 0);
        OPEN.increment();
        OPEN_BYTES.add(sizeBytes);
    }

    /**
     * Takes over the caller's reference of {@code owned}, whose readable bytes must be exactly one batch that {@code BatchCheck} has found valid. Throws
     * {@link IllegalArgumentException}, and releases the buffer, when they are not one batch long.
     */
    public static Chunk of(ByteBuf owned) {
        int size = owned.readableBytes();
        if (size < BatchHeader.SIZE_BYTES || owned.nioBufferCount() != 1) {
            owned.release();
            throw new IllegalArgumentException("a chunk of " + size + " bytes is no batch in one buffer");
        }
        ByteBuffer bytes = owned.nioBuffer().slice();
        if (BatchHeader.sizeInBytes(bytes, 0) != size) {
            long said = BatchHeader.sizeInBytes(bytes, 0);
            owned.release();
            throw new IllegalArgumentException("a chunk of " + size + " bytes holds a batch of " + said);
        }
        return new Chunk(owned, bytes);
    }

    /** Takes over the caller's reference of a buffer of whole batches, as {@link PartitionLog#read} gives it: a read-only chunk for each. */
    public static List<Chunk> split(ByteBuf batches) {
        List<Chunk> chunks = new ArrayList<>();
        try {
            while (batches.isReadable()) {
                int lengthAt = batches.readerIndex() + BatchHeader.LENGTH_AT;
                Chunk chunk = of(batches.readRetainedSlice(BatchHeader.PREFIX_BYTES + batches.getInt(lengthAt)));
                chunk.makeReadOnly();
                chunks.add(chunk);
            }
        } finally {
            batches.release();
        }
        return chunks;
    }

    /** A read-only chunk without records in the place of a part of one that has none itself and no producer: compaction joins such batches. */
    public static Chunk restOfEmpty(Chunk empty, long fromOffset) {
        if (empty.recordCount != 0
                || empty.producerId >= 0
                || fromOffset <= empty.baseOffset
                || fromOffset >= empty.endOffset()) {
            throw new IllegalArgumentException(empty + " has no rest without records from " + fromOffset + " on");
        }
        ByteBuffer rest = BatchThinner.empty(fromOffset, empty.endOffset(), empty.leaderEpoch, empty.maxTimestamp);
        Chunk chunk = of(UnpooledByteBufAllocator.DEFAULT
                .directBuffer(rest.remaining(), rest.remaining())
                .writeBytes(rest));
        chunk.makeReadOnly();
        return chunk;
    }

    /** Chunks not yet released by everybody, in this process. */
    public static long openCount() {
        return OPEN.sum();
    }

    /** Bytes of the chunks counted by {@link #openCount()}. */
    public static long openBytes() {
        return OPEN_BYTES.sum();
    }

    /** Gives the batch its place. Only before it is staged. Neither field is covered by the batch's CRC. */
    public void assign(long newBaseOffset, int newLeaderEpoch) {
        checkWritable();
        BatchHeader.assign(bytes, 0, newBaseOffset, newLeaderEpoch);
        baseOffset = newBaseOffset;
        leaderEpoch = newLeaderEpoch;
    }

    /** Stamps all records with the time of the append and computes the CRC anew. Only before it is staged. */
    public void assignLogAppendTime(long millis) {
        checkWritable();
        BatchHeader.assignLogAppendTime(bytes, 0, millis);
        maxTimestamp = millis;
    }

    private void checkWritable() {
        if (readOnly) {
            throw new IllegalStateException("chunk at " + baseOffset + " is staged and read-only");
        }
    }

    /** From now on the bytes stay as they are. {@link PartitionLog#stage} calls it; whoever shares the chunk earlier does, too. */
    public void makeReadOnly() {
        readOnly = true;
    }

    public long baseOffset() {
        return baseOffset;
    }

    /** The offset of the last record. */
    public long lastOffset() {
        return baseOffset + lastOffsetDelta;
    }

    /** The offset after the last record. */
    public long endOffset() {
        return baseOffset + lastOffsetDelta + 1;
    }

    public int recordCount() {
        return recordCount;
    }

    /** Whether compaction took records out of it: it has fewer than it spans offsets. */
    public boolean isThinned() {
        return recordCount <= lastOffsetDelta;
    }

    public int sizeBytes() {
        return sizeBytes;
    }

    public int leaderEpoch() {
        return leaderEpoch;
    }

    /** Milliseconds since 1970. */
    public long maxTimestamp() {
        return maxTimestamp;
    }

    /** Negative if the batch has no producer id. */
    public long producerId() {
        return producerId;
    }

    public short producerEpoch() {
        return producerEpoch;
    }

    public int baseSequence() {
        return baseSequence;
    }

    public boolean isControl() {
        return control;
    }

    /** The whole batch. Borrowed: a slice that outlives the caller's reference of this chunk is retained on its own ({@code retainedSlice}). */
    public ByteBuf buffer() {
        return buffer;
    }

    /** A new view of the whole batch, position 0, over the same memory. Borrowed like {@link #buffer()}. */
    public ByteBuffer nioBuffer() {
        return bytes.duplicate();
    }

    /** One more reference; throws {@link IllegalStateException} if there is none left. */
    public Chunk retain() {
        int before = REFERENCES.getAndIncrement(this);
        if (before <= 0) {
            REFERENCES.decrementAndGet(this);
            throw new IllegalStateException("chunk at " + baseOffset + " was released already");
        }
        return this;
    }

    /** Gives one reference back; the last one gives the buffer back. */
    public void release() {
        int left = REFERENCES.decrementAndGet(this);
        if (left < 0) {
            REFERENCES.incrementAndGet(this);
            throw new IllegalStateException("chunk at " + baseOffset + " was released already");
        }
        if (left > 0) {
            return;
        }
        OPEN.decrement();
        OPEN_BYTES.add(-sizeBytes);
        if (POISON && buffer.refCnt() == 1) { // somebody else's slice may still be on its way to the network
            for (int i = 0; i < sizeBytes; i++) {
                bytes.put(i, (byte) POISON_BYTE);
            }
        }
        buffer.release();
    }

    @Override
    public String toString() {
        return "chunk [" + baseOffset + ", " + endOffset() + ") of epoch " + leaderEpoch + ", " + sizeBytes + " bytes";
    }
}
