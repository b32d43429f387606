// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.varve.record.BatchHeader;
import io.varve.storage.Chunk;
import io.varve.storage.EpochEntry;
import io.varve.storage.PartitionLog;
import io.varve.storage.StorageException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Reads the committed batches of one partition in order, from an offset on, for ever. At the tail it takes them from the chunks that the leader just
 * appended, on the loop; behind the tail from the files, on the pool for cold reads, one read at a time. Its position moves on the loop only and every
 * batch goes through it, so that a change between the two neither repeats nor leaves out a batch.
 *
 * <p>Two limits hold it back: the credit that the consumer gave, and the window of bytes delivered but not yet {@link #consumed}. Each lets one whole
 * batch through while anything is left of it.
 *
 * <p>*Thread-safe*; every other field and method is *confined to the partition loop*.
 */
public final class PartitionReader {
    /** The most that one delivery carries, unless a single batch is larger. */
    static final int DELIVERY_BYTES_MAX = 1 << 20;

    private static final int CHUNKS_MAX = 256; // components of one delivery

    private final ReadSource source;
    private final ReadRequest request;
    private final ReadListener listener;
    private final AtomicLong grantedBytes;
    private final AtomicLong consumedBytes = new AtomicLong();
    private final List<Chunk> gathered = new ArrayList<>();
    // Set by the loop before it looks at the two counters a last time, read by whoever raises them: one of both sees
    // the other.
    private volatile boolean starved;
    private volatile boolean closed; // read by the loop, set by any thread
    private long position;
    private long deliveredBytes;
    private boolean announced;
    private boolean compared; // what was read before with what is here
    private boolean ended;
    private boolean reading; // a cold read is under way

    PartitionReader(ReadSource source, ReadRequest request, ReadListener listener) {
        this.source = source;
        this.request = request;
        this.listener = listener;
        this.grantedBytes = new AtomicLong(request.creditBytes());
        this.position = request.offset();
    }

    /** Lets the reader deliver {@code bytes} more, at least 1. */
    public void addCredit(long bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("credit of " + bytes + " bytes, at least 1 is needed");
        }
        grantedBytes.accumulateAndGet(bytes, PartitionReader::plusSaturated);
        wakeIfStarved();
    }

    /** The receiver is done with that many bytes of deliveries: their buffers are on their way or released. */
    public void consumed(long bytes) {
        consumedBytes.addAndGet(bytes);
        wakeIfStarved();
    }

    /** Ends it without a word to the listener. A delivery that is under way may still arrive. Idempotent. */
    public void close() {
        closed = true;
        source.loop().post(() -> source.remove(this));
    }

    private void wakeIfStarved() {
        if (starved) {
            starved = false;
            source.loop().post(this::pumpGuarded);
        }
    }

    private static long plusSaturated(long a, long b) {
        long sum = a + b;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }

    private void pumpGuarded() {
        try {
            pump();
        } catch (Throwable t) {
            source.failed(t);
        }
    }

    /** Delivers what there is, until a limit, the high watermark or a cold read stops it. */
    void pump() {
        source.loop().assertInLoop();
        while (!closed && !ended && !reading) {
            OffsetAnswer.Refused refused = source.whyNotReadable(request.leaderEpoch());
            if (refused == null && isTruncated()) {
                return;
            }
            if (refused == null) {
                refused = outOfRange();
            }
            if (refused != null) {
                end(refused.reason(), refused.message());
                return;
            }
            if (position >= source.highWatermark()) { // P17, P18: wait, also in (hw, leo]
                announce();
                return;
            }
            long room = roomBytes();
            if (room > 0) {
                deliverUpTo((int) Math.min(room, DELIVERY_BYTES_MAX));
                continue;
            }
            starved = true;
            if (roomBytes() <= 0) {
                return;
            }
            starved = false;
        }
    }

    /**
     * Whether this log lost, in an unclean election, what was read before the offset; then the reader has ended (P32). Looks
     * once: while one leader leads, its log is never cut.
     */
    private boolean isTruncated() {
        int epoch = request.lastReadEpoch();
        if (compared || epoch == 0) {
            return false;
        }
        compared = true;
        PartitionLog log = source.log();
        long start = log.logStartOffset();
        boolean same = position <= start || (position <= log.stagedEndOffset() && log.epochAt(position - 1) == epoch);
        if (same) {
            return false;
        }
        long end = Math.max(start, Math.min(position, endOfEpoch(log, epoch)));
        ended = true;
        source.remove(this);
        listener.onTruncated(
                end,
                "partition " + source.name() + ": the record read before offset " + position + " was of epoch " + epoch
                        + ", which ends at " + end + " here: what was read behind that is gone");
        return true;
    }

    /** Where the records of this epoch and older ones end. */
    private static long endOfEpoch(PartitionLog log, int epoch) {
        for (EpochEntry entry : log.epochChain()) {
            if (entry.leaderEpoch() > epoch) {
                return entry.startOffset();
            }
        }
        return log.stagedEndOffset();
    }

    private OffsetAnswer.@Nullable Refused outOfRange() {
        long start = source.log().logStartOffset();
        long end = source.log().stagedEndOffset();
        if (position >= start && position <= end) {
            return null;
        }
        return new OffsetAnswer.Refused(
                RejectReason.OFFSET_OUT_OF_RANGE,
                "partition " + source.name() + ": offset " + position + " is outside of " + start + " to " + end);
    }

    private long roomBytes() {
        long credit = grantedBytes.get() - deliveredBytes;
        long window = request.windowBytes() - (deliveredBytes - consumedBytes.get());
        return Math.min(credit, window);
    }

    /** The first answer tells the numbers, even when there is nothing to read yet. */
    private void announce() {
        if (!announced) {
            announced = true;
            listener.onDelivery(delivery(Unpooled.EMPTY_BUFFER));
        }
    }

    private void deliverUpTo(int maxBytes) {
        long highWatermark = source.highWatermark();
        long end = position;
        int bytes = 0;
        for (Chunk chunk = source.tail().find(end);
                chunk != null
                        && chunk.endOffset() <= highWatermark
                        && gathered.size() < CHUNKS_MAX
                        && (gathered.isEmpty() || bytes + chunk.sizeBytes() <= maxBytes);
                chunk = source.tail().find(end)) {
            gathered.add(chunk);
            bytes += chunk.sizeBytes();
            end = chunk.endOffset();
        }
        if (gathered.isEmpty()) {
            readCold(maxBytes, highWatermark);
            return;
        }
        ByteBuf batches = share();
        position = end;
        deliver(batches);
    }

    /** One buffer over the chunks' own memory. */
    private ByteBuf share() {
        try {
            if (gathered.size() == 1) {
                return gathered.get(0).buffer().retainedSlice();
            }
            CompositeByteBuf all = source.runtime().allocator().compositeDirectBuffer(gathered.size());
            for (Chunk chunk : gathered) {
                all.addComponent(true, chunk.buffer().retainedSlice());
            }
            return all;
        } finally {
            gathered.clear();
        }
    }

    private void deliver(ByteBuf batches) {
        announced = true;
        deliveredBytes += batches.readableBytes();
        listener.onDelivery(delivery(batches));
    }

    private Delivery delivery(ByteBuf batches) {
        return new Delivery(
                batches, position, source.highWatermark(), source.log().logStartOffset(), source.leaderEpoch());
    }

    private void readCold(int maxBytes, long highWatermark) {
        reading = true;
        long from = position;
        source.runtime().coldReads().execute(() -> {
            ByteBuf batches = null;
            Throwable failure = null;
            try {
                if (!closed) {
                    batches = source.log()
                            .read(
                                    from,
                                    maxBytes,
                                    highWatermark,
                                    source.runtime().allocator());
                }
            } catch (Throwable t) {
                failure = t;
            }
            ByteBuf read = batches;
            Throwable cause = failure;
            source.loop().post(() -> finishColdGuarded(read, cause));
        });
    }

    private void finishColdGuarded(@Nullable ByteBuf batches, @Nullable Throwable failure) {
        try {
            finishCold(batches, failure);
        } catch (Throwable t) {
            source.failed(t);
        }
    }

    private void finishCold(@Nullable ByteBuf batches, @Nullable Throwable failure) {
        reading = false;
        if (closed || ended || batches == null) {
            if (batches != null) {
                batches.release();
            } else if (failure != null && !closed && !ended) {
                endByColdFailure(failure);
            }
            return;
        }
        long end = endOffsetOf(batches);
        if (end <= position) {
            batches.release();
            throw new InvariantException("partition " + source.name() + ": a read at " + position
                    + " below the high watermark ended at " + end);
        }
        position = end;
        deliver(batches);
        pump();
    }

    private void endByColdFailure(Throwable failure) {
        if (!(failure instanceof StorageException storage)) {
            end(RejectReason.UNKNOWN_SERVER_ERROR, "partition " + source.name() + ": a read failed: " + failure);
            return;
        }
        switch (storage.kind()) {
            case OUT_OF_RANGE -> end(RejectReason.OFFSET_OUT_OF_RANGE, message(storage)); // retention was faster
            case DAMAGED -> end(source.damagedReason(), message(storage)); // P34: never sent
            case CLOSED -> end(RejectReason.NOT_LEADER_OR_FOLLOWER, message(storage));
            default -> end(RejectReason.KAFKA_STORAGE_ERROR, message(storage));
        }
    }

    private String message(StorageException cause) {
        return "partition " + source.name() + ": " + cause.getMessage();
    }

    private static long endOffsetOf(ByteBuf batches) {
        ByteBuffer bytes = batches.nioBuffer();
        long end = Long.MIN_VALUE;
        for (int at = 0; at < bytes.limit(); at += BatchHeader.sizeInBytes(bytes, at)) {
            end = BatchHeader.nextOffset(bytes, at);
        }
        return end;
    }

    /** The replica cannot be read here any more. */
    void end(RejectReason reason, String message) {
        if (!ended && !closed) {
            ended = true;
            source.remove(this);
            listener.onEnd(reason, message);
        }
    }
}
