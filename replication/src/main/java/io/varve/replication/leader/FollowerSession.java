// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.leader;

import io.varve.replication.protocol.NackCode;
import io.varve.replication.protocol.PeerStream;
import io.varve.replication.protocol.ProducerParts;
import io.varve.replication.protocol.ReplicaMessage.Ack;
import io.varve.replication.protocol.ReplicaMessage.Nack;
import io.varve.replication.protocol.ReplicaMessage.Open;
import io.varve.replication.protocol.ReplicaMessage.Producers;
import io.varve.replication.protocol.ReplicaMessage.State;
import io.varve.replication.protocol.ReplicaMessage.ToLeader;
import io.varve.replication.protocol.ReplicaMessage.Truncate;
import io.varve.replication.protocol.Rule;
import io.varve.storage.EpochEntry;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;

/**
 * The leader's side of one follower in one leader epoch: opens sessions (P7), tells where to cut (P8), counts what is acknowledged, begins anew when
 * something went wrong.
 *
 * <pre>
 * WAITING -Open-> OPENING -State-> CUT_DUE -Truncate-> CUTTING -Ack-> STREAM
 *    ^               |                                    |             |
 *    +---------------+---- link down, Nack, no answer ----+-------------+
 * </pre>
 * Between OPENING and CUT_DUE comes PREPARING for a follower that will have no record: what it begins with is read from the disk (P41).
 *
 * Invariant: nothing counts for a follower but what its current session acknowledged after its truncation. *Confined to the partition loop.*
 */
final class FollowerSession {
    /** Where the handshake stands. */
    enum Stage {
        WAITING,
        OPENING,
        PREPARING,
        CUT_DUE,
        CUTTING,
        STREAM
    }

    private static final long FIRST_RETRY_NANOS = 20_000_000L;
    private static final long LAST_RETRY_NANOS = 1_000_000_000L;
    private static final int MOST_TIMEOUT_DOUBLINGS = 3;
    private static final long NO_HORIZON = -1;

    final int node;
    final FollowerPace pace;
    final Pusher pusher;
    private final LedEpoch epoch;
    private Stage stage = Stage.WAITING;
    private boolean linkUp;
    private long session;
    private long targetBrokerEpoch = -1;
    private PeerStream stream = PeerStream.DATA;
    private int epochsBelow = Integer.MAX_VALUE;
    private Divergence.Point cut = new Divergence.Point(0, false, 0);
    private List<ByteBuffer> producers = List.of(); // that go with the cut
    private int prevEpochAtCut;
    private long horizonAtCut;
    private long firstOffset; // of what this session sends
    private long dueNanos; // WAITING: open at; OPENING, CUTTING: give up at
    private long retryNanos;
    private int timeouts;
    /** Its log was begun anew when this was the leader's, so nothing is in it that tombstones below had deleted; negative for none. */
    private long horizonAtStart = NO_HORIZON;

    private boolean cannotFollow;

    FollowerSession(int node, LedEpoch epoch, boolean linkUp, boolean pressed, long nowNanos) {
        this.node = node;
        this.epoch = epoch;
        this.linkUp = linkUp;
        this.dueNanos = nowNanos;
        this.pace = new FollowerPace(epoch.bounds, nowNanos);
        this.pusher = new Pusher(this, epoch, pressed);
    }

    // ---- what happens to it

    void linkUp(long nowNanos) {
        linkUp = true;
        begin(nowNanos, 0);
    }

    void linkDown(long nowNanos) {
        linkUp = false;
        begin(nowNanos, 0);
    }

    /** The metadata changed: another incarnation of the follower has nothing of what this one acknowledged (P7). */
    void membersChanged(long nowNanos) {
        OptionalLong registered = epoch.members().brokerEpoch(node);
        if (targetBrokerEpoch >= 0 && (registered.isEmpty() || !isBoundTo(registered.getAsLong()))) {
            targetBrokerEpoch = -1;
            begin(nowNanos, 0);
        }
    }

    /** Moves to the other stream: a new session there voids this one. */
    void move(PeerStream to, long nowNanos) {
        stream = to;
        begin(nowNanos, 0);
    }

    /** Voids the session; another one is opened after {@code delayNanos}, if the link is up. */
    void begin(long nowNanos, long delayNanos) {
        stage = Stage.WAITING;
        dueNanos = nowNanos + delayNanos;
        epochsBelow = Integer.MAX_VALUE;
        producers = List.of();
        pusher.reset();
        pace.sessionEnded(nowNanos);
        epoch.acks.forget(node);
    }

    /** What is to be sent cannot be read: retention may have removed it, which a new session finds out. */
    void readFailed(long askedNanos) {
        beginAfterTrouble(askedNanos, false);
    }

    private void beginAfterTrouble(long nowNanos, boolean atOnceFirst) {
        begin(nowNanos, atOnceFirst && retryNanos == 0 ? 0 : Math.max(retryNanos, FIRST_RETRY_NANOS));
        retryNanos = Math.min(LAST_RETRY_NANOS, Math.max(FIRST_RETRY_NANOS, retryNanos * 2));
    }

    // ---- what it sends

    /** Sends what is due. */
    void work(long nowNanos) {
        boolean waits = stage == Stage.OPENING || stage == Stage.PREPARING || stage == Stage.CUTTING;
        if (waits && nowNanos - dueNanos >= 0) {
            timeouts = Math.min(timeouts + 1, MOST_TIMEOUT_DOUBLINGS);
            begin(nowNanos, 0);
        }
        if (stage == Stage.STREAM) {
            pusher.push(nowNanos);
        }
        if (stage == Stage.WAITING && linkUp && nowNanos - dueNanos >= 0) {
            open(nowNanos);
        } else if (stage == Stage.CUT_DUE) {
            stage = Stage.CUTTING;
            dueNanos = timeoutAt(nowNanos);
            if (!epoch.rules.keep(Rule.HW_BEFORE_TRUNCATE)) {
                pusher.tellHighWatermark(); // on another stream: it may be there before the truncation
            }
            sendCut();
        }
        pace.look(hasAll(), nowNanos);
    }

    private void sendCut() {
        List<ByteBuffer> parts = producers;
        producers = List.of();
        for (int i = 0; i < parts.size(); i++) {
            epoch.output.send(
                    node, stream, new Producers(epoch.partition, epoch.leaderEpoch, session, i, parts.get(i)));
        }
        epoch.output.send(
                node,
                stream,
                new Truncate(epoch.partition, epoch.leaderEpoch, session, cut.toOffset(), cut.reset(), parts.size()));
    }

    private void open(long nowNanos) {
        OptionalLong target = epoch.members().brokerEpoch(node);
        OptionalLong self = epoch.members().brokerEpoch(epoch.selfId);
        if (target.isEmpty() || self.isEmpty()) {
            return; // membersChanged() will tell
        }
        session = epoch.output.nextSession();
        if (targetBrokerEpoch != target.getAsLong()) {
            horizonAtStart = NO_HORIZON;
        }
        targetBrokerEpoch = target.getAsLong();
        stage = Stage.OPENING;
        dueNanos = timeoutAt(nowNanos);
        epoch.output.send(
                node,
                stream,
                new Open(
                        epoch.partition,
                        epoch.leaderEpoch,
                        session,
                        epoch.members().metadataIndex(),
                        targetBrokerEpoch,
                        self.getAsLong(),
                        epoch.log.logStartOffset(),
                        epochsBelow));
    }

    private long timeoutAt(long nowNanos) {
        return nowNanos + (epoch.bounds.openTimeoutNanos() << timeouts);
    }

    // ---- what it hears

    /** An answer of this leader epoch. Of another session or incarnation it counts for nothing (P7). */
    void onAnswer(ToLeader answer, long nowNanos) {
        boolean sameSession = answer.session() == session || !epoch.rules.keep(Rule.NO_SESSION_CHECK);
        if (answer instanceof Nack nack) {
            if (sameSession && stage != Stage.WAITING) {
                onNack(nack, nowNanos);
            }
        } else if (sameSession && isBoundTo(answer.brokerEpoch())) {
            pace.heard(nowNanos);
            if (answer instanceof State state && stage == Stage.OPENING) {
                onState(state, nowNanos);
            } else if (answer instanceof Ack ack && stage == Stage.CUTTING) {
                onTruncated(ack, nowNanos);
            } else if (answer instanceof Ack ack && stage == Stage.STREAM) {
                onAck(ack, nowNanos);
            }
        } else if (answer instanceof Ack ack && !epoch.rules.keep(Rule.NO_BROKER_EPOCH_ACK)) {
            count(ack);
        }
    }

    private void onState(State state, long nowNanos) {
        if (state.logStartOffset() == state.logEndOffset()) {
            horizonAtStart = epoch.log.tombstoneHorizon();
        }
        cut = whereToCut(state);
        if (!cut.isKnown()) {
            begin(nowNanos, 0);
            epochsBelow = cut.olderThanEpoch();
            return;
        }
        prevEpochAtCut = cut.reset() ? 0 : epoch.epochBefore(cut.toOffset());
        if (!epoch.rules.keep(Rule.SKIP_DIVERGENCE)) {
            prevEpochAtCut = EpochEntry.epochAt(state.epochs().entries(), cut.toOffset() - 1);
        }
        horizonAtCut = epoch.log.tombstoneHorizon();
        boolean willBeEmpty =
                cut.reset() || (cut.toOffset() == state.logStartOffset() && cut.toOffset() == state.logEndOffset());
        if (willBeEmpty && cut.toOffset() > 0) {
            stage = Stage.PREPARING;
            dueNanos = timeoutAt(nowNanos);
            epoch.log.startingPoint(cut.toOffset(), new Preparation(session, nowNanos));
        } else {
            stage = Stage.CUT_DUE;
        }
    }

    /** Counts only while its session lasts. */
    private final class Preparation implements LeaderLog.StartCompletion {
        private final long ofSession;
        private final long askedNanos;

        Preparation(long ofSession, long askedNanos) {
            this.ofSession = ofSession;
            this.askedNanos = askedNanos;
        }

        private boolean isWanted() {
            return !epoch.isOver() && stage == Stage.PREPARING && session == ofSession;
        }

        @Override
        public void found(long offset, ByteBuffer encoded) {
            if (isWanted()) {
                if (cut.reset()) {
                    cut = new Divergence.Point(offset, true, 0);
                }
                producers = epoch.rules.keep(Rule.PRODUCERS_NOT_SHIPPED) ? ProducerParts.split(encoded) : List.of();
                stage = Stage.CUT_DUE;
            }
        }

        @Override
        public void failed(String detail, boolean damaged) {
            if (damaged && !epoch.isOver()) {
                epoch.output.damaged(detail); // P34
            } else if (isWanted()) {
                readFailed(askedNanos);
            }
        }
    }

    private Divergence.Point whereToCut(State state) {
        long logStart = epoch.log.logStartOffset();
        long logEnd = epoch.log.stagedEndOffset();
        if (!epoch.rules.keep(Rule.SKIP_DIVERGENCE)) {
            return new Divergence.Point(Math.min(state.logEndOffset(), logEnd), state.logEndOffset() < logStart, 0);
        }
        if (!epoch.rules.keep(Rule.TRUNCATE_TO_HW)) {
            return new Divergence.Point(Math.min(state.highWatermark(), logEnd), state.logEndOffset() < logStart, 0);
        }
        long horizon = epoch.log.tombstoneHorizon();
        return Divergence.find(
                epoch.log.epochChain(), logStart, logEnd, horizonAtStart >= horizon ? 0 : horizon, state); // P8
    }

    /** Whether what the disk holds at {@code offset} may lack tombstones that the follower needs: it was compacted while it was sent. */
    boolean hasMissedTombstones(long offset) {
        long horizon = epoch.log.tombstoneHorizon();
        return offset < horizon && horizonAtStart < horizon;
    }

    /** The handshake is complete: its log is a prefix of this one, and from here on its acknowledgements count (P15). */
    private void onTruncated(Ack ack, long nowNanos) {
        boolean cutAsTold = ack.writtenEndOffset() <= cut.toOffset();
        if (!cutAsTold && epoch.rules.keep(Rule.NO_SESSION_CHECK)) {
            beginAfterTrouble(nowNanos, false);
            return;
        }
        if (cut.reset()) {
            horizonAtStart = Math.max(horizonAtStart, horizonAtCut);
        }
        stage = Stage.STREAM;
        timeouts = 0;
        cannotFollow = false;
        long from = ack.writtenEndOffset();
        firstOffset = from;
        pusher.startAt(from, from == cut.toOffset() ? prevEpochAtCut : epoch.epochBefore(from));
        epoch.acks.sessionDone(node);
        onAck(ack, nowNanos);
    }

    private void onAck(Ack ack, long nowNanos) {
        if (ack.writtenEndOffset() > epoch.log.stagedEndOffset() && epoch.rules.keep(Rule.ROLLBACK_AFTER_PUSH)) {
            beginAfterTrouble(nowNanos, false); // more than there is: whatever it has, it is not from this session
            return;
        }
        long before = epoch.acks.countedEndOffset(node);
        count(ack);
        long counted = epoch.acks.countedEndOffset(node);
        pusher.acknowledged(ack.writtenEndOffset());
        pace.acknowledged(counted, counted > before, counted >= pusher.nextOffset(), nowNanos);
        if (counted > firstOffset) { // appends get through again
            retryNanos = 0;
        }
    }

    /** Takes an acknowledgement for good. */
    void count(Ack ack) {
        epoch.acks.progress(node, ack.writtenEndOffset(), Math.min(ack.flushedEndOffset(), ack.writtenEndOffset()));
    }

    private void onNack(Nack nack, long nowNanos) {
        NackCode code = nack.code();
        if (code == NackCode.CORRUPT) {
            verifyOwnCopy(nack.here().logEndOffset());
        }
        boolean leftTheReplica = code == NackCode.UNKNOWN_REPLICA && stage == Stage.STREAM;
        cannotFollow |= code == NackCode.STORAGE_ERROR || leftTheReplica;
        boolean atOnce = code == NackCode.GAP || code == NackCode.EPOCH_MISMATCH || code == NackCode.UNKNOWN_SESSION;
        beginAfterTrouble(nowNanos, atOnce);
    }

    /** P34: what a follower calls damaged may be damaged here. */
    private void verifyOwnCopy(long offset) {
        if (offset >= epoch.log.logStartOffset() && offset < epoch.log.writtenEndOffset()) {
            epoch.log.read(offset, epoch.bounds.appendBytesMax(), new OwnCopyCheck(epoch));
        }
    }

    // ---- what it looks like

    /** All that the leader has, as it counts. */
    private boolean hasAll() {
        return stage == Stage.STREAM && epoch.acks.countedEndOffset(node) >= epoch.log.stagedEndOffset();
    }

    Stage stage() {
        return stage;
    }

    boolean isStreaming() {
        return stage == Stage.STREAM;
    }

    boolean isLinkUp() {
        return linkUp;
    }

    /** It said so: its disk refuses, its replica failed or is gone. */
    boolean cannotFollow() {
        return cannotFollow;
    }

    long session() {
        return session;
    }

    long targetBrokerEpoch() {
        return targetBrokerEpoch;
    }

    /** P7: whether this session is one with that incarnation of the follower. */
    boolean isBoundTo(long brokerEpoch) {
        return brokerEpoch == targetBrokerEpoch || !epoch.rules.keep(Rule.NO_TARGET_INCARNATION);
    }

    PeerStream stream() {
        return stream;
    }

    FollowerView view() {
        FollowerView.State shown = switch (stage) {
            case WAITING, OPENING -> FollowerView.State.PROBE;
            case PREPARING, CUT_DUE, CUTTING -> FollowerView.State.TRUNCATING;
            case STREAM -> FollowerView.State.STREAM;
        };
        return new FollowerView(
                node,
                session,
                shown,
                stream,
                new FollowerView.Match(epoch.acks.writtenEndOffset(node), epoch.acks.flushedEndOffset(node)),
                pusher.nextOffset(),
                pusher.inFlightBytes(),
                pace.lastCaughtUpNanos());
    }
}
