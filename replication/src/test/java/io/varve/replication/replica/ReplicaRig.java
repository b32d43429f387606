// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.replication.Acks;
import io.varve.replication.Append;
import io.varve.replication.AppendResult;
import io.varve.replication.DamageException;
import io.varve.replication.InvariantException;
import io.varve.replication.ReplicaSettings;
import io.varve.replication.TestBatches;
import io.varve.replication.protocol.InSyncProposal;
import io.varve.replication.protocol.LeaderPosition;
import io.varve.replication.protocol.Members;
import io.varve.replication.protocol.PartitionState;
import io.varve.replication.protocol.PeerStream;
import io.varve.replication.protocol.ReplicaMessage;
import io.varve.replication.protocol.Rules;
import io.varve.replication.replica.ReplicaStatus.Role;
import io.varve.storage.Chunk;
import io.varve.storage.Durability;
import io.varve.storage.LogId;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;

/** One replica on a log in memory, with everything that it says written down. Node n is registered under broker epoch 100 + n. */
final class ReplicaRig implements ReplicaPort, AutoCloseable {
    static final LogId ID = new LogId(new UUID(7, 7), 0);
    static final List<Integer> NODES = List.of(1, 2, 3);

    final MemoryLog log;
    final List<ReplicaMessage.ToLeader> replies = new ArrayList<>();
    final List<String> said = new ArrayList<>();
    final List<Resignation> resignations = new ArrayList<>();
    final List<Role> roles = new ArrayList<>();
    final Replica replica;
    final int node;
    long index = 1;
    long now = 1;
    private long sessions;

    ReplicaRig(int node) {
        this(node, Rules.ALL, Durability.FLUSHED, new MemoryLog(), 0);
    }

    ReplicaRig(int node, Rules rules, Durability durability, MemoryLog log, long checkpoint) {
        this.node = node;
        this.log = log;
        ReplicaSettings settings = new ReplicaSettings(node, durability, false, 1 << 20, 1 << 20);
        this.replica = new Replica("t-0", ID, settings, checkpoint, log, this, rules);
    }

    // ---- what happens

    static PartitionState state(int leader, int epoch, int partitionEpoch, List<Integer> replicas) {
        return new PartitionState(leader, epoch, partitionEpoch, replicas, replicas, List.of(), 1, 0);
    }

    void metadata(int leader, int epoch) {
        metadata(state(leader, epoch, epoch, NODES));
    }

    void metadata(PartitionState state) {
        index++;
        replica.onMetadata(state, members(index), now);
        replica.endOfTurn(now);
    }

    static Members members(long index) {
        return new Members() {
            @Override
            public long metadataIndex() {
                return index;
            }

            @Override
            public OptionalLong brokerEpoch(int nodeId) {
                return OptionalLong.of(100 + nodeId);
            }

            @Override
            public boolean isEligible(int nodeId) {
                return true;
            }
        };
    }

    void message(int from, ReplicaMessage.ToFollower message) {
        replica.onMessage(from, message, replies::add, now, now);
        replica.endOfTurn(now);
    }

    void open(int from, int epoch, long session) {
        message(from, new ReplicaMessage.Open(ID, epoch, session, index, 100 + node, 100 + from, 0, Integer.MAX_VALUE));
    }

    void truncate(int from, int epoch, long session, long to) {
        message(from, new ReplicaMessage.Truncate(ID, epoch, session, to, false));
        settle();
    }

    /** A whole handshake that cuts to {@code to}. */
    void session(int from, int epoch, long session, long to) {
        open(from, epoch, session);
        truncate(from, epoch, session, to);
        assertThat(replies.remove(replies.size() - 1)).isInstanceOf(ReplicaMessage.Ack.class);
        assertThat(replies.remove(replies.size() - 1)).isInstanceOf(ReplicaMessage.State.class);
    }

    void append(int from, int epoch, long session, int prevEpoch, long highWatermark, Chunk... chunks) {
        append(from, epoch, session, chunks[0].baseOffset(), prevEpoch, highWatermark, chunks);
    }

    void append(int from, int epoch, long session, long base, int prevEpoch, long highWatermark, Chunk... chunks) {
        long end = chunks.length == 0 ? base : chunks[chunks.length - 1].endOffset();
        message(
                from,
                new ReplicaMessage.Append(
                        ID,
                        epoch,
                        session,
                        base,
                        prevEpoch,
                        List.of(chunks),
                        new LeaderPosition(highWatermark, 0, end)));
    }

    static Chunk batch(long base, int epoch, int records) {
        return placed(TestBatches.of(records), base, epoch);
    }

    static Chunk placed(Chunk chunk, long base, int epoch) {
        chunk.assign(base, epoch);
        return chunk;
    }

    /** The log writes and flushes all. */
    void write() {
        log.write(true);
        replica.logProgressed(log.written, log.flushed);
        replica.endOfTurn(now);
    }

    /** Runs completions of the log until there are none. */
    void settle() {
        while (log.complete()) {
            replica.endOfTurn(now);
        }
    }

    void produce(Chunk chunk, List<AppendResult> results) {
        replica.append(new Append(chunk, Acks.ALL, Append.ANY_EPOCH, now + 1_000_000_000_000L, results::add), now, now);
        replica.endOfTurn(now);
    }

    void tick(long nanos) {
        now += nanos;
        replica.tick(now);
        replica.endOfTurn(now);
    }

    ReplicaMessage.Nack nack() {
        return (ReplicaMessage.Nack) replies.remove(replies.size() - 1);
    }

    ReplicaMessage.Ack ack() {
        return (ReplicaMessage.Ack) replies.remove(replies.size() - 1);
    }

    @Override
    public void close() {
        replica.stop("the end");
        log.close();
        assertThat(Chunk.openCount()).as("open chunks").isZero();
    }

    // ---- port

    @Override
    public long brokerEpoch() {
        return 100 + node;
    }

    @Override
    public long metadataIndex() {
        return index;
    }

    @Override
    public long nextSession() {
        return ++sessions;
    }

    @Override
    public void send(int to, PeerStream stream, ReplicaMessage.ToFollower message) {
        if (message instanceof ReplicaMessage.Append append) {
            append.release();
        }
    }

    @Override
    public void propose(InSyncProposal proposal) {}

    @Override
    public void metadataWanted(int leaderEpoch) {
        said.add("wants " + leaderEpoch);
    }

    @Override
    public void highWatermarkMoved(long highWatermark) {
        said.add("hw " + highWatermark);
    }

    @Override
    public void resign(Resignation resignation) {
        resignations.add(resignation);
    }

    @Override
    public void failed(InvariantException cause) {
        said.add((cause instanceof DamageException ? "damaged: " : "failed: ") + cause.getMessage());
    }

    @Override
    public void roleChanged(ReplicaStatus status) {
        roles.add(status.role());
    }
}
