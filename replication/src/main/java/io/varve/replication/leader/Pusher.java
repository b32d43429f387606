// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.leader;

import io.varve.replication.protocol.LeaderPosition;
import io.varve.replication.protocol.PeerStream;
import io.varve.replication.protocol.ReplicaMessage.Append;
import io.varve.replication.protocol.ReplicaMessage.Commit;
import io.varve.storage.Chunk;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sends one follower what it lacks, as far as its window goes: from the chunks in memory on the data stream, as they were staged and before they are
 * written (P14), or from the disk on the catch-up stream, one read at a time. Where the one ends and the other begins, the session moves.
 *
 * <p>Owns the chunks that a read handed over until they are sent. *Confined to the partition loop.*
 */
final class Pusher {
    private static final int CHUNKS_MAX = 256; // of one append

    private final FollowerSession follower;
    private final LedEpoch epoch;
    private final InFlight inFlight = new InFlight();
    private List<Chunk> fromDisk = List.of();
    private @Nullable CatchUpRead reading;
    private boolean pressed;
    private long nextOffset;
    private int prevEpoch; // of the record before nextOffset
    private long toldHighWatermark; // what the follower has made its own once everything sent has arrived
    private long toldLogStart;

    Pusher(FollowerSession follower, LedEpoch epoch, boolean pressed) {
        this.follower = follower;
        this.epoch = epoch;
        this.pressed = pressed;
    }

    void pressed(boolean now) {
        pressed = now;
    }

    /** The session is void: nothing of it is under way any more. */
    void reset() {
        inFlight.clear();
        reading = null;
        fromDisk.forEach(Chunk::release);
        fromDisk = List.of();
    }

    /** A session streams from {@code offset} on; the follower's record before it is of {@code epochBefore}. */
    void startAt(long offset, int epochBefore) {
        nextOffset = offset;
        prevEpoch = epochBefore;
        toldHighWatermark = 0;
        toldLogStart = epoch.log.logStartOffset(); // Open said it
    }

    void acknowledged(long writtenEndOffset) {
        inFlight.acknowledged(writtenEndOffset);
    }

    /** The leader's log was cut (only while ROLLBACK_AFTER_PUSH is switched off): goes on from there as if nothing had been sent. */
    void rolledBack(long endOffset) {
        if (nextOffset > endOffset) {
            reset();
            nextOffset = endOffset;
            prevEpoch = epoch.epochBefore(endOffset);
        }
    }

    void push(long nowNanos) {
        while (follower.isStreaming() && hasRoom()) {
            boolean sent = follower.stream() == PeerStream.DATA ? pushFromTail(nowNanos) : pushFromDisk(nowNanos);
            if (!sent) {
                break;
            }
        }
        if (follower.isStreaming()) {
            tellCommitted();
        }
    }

    private boolean hasRoom() {
        return !pressed && (inFlight.isEmpty() || inFlight.bytes() < epoch.bounds.windowBytes());
    }

    private boolean pushFromTail(long nowNanos) {
        Chunk first = epoch.log.tail(nextOffset);
        if (first == null) {
            if (nextOffset < epoch.log.writtenEndOffset() && inFlight.isEmpty()) {
                follower.move(PeerStream.CATCH_UP, nowNanos);
            }
            return false;
        }
        List<Chunk> chunks = new ArrayList<>();
        long roomBytes = roomBytes();
        long bytes = 0;
        for (Chunk chunk = first;
                chunk != null && chunks.size() < CHUNKS_MAX && (bytes == 0 || bytes + chunk.sizeBytes() <= roomBytes);
                chunk = epoch.log.tail(chunk.endOffset())) {
            chunks.add(chunk.retain());
            bytes += chunk.sizeBytes();
        }
        send(chunks, (int) bytes, nowNanos);
        return true;
    }

    private boolean pushFromDisk(long nowNanos) {
        if (!fromDisk.isEmpty()) {
            if (follower.hasMissedTombstones(nextOffset)) {
                follower.begin(nowNanos, 0); // and the follower its log
                return false;
            }
            List<Chunk> chunks = fromDisk;
            fromDisk = List.of();
            int bytes = 0;
            for (Chunk chunk : chunks) {
                bytes += chunk.sizeBytes();
            }
            send(chunks, bytes, nowNanos);
            return true;
        }
        boolean reachedTail = nextOffset >= epoch.log.stagedEndOffset() || epoch.log.tail(nextOffset) != null;
        if (reachedTail) {
            if (inFlight.isEmpty() && reading == null) {
                follower.move(PeerStream.DATA, nowNanos);
            }
        } else if (reading == null && nextOffset < epoch.log.writtenEndOffset()) {
            reading = new CatchUpRead(nowNanos);
            // the log's start may lie inside of the batch that the follower needs next
            epoch.log.read(Math.max(nextOffset, epoch.log.logStartOffset()), (int) roomBytes(), reading);
        }
        return false;
    }

    private long roomBytes() {
        return Math.max(1, Math.min(epoch.bounds.appendBytesMax(), epoch.bounds.windowBytes() - inFlight.bytes()));
    }

    private void send(List<Chunk> chunks, int bytes, long nowNanos) {
        Chunk last = chunks.get(chunks.size() - 1);
        long base = chunks.get(0).baseOffset();
        int before = base == nextOffset ? prevEpoch : epoch.epochBefore(base);
        long leaderEnd = epoch.log.stagedEndOffset();
        long highWatermark = epoch.acks.highWatermark();
        nextOffset = last.endOffset();
        prevEpoch = last.leaderEpoch();
        inFlight.sent(nextOffset, bytes);
        follower.pace.sent(leaderEnd, nowNanos);
        toldHighWatermark = Math.max(toldHighWatermark, Math.min(highWatermark, nextOffset));
        toldLogStart = epoch.log.logStartOffset();
        epoch.output.send(
                follower.node,
                follower.stream(),
                new Append(
                        epoch.partition,
                        epoch.leaderEpoch,
                        follower.session(),
                        base,
                        before,
                        chunks,
                        new LeaderPosition(highWatermark, toldLogStart, leaderEnd)));
    }

    /**
     * The high watermark moved and no append said so. A follower takes over only as much of it as it has records for (P16), so it is told again when it
     * has more.
     */
    private void tellCommitted() {
        long highWatermark = epoch.acks.highWatermark();
        long effective = Math.min(highWatermark, epoch.acks.writtenEndOffset(follower.node));
        long logStart = epoch.log.logStartOffset();
        if (effective > toldHighWatermark || logStart > toldLogStart) {
            toldHighWatermark = Math.max(effective, toldHighWatermark);
            toldLogStart = logStart;
            tellHighWatermark();
        }
    }

    /** To whoever streams; to others only while P10 is switched off. */
    void tellHighWatermark() {
        epoch.output.send(
                follower.node,
                PeerStream.CONTROL,
                new Commit(
                        epoch.partition,
                        epoch.leaderEpoch,
                        follower.session(),
                        epoch.acks.highWatermark(),
                        epoch.log.logStartOffset()));
    }

    long nextOffset() {
        return nextOffset;
    }

    long inFlightBytes() {
        return inFlight.bytes();
    }

    /** The follower's log may end where, here, batches without records were joined by compaction: it gets the rest of that one. */
    private List<Chunk> fromHere(List<Chunk> chunks) {
        Chunk first = chunks.get(0);
        if (first.baseOffset() == nextOffset || first.recordCount() > 0 || first.producerId() >= 0) {
            return List.copyOf(chunks);
        }
        List<Chunk> cut = new ArrayList<>(chunks);
        cut.set(0, Chunk.restOfEmpty(first, nextOffset));
        first.release();
        return cut;
    }

    /** Counts only while its session lasts: whatever comes later is given back. */
    private final class CatchUpRead implements LeaderLog.ReadCompletion {
        private final long askedNanos;

        CatchUpRead(long askedNanos) {
            this.askedNanos = askedNanos;
        }

        @Override
        public void read(List<Chunk> chunks) {
            boolean mine = reading == this;
            boolean beyond = mine && !chunks.isEmpty() && chunks.get(0).baseOffset() > nextOffset;
            boolean wanted = mine
                    && !chunks.isEmpty()
                    && chunks.get(0).baseOffset() <= nextOffset
                    && chunks.get(chunks.size() - 1).endOffset() > nextOffset;
            if (mine) {
                reading = null;
            }
            if (wanted) {
                fromDisk = fromHere(chunks);
            } else {
                chunks.forEach(Chunk::release);
            }
            if (beyond) { // retention has removed what comes between
                follower.readFailed(askedNanos);
            }
        }

        @Override
        public void failed(String detail, boolean damaged) {
            boolean mine = reading == this;
            if (mine) {
                reading = null;
            }
            if (damaged && !epoch.isOver()) {
                epoch.output.damaged(detail); // P34
            }
            if (mine) { // also of the only copy that there is, which goes on without what is damaged
                follower.readFailed(askedNanos);
            }
        }
    }
}
