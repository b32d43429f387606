// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.follower;

import io.varve.replication.InvariantException;
import io.varve.replication.ReplicaSettings;
import io.varve.replication.protocol.NackCode;
import io.varve.replication.protocol.PartitionState;
import io.varve.replication.protocol.PeerReplies;
import io.varve.replication.protocol.ReplicaMessage;
import io.varve.replication.protocol.Rule;
import io.varve.replication.protocol.Rules;
import io.varve.storage.Chunk;
import io.varve.storage.Durability;
import io.varve.storage.LogId;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The follower of one partition. Its methods are its events. It knows every state of the partition, also those in which this node does not follow, for
 * it is the one who answers the messages of leaders (P2, P11).
 *
 * <pre>
 * no session   until an Open of the current epoch, and after a higher epoch or a failure of the log
 * OPENED       State was sent
 * CUTTING      after Truncate, until cutDone()
 * OPEN         acks are sent, appends are taken
 * </pre>
 *
 * Invariants: the log is cut once per session, before any append of it (P9), and never below the own high watermark unless an unclean election is newer
 * than the log (P13, I6); the high watermark never falls otherwise (I10). *Confined to the loop.*
 */
public final class FollowerReplica {
    private final LogId id;
    private final FollowerLog log;
    private final FollowerOutput output;
    private final Rules rules;
    private final Nacks nacks;
    private ReplicaSettings settings;
    private @Nullable PartitionState state;
    private int leaderEpoch;
    private boolean following;
    private @Nullable Session session;
    private long newestSession; // of this epoch, open or not
    private FollowerOutput.@Nullable Cut cut; // under way, whatever became of its session
    private boolean cutIsUnclean;
    private @Nullable ParkedOpen parked; // answered when the cut is done
    private @Nullable String storageTrouble; // the log has failed
    private @Nullable String diskFull; // the log is well, and nothing may be added to it
    private long highWatermark;

    private record ParkedOpen(ReplicaMessage.Open message, PeerReplies replies) {}

    /** @param highWatermark as checkpointed, and not above the log's end */
    public FollowerReplica(
            LogId id,
            ReplicaSettings settings,
            long highWatermark,
            FollowerLog log,
            FollowerOutput output,
            Rules rules) {
        this.id = id;
        this.settings = settings;
        this.highWatermark = highWatermark;
        this.log = log;
        this.output = output;
        this.rules = rules;
        this.nacks = new Nacks(id, log, output);
    }

    public void configure(ReplicaSettings changed) {
        settings = changed;
    }

    /** What the metadata says, newer than what it said before (P3). No session survives a higher leader epoch. */
    public void onMetadata(PartitionState now) {
        boolean follows = now.leader() != 0 && now.leader() != settings.nodeId();
        boolean isNewEpoch = now.leaderEpoch() > leaderEpoch;
        state = now;
        leaderEpoch = Math.max(leaderEpoch, now.leaderEpoch());
        if (isNewEpoch || !follows) {
            endSession(isNewEpoch ? NackCode.FENCED : NackCode.UNKNOWN_SESSION, "now is epoch " + leaderEpoch);
            newestSession = 0;
        }
        following = follows;
    }

    /** This replica led until now: its high watermark is the leader's. */
    public void takeOver(long highWatermarkOfLeader) {
        highWatermark = highWatermarkOfLeader;
    }

    /** One message of a peer that leads, or did; takes over the chunks of an append. Always answered, but for old Commits. */
    public void onMessage(int fromNode, ReplicaMessage.ToFollower message, PeerReplies replies, long nowMillis) {
        if (message instanceof ReplicaMessage.Append append) {
            onAppend(fromNode, append, replies, nowMillis);
        } else if (!isOfThisEpoch(fromNode, message, replies)) {
            return;
        } else if (message instanceof ReplicaMessage.Open open) {
            onOpen(open, replies);
        } else if (message instanceof ReplicaMessage.Producers producers) {
            onProducers(producers, replies);
        } else if (message instanceof ReplicaMessage.Truncate truncate) {
            onTruncate(truncate, replies);
        } else if (message instanceof ReplicaMessage.Commit commit) {
            onCommit(commit, replies);
        }
    }

    /** P2. */
    private boolean isOfThisEpoch(int fromNode, ReplicaMessage.ToFollower message, PeerReplies replies) {
        int epoch = message.leaderEpoch();
        if (epoch > leaderEpoch && !rules.keep(Rule.ADOPT_EPOCH_FROM_PEER)) {
            leaderEpoch = epoch;
            endSession(NackCode.FENCED, "now is epoch " + epoch);
            newestSession = 0;
            following = true;
            output.epochAdopted(epoch);
        }
        if (following && !rules.keep(Rule.NO_EPOCH_CHECK_FOLLOWER)) {
            return true;
        }
        if (epoch < leaderEpoch) {
            nack(message, replies, NackCode.FENCED, "epoch " + epoch + " is over, now is " + leaderEpoch);
            return false;
        }
        if (epoch > leaderEpoch) { // never adopted
            unknownEpoch(message, replies, "epoch " + epoch + " is not known here yet, now is " + leaderEpoch);
            return false;
        }
        if (!following || (state != null && state.leaderEpoch() == epoch && state.leader() != fromNode)) {
            nack(
                    message,
                    replies,
                    NackCode.UNKNOWN_SESSION,
                    "node " + fromNode + " does not lead this replica in epoch " + epoch);
            return false;
        }
        return true;
    }

    private void unknownEpoch(ReplicaMessage.ToFollower message, PeerReplies replies, String why) {
        nack(message, replies, NackCode.UNKNOWN_EPOCH, why);
        output.metadataWanted(message.leaderEpoch());
    }

    // ---- handshake

    private void onOpen(ReplicaMessage.Open open, PeerReplies replies) {
        if (open.targetBrokerEpoch() != output.brokerEpoch() && rules.keep(Rule.NO_TARGET_INCARNATION)) { // P7
            nack(
                    open,
                    replies,
                    NackCode.STALE_INCARNATION,
                    "meant for broker epoch " + open.targetBrokerEpoch() + ", this is " + output.brokerEpoch());
        } else if (open.metadataIndex() > output.metadataIndex() && rules.keep(Rule.ADOPT_EPOCH_FROM_PEER)) { // P2
            unknownEpoch(
                    open,
                    replies,
                    "metadata index " + open.metadataIndex() + " has not arrived, here is " + output.metadataIndex());
        } else if (isOld(open)) {
            nack(open, replies, NackCode.UNKNOWN_SESSION, "session " + newestSession + " is newer");
        } else if (whyNothingIsTaken() != null) {
            nack(open, replies, NackCode.STORAGE_ERROR, whyNothingIsTaken());
        } else if (cut != null || output.isStartMoving()) {
            session = null; // the log is not to be looked at before that is done
            newestSession = open.session();
            parked = new ParkedOpen(open, replies);
        } else {
            begin(open, replies);
        }
    }

    /** A higher number voids the lower ones. One Open that comes twice is answered twice, until its Truncate has come. */
    private boolean isOld(ReplicaMessage.Open open) {
        if (session != null && session.leaderEpoch != open.leaderEpoch()) {
            return false; // another node's numbers, which says nothing
        }
        if (open.session() == newestSession) {
            return session == null || session.phase != Session.Phase.OPENED;
        }
        return open.session() < newestSession;
    }

    private void begin(ReplicaMessage.Open open, PeerReplies replies) {
        session = new Session(open, replies);
        newestSession = open.session();
        replies.reply(new ReplicaMessage.State(
                id,
                open.leaderEpoch(),
                open.session(),
                output.brokerEpoch(),
                log.logStartOffset(),
                log.stagedEndOffset(),
                highWatermark,
                EpochView.of(log).page(open.epochsBelow())));
    }

    /** P41: comes before the Truncate that it belongs to. */
    private void onProducers(ReplicaMessage.Producers part, PeerReplies replies) {
        if (session == null || !session.carries(part) || !session.take(part)) {
            unknownSession(part, replies);
        }
    }

    /** P9: once per session, before any append of it. */
    private void onTruncate(ReplicaMessage.Truncate truncate, PeerReplies replies) {
        Session current = session;
        if (current == null || !(current.carries(truncate) || !rules.keep(Rule.NO_SESSION_CHECK))) {
            unknownSession(truncate, replies);
            return;
        }
        boolean again = current.phase != Session.Phase.OPENED && current.carries(truncate);
        if (cut != null || (again && rules.keep(Rule.TRUNC_REPEATABLE))) {
            return;
        }
        ByteBuffer producers = current.producers(truncate.producerParts());
        if (producers == null
                && truncate.producerParts() > 0) { // incomplete, or damaged: a new session brings them again
            session = null;
            unknownSession(truncate, replies);
            return;
        }
        long to = truncate.toOffset();
        if (!truncate.reset() && !rules.keep(Rule.TRUNCATE_TO_HW)) {
            to = highWatermark;
        }
        cutIsUnclean = isUnclean();
        // P13. A reset may go below: who missed tombstones is no member, whose log ends above all that is compacted.
        if (to < highWatermark && !truncate.reset() && !cutIsUnclean) {
            throw new InvariantException(
                    "truncation to " + to + " in epoch " + leaderEpoch + ", but everything below " + highWatermark
                            + " is committed and no unclean election is newer than epoch "
                            + EpochView.of(log).lastEpoch());
        }
        current.phase = Session.Phase.CUTTING;
        cut = new FollowerOutput.Cut(to, truncate.reset(), producers);
        output.cut(cut);
    }

    /** Whether records here may be gone for good although they were committed (P13). */
    private boolean isUnclean() {
        return state != null && state.lastUncleanEpoch() > EpochView.of(log).lastEpoch();
    }

    /** The log is as {@link FollowerOutput#cut} asked, its producers may not be. The high watermark falls with it (I10). */
    public void logCut() {
        FollowerOutput.Cut done = cut;
        if (done == null) {
            throw new InvariantException("a truncation ended that nobody had asked for");
        }
        long end = log.stagedEndOffset();
        if (done.reset()) {
            moveHighWatermark(log.logStartOffset()); // an empty log: I10
        }
        if (highWatermark > end) {
            if (!cutIsUnclean) { // I6: the log removed more than it was told
                throw new InvariantException("truncation to " + done.toOffset() + " left a log that ends at " + end
                        + ", below the high watermark " + highWatermark);
            }
            moveHighWatermark(end);
        }
    }

    /** The log and its producers are as {@link FollowerOutput#cut} asked. Only now may the high watermark rise (P10). */
    public void cutDone() {
        logCut();
        cut = null;
        Session current = session;
        if (current != null && current.phase == Session.Phase.CUTTING) {
            current.phase = Session.Phase.OPEN;
            current.lastEpoch = EpochView.of(log).lastEpoch();
            current.ackDue = true; // completes the handshake
            raiseHighWatermark(current);
        }
        openParked();
    }

    /** The log was not touched: what had asked for it is over. */
    public void cutDropped() {
        cut = null;
        if (session != null && session.phase == Session.Phase.CUTTING) {
            session = null;
        }
        openParked();
    }

    /** The log's start does not move any more. */
    public void startSettled() {
        if (cut == null) {
            openParked();
        }
    }

    private void openParked() {
        if (output.isStartMoving()) {
            return;
        }
        ParkedOpen waiting = parked;
        parked = null;
        if (waiting == null) {
            return;
        }
        if (whyNothingIsTaken() != null) {
            nack(waiting.message(), waiting.replies(), NackCode.STORAGE_ERROR, whyNothingIsTaken());
        } else {
            begin(waiting.message(), waiting.replies());
        }
    }

    // ---- appends

    private void onAppend(int fromNode, ReplicaMessage.Append append, PeerReplies replies, long nowMillis) {
        List<Chunk> chunks = append.chunks();
        int next = 0; // from here on they are still ours
        try {
            Session current = isOfThisEpoch(fromNode, append, replies) ? sessionOf(append, replies) : null;
            if (current == null) {
                return;
            }
            AppendCheck.Verdict verdict = AppendCheck.judge(append, current.lastEpoch, log, settings.stagedBytesMax());
            if (verdict.refusal() != null) { // P11: never silence
                nack(append, replies, verdict.refusal(), verdict.why());
                return;
            }
            int first = verdict.firstNew();
            if (diskFull != null && first < chunks.size()) {
                session = null;
                nack(append, replies, NackCode.STORAGE_ERROR, diskFull);
                return;
            }
            while (next < first) {
                chunks.get(next++).release();
            }
            while (next < chunks.size()) {
                Chunk chunk = chunks.get(next++);
                int epoch = chunk.leaderEpoch();
                if (!log.accept(chunk, nowMillis)) {
                    logFailed("the log takes nothing");
                    return;
                }
                current.lastEpoch = epoch;
            }
            current.ackDue |= first == chunks.size(); // nothing will be written that would be acknowledged
            current.leaderSays(append.leader().highWatermark(), append.leader().logStartOffset());
        } finally {
            while (next < chunks.size()) {
                chunks.get(next++).release();
            }
        }
    }

    private @Nullable Session sessionOf(ReplicaMessage.Append append, PeerReplies replies) {
        Session current = session;
        boolean open = current != null && current.phase == Session.Phase.OPEN && current.carries(append);
        if (open) {
            return current;
        }
        if (current != null && cut == null && !rules.keep(Rule.NO_SESSION_CHECK)) {
            return current;
        }
        if (whyNothingIsTaken() != null) {
            nack(append, replies, NackCode.STORAGE_ERROR, whyNothingIsTaken());
        } else {
            unknownSession(append, replies);
        }
        return null;
    }

    // ---- high watermark, acks

    /** Comes on a stream of its own, so it may be of a session that is over: that is no news. */
    private void onCommit(ReplicaMessage.Commit commit, PeerReplies replies) {
        Session current = session;
        if (current != null && (current.carries(commit) || !rules.keep(Rule.NO_SESSION_CHECK))) {
            current.leaderSays(commit.highWatermark(), commit.leaderLogStartOffset());
            if (current.phase == Session.Phase.OPEN || !rules.keep(Rule.HW_BEFORE_TRUNCATE)) { // P10
                raiseHighWatermark(current);
            }
        } else if (commit.session() > newestSession) {
            unknownSession(commit, replies);
        }
    }

    /** P16; only as far as this replica would not lose it, so that a checkpoint never promises what a crash takes away. */
    private void raiseHighWatermark(Session current) {
        long own = settings.durability() == Durability.FLUSHED ? log.flushedEndOffset() : log.writtenEndOffset();
        long known = Math.min(current.leaderHighWatermark, own);
        if (known > highWatermark) {
            moveHighWatermark(known);
        }
    }

    private void moveHighWatermark(long to) {
        if (to != highWatermark) {
            highWatermark = to;
            output.highWatermarkMoved(to);
        }
    }

    /** Sends what the turn's events owe the leader: one cumulative Ack of what is written and what is flushed (P14). */
    public void endOfTurn() {
        Session current = session;
        if (current == null || current.phase != Session.Phase.OPEN) {
            return;
        }
        raiseHighWatermark(current);
        long start = Math.min(current.leaderLogStart, highWatermark); // P37
        if (start > log.logStartOffset()) {
            output.startWanted(start);
        }
        long flushed = log.flushedEndOffset(); // before written, which is never below it
        long written = log.writtenEndOffset();
        if (current.ackDue || written != current.ackedWritten || flushed != current.ackedFlushed) {
            current.ackDue = false;
            current.ackedWritten = written;
            current.ackedFlushed = flushed;
            current.replies.reply(new ReplicaMessage.Ack(
                    id, current.leaderEpoch, current.number, output.brokerEpoch(), written, flushed));
        }
    }

    // ---- the log

    /** It takes nothing until {@link #logReopened}: the leader is told at once, and the session is over. */
    public void logFailed(String detail) {
        storageTrouble = detail;
        Session current = session;
        if (current != null) {
            session = null;
            current.replies.reply(nackOf(current.leaderEpoch, current.number, NackCode.STORAGE_ERROR, detail));
        }
        if (cut == null) {
            openParked();
        }
    }

    /**
     * The node's disk is too full for appends, or null: it no longer is. A session ends only when it brings something, so that replicas that have
     * everything stay in sync while all disks are full; who is behind may not stay, and another session begins when there is room (P36).
     */
    public void diskFull(@Nullable String why) {
        diskFull = why;
    }

    private @Nullable String whyNothingIsTaken() {
        return storageTrouble != null ? storageTrouble : diskFull;
    }

    /** A reset that failed at its end is done now, so the log may begin above what was known to be committed. */
    public void logReopened() {
        storageTrouble = null;
        moveHighWatermark(Math.max(highWatermark, log.logStartOffset())); // I10
    }

    /** Follows no more, for good. */
    public void stop(NackCode code, String detail) {
        endSession(code, detail);
        following = false;
    }

    /** A session that ends without a newer one is ended aloud: what its leader's stream sent and nobody answers counts as under way (I26). */
    private void endSession(NackCode code, String detail) {
        Session current = session;
        ParkedOpen waiting = parked;
        session = null;
        parked = null;
        if (current != null) {
            current.replies.reply(nacks.lastWord(leaderEpoch, current.leaderEpoch, current.number, code, detail));
        }
        if (waiting != null) {
            ReplicaMessage.Open open = waiting.message();
            waiting.replies().reply(nacks.lastWord(leaderEpoch, open.leaderEpoch(), open.session(), code, detail));
        }
    }

    private void unknownSession(ReplicaMessage.ToFollower message, PeerReplies replies) {
        if (rules.keep(Rule.NO_NACK_UNKNOWN_SESSION)) { // P11
            String open = session == null ? "none is open" : "session " + session.number + " is " + session.phase;
            nack(message, replies, NackCode.UNKNOWN_SESSION, open);
        }
    }

    private void nack(ReplicaMessage.ToFollower message, PeerReplies replies, NackCode code, String detail) {
        replies.reply(nackOf(message.leaderEpoch(), message.session(), code, detail));
    }

    private ReplicaMessage.Nack nackOf(int epochOfMessage, long sessionOfMessage, NackCode code, String detail) {
        return nacks.saying(leaderEpoch, epochOfMessage, sessionOfMessage, code, detail);
    }

    public long highWatermark() {
        return highWatermark;
    }

    /** Whether a session waits for its cut. */
    public boolean isCutting() {
        return session != null && session.phase == Session.Phase.CUTTING;
    }
}
