// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.link;

import io.varve.replication.protocol.ReplicaMessage;
import java.util.ArrayDeque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** What one partition has on one stream: messages that wait, in order, and appends that are not answered yet. *Confined* to its {@link LaneQueue}. */
final class Lane {
    /** Where a lane waits for its turn. */
    enum Place {
        /** Nothing waits. */
        IDLE,
        /** The first message has no bytes: it needs neither turn nor credit. */
        AT_ONCE,
        /** In the round. */
        ROUND,
        /** Out of the round until something is answered. */
        NO_CREDIT
    }

    /** An append that was handed to the transport. */
    private record InFlight(long session, long endOffset, long bytes) {}

    private final ArrayDeque<ReplicaMessage.ToFollower> queue = new ArrayDeque<>();
    private final ArrayDeque<InFlight> inFlight = new ArrayDeque<>();
    private long inFlightBytes;
    Place place = Place.IDLE;
    boolean inTurn;
    long deficitBytes;

    void add(ReplicaMessage.ToFollower message) {
        queue.addLast(message);
    }

    ReplicaMessage.@Nullable ToFollower head() {
        return queue.peekFirst();
    }

    ReplicaMessage.ToFollower remove() {
        return queue.removeFirst();
    }

    Iterator<ReplicaMessage.ToFollower> queued() {
        return queue.iterator();
    }

    boolean isEmpty() {
        return queue.isEmpty() && inFlight.isEmpty();
    }

    long inFlightBytes() {
        return inFlightBytes;
    }

    int inFlightCount() {
        return inFlight.size();
    }

    void sent(ReplicaMessage.Append append, long bytes) {
        long endOffset = append.chunks().get(append.chunks().size() - 1).endOffset();
        inFlight.addLast(new InFlight(append.session(), endOffset, bytes));
        inFlightBytes += bytes;
    }

    /** Frees what belongs to a session below this one: it is void (P7), and nothing needs to answer it any more. */
    long freeSessionsBelow(long session) {
        long before = inFlightBytes;
        while (!inFlight.isEmpty() && inFlight.getFirst().session() < session) {
            inFlightBytes -= inFlight.removeFirst().bytes();
        }
        return before - inFlightBytes;
    }

    /** Frees what of this session ends at or below {@code endOffset}. */
    long freeUpTo(long session, long endOffset) {
        long before = inFlightBytes;
        while (!inFlight.isEmpty()
                && inFlight.getFirst().session() == session
                && inFlight.getFirst().endOffset() <= endOffset) {
            inFlightBytes -= inFlight.removeFirst().bytes();
        }
        return before - inFlightBytes;
    }
}
