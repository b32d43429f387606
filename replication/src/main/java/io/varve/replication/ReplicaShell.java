// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

import io.varve.replication.leader.LeaderReplica;
import io.varve.replication.protocol.InSyncAnswer;
import io.varve.replication.protocol.InSyncProposal;
import io.varve.replication.protocol.Members;
import io.varve.replication.protocol.PartitionState;
import io.varve.replication.protocol.PeerReplies;
import io.varve.replication.protocol.PeerStream;
import io.varve.replication.protocol.ReplicaMessage;
import io.varve.replication.protocol.Rules;
import io.varve.replication.replica.Replica;
import io.varve.replication.replica.ReplicaPort;
import io.varve.replication.replica.ReplicaStatus;
import io.varve.replication.replica.ReplicaStatus.Role;
import io.varve.replication.replica.Resignation;
import io.varve.storage.Damage;
import io.varve.storage.LogTail;
import io.varve.storage.PartitionLog;
import io.varve.storage.StorageException;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Gives a {@link Replica} its log, its readers and its place on a loop. *Confined to the partition loop*, but for what a field says.
 */
final class ReplicaShell implements LoopMember, ReadSource {
    /** What other threads may see of the replica. */
    record Published(PartitionStatus.State state, String detail, int leaderEpoch, int partitionEpoch) {}

    private final Partition partition;
    private final PartitionLoop loop;
    private final PartitionRuntime runtime;
    private final PartitionLog log;
    private final LogTail tail;
    private final ProducerSnapshots snapshots;
    private final Replica replica;
    private final LogUpkeep upkeep;
    private final int nodeId;
    private final ReaderSet readers = new ReaderSet();
    private final ReplicaFailures failures;
    private @Nullable CompletableFuture<Void> starting; // waits until the replica leads
    private boolean reading; // readers are served
    private int readersEpoch;
    private boolean touched;
    // volatile: written by the loop, read by anybody who asks for the status
    private volatile Published published = new Published(PartitionStatus.State.IDLE, "", 0, -1);
    private volatile long highWatermark;
    private volatile long logEndOffset;

    ReplicaShell(
            Partition partition,
            ReplicaSettings settings,
            PartitionLog log,
            PartitionLoop loop,
            PartitionRuntime runtime) {
        this.partition = partition;
        this.loop = loop;
        this.runtime = runtime;
        this.log = log;
        this.nodeId = settings.nodeId();
        this.failures = new ReplicaFailures(partition, log, runtime.events());
        this.tail = loop.tailCache().newTail();
        this.snapshots = new ProducerSnapshots(partition.name(), log, runtime.coldReads());
        LoopLog replicaLog = new LoopLog(partition.name(), log, tail, loop, runtime, snapshots, this::touch);
        this.replica = new Replica(
                partition.name(), log.id(), settings, log.highWatermarkCheckpoint(), replicaLog, new Port(), Rules.ALL);
        this.upkeep = new LogUpkeep(replica, log, loop, snapshots, this::touch);
        this.highWatermark = replica.highWatermark();
        this.logEndOffset = log.stagedEndOffset();
    }

    /** The first event. */
    void open() {
        loop.outbox().connect(runtime.peers());
        loop.replicas().add(this);
        log.damage()
                .ifPresent(damage -> replica.fail(
                        new DamageException("the log is damaged at " + damage.offset() + ": " + damage.detail())));
        replica.tick(loop.nowNanos());
        touch();
    }

    // ---- events

    void append(Append append) {
        loop.assertInLoop();
        replica.append(append, loop.nowNanos(), loop.nowMillis());
        touch();
    }

    void logProgressed(long writtenEndOffset, long flushedEndOffset) {
        loop.assertInLoop();
        replica.logProgressed(writtenEndOffset, flushedEndOffset);
        touch();
    }

    void logFailed(StorageException cause, long writtenEndOffset, long flushedEndOffset) {
        loop.assertInLoop();
        tail.truncateTo(writtenEndOffset);
        replica.logFailed(
                cause.kind(), String.valueOf(cause.getMessage()), writtenEndOffset, flushedEndOffset, loop.nowNanos());
        touch();
    }

    void damageFound(Damage damage) {
        loop.assertInLoop();
        replica.damageFound(damage.detail());
        if (replica.role() != Role.FAILED) {
            failures.goesOn(damage);
        }
        touch();
    }

    void configure(ReplicaSettings settings) {
        loop.assertInLoop();
        replica.configure(settings);
        touch();
    }

    /** Completes when the replica has taken up what the state says: leads, if it is to lead. */
    void onMetadata(PartitionState state, Members members, CompletableFuture<Void> done) {
        loop.assertInLoop();
        refuseStart(); // something newer came
        starting = done;
        replica.onMetadata(state, members, loop.nowNanos());
        boolean registered = members.brokerEpoch(nodeId)
                .equals(OptionalLong.of(runtime.node().brokerEpoch()));
        if (state.leader() != nodeId || !registered) { // of an old image comes nothing before there is a newer one
            starting = null;
            done.complete(null);
        } else {
            settleStart();
        }
        touch();
    }

    void onMembers(Members members) {
        loop.assertInLoop();
        replica.onMembers(members, loop.nowNanos());
        touch();
    }

    void onProposalAnswered(InSyncAnswer answer) {
        loop.assertInLoop();
        replica.onProposalAnswered(answer, loop.nowNanos());
        touch();
    }

    void onMessage(int fromNode, ReplicaMessage.ToFollower message, PeerReplies replies) {
        loop.assertInLoop();
        replica.onMessage(
                fromNode, message, answer -> loop.outbox().answer(replies, answer), loop.nowNanos(), loop.nowMillis());
        touch();
    }

    void onAnswer(int fromNode, ReplicaMessage.ToLeader message) {
        loop.assertInLoop();
        replica.onAnswer(fromNode, message, loop.nowNanos());
        touch();
    }

    void linkUp(int node) {
        replica.linkUp(node, loop.nowNanos());
        touch();
    }

    void linkDown(int node) {
        replica.linkDown(node, loop.nowNanos());
        touch();
    }

    void linkHeard(int node) {
        replica.linkHeard(node, loop.nowNanos());
        touch();
    }

    void linkPressed(int node, boolean pressed) {
        replica.linkPressed(node, pressed);
        touch();
    }

    void isolated(boolean isolated) {
        loop.assertInLoop();
        replica.isolated(isolated);
        touch();
    }

    void diskFull(@Nullable String why) {
        replica.diskFull(why);
        touch();
    }

    private void settleStart() {
        CompletableFuture<Void> waiting = starting;
        if (waiting == null || replica.role() == Role.STARTING) {
            return;
        }
        if (replica.role() == Role.LEADING) {
            starting = null;
            waiting.complete(null);
        } else {
            refuseStart();
        }
    }

    private void refuseStart() {
        CompletableFuture<Void> waiting = starting;
        starting = null;
        if (waiting != null) {
            waiting.completeExceptionally(new IllegalStateException(
                    "partition " + name() + " does not lead: " + replica.role() + " " + replica.detail()));
        }
    }

    void close(String why, CompletableFuture<Void> done) {
        if (replica.role() == Role.CLOSED) {
            done.complete(null);
            return;
        }
        loop.replicas().remove(this);
        boolean snapshotWorthwhile = replica.role() != Role.FAILED;
        replica.stop(why);
        refuseStart();
        tail.clear();
        publish();
        if (snapshotWorthwhile) {
            upkeep.takeSnapshot(done);
        } else {
            done.complete(null);
        }
    }

    void addReader(PartitionReader reader) {
        readers.add(reader);
        try {
            reader.pump(); // also when stopped: then it ends and says why
        } catch (Throwable t) {
            failed(t);
        }
    }

    LogUpkeep upkeep() {
        return upkeep;
    }

    void trim(long offset, CompletableFuture<OffsetAnswer> answer) {
        OffsetAnswer.Refused refused = whyNotReadable(Append.ANY_EPOCH);
        if (refused != null) {
            answer.complete(refused);
        } else {
            upkeep.trim(offset, answer);
        }
    }

    PartitionView view(PartitionStatus status) {
        loop.assertInLoop();
        LeaderReplica leader = replica.leader();
        return new PartitionView(
                status, log.writtenEndOffset(), leader.isr(), leader.maximalIsr(), leader.followers(), loop.nowNanos());
    }

    OffsetAnswer firstOffset() {
        OffsetAnswer.Refused refused = whyNotReadable(Append.ANY_EPOCH);
        return refused != null
                ? refused
                : new OffsetAnswer.Found(log.logStartOffset(), OffsetAnswer.NO_TIMESTAMP, replica.leaderEpoch());
    }

    OffsetAnswer latestOffset() {
        OffsetAnswer.Refused refused = whyNotReadable(Append.ANY_EPOCH);
        if (refused != null) {
            return refused;
        }
        if (!replica.leader().knowsLatestOffset()) { // P17
            return new OffsetAnswer.Refused(
                    RejectReason.LEADER_NOT_AVAILABLE,
                    "partition " + name() + ": the new leader does not know the end of the committed records yet");
        }
        return new OffsetAnswer.Found(highWatermark(), OffsetAnswer.NO_TIMESTAMP, replica.leaderEpoch());
    }

    // ---- loop member

    private void touch() {
        if (!touched) {
            touched = true;
            loop.touched(this);
        }
    }

    @Override
    public void endOfTurn() {
        touched = false;
        replica.endOfTurn(loop.nowNanos());
        publish();
        settleStart();
        if (replica.wantsTicks()) {
            loop.wantsTicks(this);
        }
        if (reading) {
            readers.pumpAll();
        }
    }

    @Override
    public boolean tick(long nowNanos) {
        replica.tick(nowNanos);
        touch();
        return replica.wantsTicks();
    }

    @Override
    public void failed(Throwable cause) {
        replica.fail(cause);
        publish();
    }

    private void publish() {
        logEndOffset = log.stagedEndOffset();
        if (highWatermark != replica.highWatermark()) {
            highWatermark = replica.highWatermark();
        }
        Published before = published;
        PartitionStatus.State state =
                PartitionStatus.State.valueOf(replica.role().name());
        if (before.state() != state
                || before.leaderEpoch() != replica.leaderEpoch()
                || before.partitionEpoch() != replica.partitionEpoch()
                || !before.detail().equals(replica.detail())) {
            published = new Published(state, replica.detail(), replica.leaderEpoch(), replica.partitionEpoch());
        }
    }

    /** Readers look for the leader anew when this one's epoch is over. */
    private void roleChanged(ReplicaStatus now) {
        boolean leads = now.role() == Role.LEADING;
        if (reading && (!leads || now.leaderEpoch() != readersEpoch)) {
            RejectReason reason = now.role() == Role.STARTING ? RejectReason.NOT_LEADER_OR_FOLLOWER : replica.refusal();
            readers.endAll(reason, leads ? "partition " + name() + ": a new epoch begins" : replica.sentence());
        }
        reading = leads;
        readersEpoch = now.leaderEpoch();
        publish();
    }

    /** What the replica says. */
    private final class Port implements ReplicaPort {
        @Override
        public long brokerEpoch() {
            return runtime.node().brokerEpoch();
        }

        @Override
        public long metadataIndex() {
            return runtime.node().metadataIndex();
        }

        @Override
        public long nextSession() {
            return runtime.node().nextSession();
        }

        @Override
        public void send(int node, PeerStream stream, ReplicaMessage.ToFollower message) {
            loop.outbox().send(node, stream, message);
        }

        @Override
        public void propose(InSyncProposal proposal) {
            loop.outbox().propose(partition, proposal);
        }

        @Override
        public void metadataWanted(int leaderEpoch) {
            runtime.peers().metadataWanted(log.id(), leaderEpoch);
        }

        @Override
        public void highWatermarkMoved(long moved) {
            touch();
        }

        @Override
        public void resign(Resignation resignation) {
            failures.resigned(resignation);
        }

        @Override
        public void failed(InvariantException cause) {
            failures.stopped(replica.leaderEpoch(), cause);
        }

        @Override
        public void roleChanged(ReplicaStatus now) {
            ReplicaShell.this.roleChanged(now);
        }
    }

    // ---- what readers see

    @Override
    public String name() {
        return partition.name();
    }

    @Override
    public PartitionLoop loop() {
        return loop;
    }

    @Override
    public PartitionRuntime runtime() {
        return runtime;
    }

    @Override
    public PartitionLog log() {
        return log;
    }

    @Override
    public LogTail tail() {
        return tail;
    }

    @Override
    public OffsetAnswer.@Nullable Refused whyNotReadable(int leaderEpochOfReader) {
        if (replica.role() != Role.LEADING) {
            return new OffsetAnswer.Refused(replica.refusal(), replica.sentence());
        }
        LeaderReplica leader = replica.leader();
        if (leader.isIsolated()) {
            return notReadable(RejectReason.NOT_LEADER_OR_FOLLOWER, "this node does not hear from the controller");
        }
        int epoch = leader.leaderEpoch();
        if (leaderEpochOfReader != Append.ANY_EPOCH && leaderEpochOfReader < epoch) {
            return notReadable(
                    RejectReason.FENCED_LEADER_EPOCH, "epoch " + leaderEpochOfReader + " is over, now is " + epoch);
        }
        if (leaderEpochOfReader != Append.ANY_EPOCH && leaderEpochOfReader > epoch) {
            return notReadable(
                    RejectReason.UNKNOWN_LEADER_EPOCH,
                    "epoch " + leaderEpochOfReader + " is not known here yet, now is " + epoch);
        }
        return null;
    }

    private OffsetAnswer.Refused notReadable(RejectReason reason, String why) {
        return new OffsetAnswer.Refused(reason, "partition " + name() + ": " + why);
    }

    @Override
    public int leaderEpoch() {
        return replica.leaderEpoch();
    }

    @Override
    public long highWatermark() {
        return replica.leader().visibleEndOffset();
    }

    @Override
    public RejectReason damagedReason() {
        return replica.givesWayWhenDamaged() ? RejectReason.NOT_LEADER_OR_FOLLOWER : RejectReason.CORRUPT_MESSAGE;
    }

    @Override
    public void remove(PartitionReader reader) {
        readers.remove(reader);
    }

    // ---- any thread

    Published published() {
        return published;
    }

    long publishedHighWatermark() {
        return highWatermark;
    }

    long publishedLogEndOffset() {
        return logEndOffset;
    }
}
