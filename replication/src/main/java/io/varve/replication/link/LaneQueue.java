// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.link;

import io.varve.replication.InvariantException;
import io.varve.replication.protocol.ReplicaMessage;
import io.varve.replication.protocol.ReplicaMessage.Append;
import io.varve.replication.protocol.ReplicaMessage.Producers;
import io.varve.storage.LogId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What waits for one bulk stream, of all partitions: in order within a partition, in rounds by bytes between them (deficit round robin), so that a busy
 * partition delays a quiet one by at most one quantum and one message of its own. Messages without bytes wait for nobody.
 *
 * <p>Bytes handed to the transport and not answered are bounded per partition and in total (I26). A partition without credit leaves the round; a stream
 * without credit waits for whose turn it is, so that a large message is not overtaken for ever. *Confined* to its {@link PeerLink}.
 */
final class LaneQueue {
    /** What a message without bytes counts for, in frames and rounds. */
    static final int OVERHEAD_BYTES = 64;

    private final LinkSettings.Limits limits;
    private final Map<LogId, Lane> lanes = new LinkedHashMap<>();
    private final ArrayDeque<Lane> atOnce = new ArrayDeque<>();
    private final ArrayDeque<Lane> round = new ArrayDeque<>();
    private long queuedBytes;
    private int queuedMessages;
    private long inFlightBytes;
    private int inFlightCount;

    LaneQueue(LinkSettings.Limits limits) {
        this.limits = limits;
    }

    /** With the overhead of each message. */
    long queuedBytes() {
        return queuedBytes;
    }

    int queuedMessages() {
        return queuedMessages;
    }

    /** Payload only. */
    long inFlightBytes() {
        return inFlightBytes;
    }

    static long costBytes(ReplicaMessage message) {
        return OVERHEAD_BYTES
                + (message instanceof Producers producers ? producers.bytes().remaining() : payloadBytes(message));
    }

    private static long payloadBytes(ReplicaMessage message) {
        return message instanceof Append append ? append.sizeBytes() : 0;
    }

    /** Takes over the message's chunks. */
    void add(ReplicaMessage.ToFollower message) {
        Lane lane = lanes.computeIfAbsent(message.partition(), any -> new Lane());
        lane.add(message);
        queuedMessages++;
        queuedBytes += costBytes(message);
        place(lane);
    }

    /** Drops what waits in sessions of a partition below this one: they are void (P7). */
    void dropSessionsBelow(LogId partition, long session) {
        Lane lane = lanes.get(partition);
        if (lane == null) {
            return;
        }
        for (Iterator<ReplicaMessage.ToFollower> each = lane.queued(); each.hasNext(); ) {
            ReplicaMessage.ToFollower message = each.next();
            if (message.session() < session) {
                each.remove();
                forget(message);
                release(message);
            }
        }
        leave(lane);
        place(lane);
        removeIfEmpty(partition, lane);
    }

    /** The messages of the next frame, for the caller to own; empty if nothing may go now. */
    List<ReplicaMessage.ToFollower> take() {
        List<ReplicaMessage.ToFollower> frame = new ArrayList<>();
        long roomBytes = limits.frameBytes();
        while (roomBytes > 0) {
            Lane lane = atOnce.isEmpty() ? inTurn(frame.isEmpty() ? Long.MAX_VALUE : roomBytes) : atOnce.getFirst();
            if (lane == null) {
                break;
            }
            ReplicaMessage.ToFollower message = take(lane);
            roomBytes -= costBytes(message);
            frame.add(message);
        }
        return frame;
    }

    private @Nullable Lane inTurn(long roomBytes) {
        while (!round.isEmpty()) {
            Lane lane = round.getFirst();
            ReplicaMessage.ToFollower head = lane.head();
            if (head == null) {
                throw new InvariantException("a partition is in the round of a stream with nothing to send (I26)");
            }
            long payload = payloadBytes(head);
            if (!hasCredit(lane.inFlightBytes(), payload, limits.partitionInFlightBytes())) {
                leave(lane);
                lane.place = Lane.Place.NO_CREDIT;
                continue;
            }
            if (!lane.inTurn) {
                lane.inTurn = true;
                lane.deficitBytes += limits.quantumBytes();
            }
            if (costBytes(head) > lane.deficitBytes) {
                lane.inTurn = false;
                round.addLast(round.removeFirst());
                continue;
            }
            boolean fits =
                    costBytes(head) <= roomBytes && hasCredit(inFlightBytes, payload, limits.streamInFlightBytes());
            return fits ? lane : null; // keeps its turn
        }
        return null;
    }

    /** A message larger than the whole bound goes alone. */
    private static boolean hasCredit(long inFlightBytes, long bytes, long capBytes) {
        return inFlightBytes == 0 || inFlightBytes + bytes <= capBytes;
    }

    private ReplicaMessage.ToFollower take(Lane lane) {
        ReplicaMessage.ToFollower message = lane.remove();
        forget(message);
        long payload = payloadBytes(message);
        if (payload > 0 && message instanceof Append append) {
            lane.sent(append, payload);
            lane.deficitBytes -= costBytes(message);
            inFlightBytes += payload;
            inFlightCount++;
            check(lane);
        }
        ReplicaMessage.ToFollower next = lane.head();
        if (lane.place != Lane.Place.ROUND || next == null || payloadBytes(next) == 0) {
            leave(lane);
            place(lane);
        }
        removeIfEmpty(message.partition(), lane);
        return message;
    }

    /**
     * An answer frees what it answers: an Ack what it covers, a Nack all of its session. Sessions below that of any answer are void.
     *
     * @param here whether it came back on this stream
     */
    void answered(ReplicaMessage.ToLeader answer, boolean here) {
        Lane lane = lanes.get(answer.partition());
        if (lane == null) {
            return;
        }
        int count = lane.inFlightCount();
        long freed = lane.freeSessionsBelow(answer.session());
        if (here && answer instanceof ReplicaMessage.Ack ack) {
            freed += lane.freeUpTo(ack.session(), ack.writtenEndOffset());
        } else if (here && answer instanceof ReplicaMessage.Nack nack) {
            freed += lane.freeUpTo(nack.session(), Long.MAX_VALUE);
        }
        inFlightBytes -= freed;
        inFlightCount -= count - lane.inFlightCount();
        check(lane);
        if (lane.place == Lane.Place.NO_CREDIT && freed > 0) {
            place(lane);
        }
        removeIfEmpty(answer.partition(), lane);
    }

    /** Drops everything. */
    void clear() {
        for (Lane lane : lanes.values()) {
            lane.queued().forEachRemaining(LaneQueue::release);
        }
        lanes.clear();
        atOnce.clear();
        round.clear();
        queuedBytes = 0;
        queuedMessages = 0;
        inFlightBytes = 0;
        inFlightCount = 0;
    }

    static void release(ReplicaMessage message) {
        if (message instanceof Append append) {
            append.release();
        }
    }

    private void forget(ReplicaMessage message) {
        queuedMessages--;
        queuedBytes -= costBytes(message);
    }

    private void leave(Lane lane) {
        if (lane.place == Lane.Place.ROUND) {
            removeFrom(round, lane);
        } else if (lane.place == Lane.Place.AT_ONCE) {
            removeFrom(atOnce, lane);
        }
        lane.place = Lane.Place.IDLE;
        lane.inTurn = false;
        lane.deficitBytes = 0; // who has nothing to send saves up nothing
    }

    private static void removeFrom(ArrayDeque<Lane> line, Lane lane) {
        if (line.peekFirst() == lane) {
            line.removeFirst();
        } else {
            line.remove(lane);
        }
    }

    /** Puts a lane where its first message belongs, unless it waits somewhere already. */
    private void place(Lane lane) {
        ReplicaMessage.ToFollower head = lane.head();
        if (head == null || lane.place == Lane.Place.AT_ONCE || lane.place == Lane.Place.ROUND) {
            return;
        }
        if (payloadBytes(head) == 0) {
            lane.place = Lane.Place.AT_ONCE;
            atOnce.addLast(lane);
        } else if (hasCredit(lane.inFlightBytes(), payloadBytes(head), limits.partitionInFlightBytes())) {
            lane.place = Lane.Place.ROUND;
            round.addLast(lane);
        } else {
            lane.place = Lane.Place.NO_CREDIT;
        }
    }

    private void removeIfEmpty(LogId partition, Lane lane) {
        if (lane.isEmpty()) {
            lanes.remove(partition);
        }
    }

    /** I26, in code. */
    private void check(Lane lane) {
        boolean partitionHolds = lane.inFlightBytes() <= limits.partitionInFlightBytes() || lane.inFlightCount() == 1;
        boolean streamHolds = inFlightBytes <= limits.streamInFlightBytes() || inFlightCount == 1;
        if (!partitionHolds || !streamHolds || inFlightBytes < 0 || inFlightCount < 0 || queuedBytes < 0) {
            throw new InvariantException("in flight are " + lane.inFlightBytes() + " bytes of a partition and "
                    + inFlightBytes + " of the stream, allowed are " + limits.partitionInFlightBytes() + " and "
                    + limits.streamInFlightBytes() + "; " + queuedBytes + " wait (I26)");
        }
    }
}
