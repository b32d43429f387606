// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.node;

import io.netty.buffer.PooledByteBufAllocator;
import io.varve.record.BatchBuilder;
import io.varve.record.BatchHeader;
import io.varve.record.Codec;
import io.varve.replication.Acks;
import io.varve.replication.Append;
import io.varve.replication.AppendResult;
import io.varve.replication.InvariantException;
import io.varve.replication.ReplicaSettings;
import io.varve.replication.protocol.InSyncProposal;
import io.varve.replication.protocol.PeerStream;
import io.varve.replication.protocol.ReplicaMessage;
import io.varve.replication.replica.Replica;
import io.varve.replication.replica.ReplicaPort;
import io.varve.replication.replica.ReplicaStatus;
import io.varve.replication.replica.Resignation;
import io.varve.storage.Chunk;
import io.varve.storage.Durability;
import io.varve.storage.StorageException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** One process of a scripted node: the real replica, and what it says. */
final class ScriptNode implements ReplicaPort {
    final int id;
    final long brokerEpoch;
    final ScriptLog log;
    final Replica replica;
    final List<AppendResult> results = new ArrayList<>();
    long applied;
    private final Script script;
    private long sessions;
    private boolean gone;

    ScriptNode(Script script, int id, long brokerEpoch, ScriptLog log) {
        this.script = script;
        this.id = id;
        this.brokerEpoch = brokerEpoch;
        this.log = log;
        ReplicaSettings settings = new ReplicaSettings(id, Durability.WRITTEN, false, 1 << 20, 1 << 20);
        this.replica = new Replica("t-0", Script.ID, settings, 0, log, this, script.mutation.rules());
    }

    void event(Consumer<Replica> what) {
        if (!gone) {
            what.accept(replica);
            replica.endOfTurn(script.now);
            script.check();
        }
    }

    /** The log writes what it has, and does what it was asked for; whether there was anything. */
    boolean write() {
        boolean more = log.write();
        if (more) {
            event(each -> each.logProgressed(log.writtenEndOffset(), log.flushedEndOffset()));
        }
        while (!gone && log.complete()) {
            more = true;
            event(each -> {});
        }
        return more;
    }

    void failLog() {
        log.fail();
        event(each -> each.logFailed(
                StorageException.Kind.IO, "broken", log.writtenEndOffset(), log.flushedEndOffset(), script.now));
    }

    /** One record, to be acknowledged by all in sync. */
    void append() {
        BatchBuilder builder = new BatchBuilder(Codec.NONE, 1 << 16);
        builder.tryAppend(1, (byte[]) null, new byte[] {1}, List.of());
        ByteBuffer batch =
                builder.build(BatchHeader.NO_PRODUCER_ID, BatchHeader.NO_PRODUCER_EPOCH, BatchHeader.NO_SEQUENCE);
        Chunk chunk = Chunk.of(PooledByteBufAllocator.DEFAULT
                .directBuffer(batch.remaining(), batch.remaining())
                .writeBytes(batch));
        event(each -> each.append(
                new Append(chunk, Acks.ALL, Append.ANY_EPOCH, Long.MAX_VALUE / 2, results::add), script.now, 1));
    }

    /** Of the record at that offset; 0 if there is none. */
    int epochAt(long offset) {
        return offset < log.chunks.size() ? log.chunks.get((int) offset).leaderEpoch() : 0;
    }

    void stop() {
        gone = true;
        replica.stop("the end");
        while (log.complete()) {
            // nobody hears it
        }
    }

    /** It never arrives. */
    static void drop(Script.Parcel parcel) {
        if (parcel.message() instanceof ReplicaMessage.Append append) {
            append.release();
        }
    }

    // ---- port

    @Override
    public void send(int to, PeerStream stream, ReplicaMessage.ToFollower message) {
        script.send(new Script.Parcel(id, to, message, () -> {
            ScriptNode receiver = script.node(to);
            receiver.event(other -> other.onMessage(id, message, answer -> receiver.answer(id, answer), script.now, 1));
        }));
    }

    /** A process that is gone says no last word. */
    private void answer(int to, ReplicaMessage.ToLeader answer) {
        if (!gone) {
            script.send(new Script.Parcel(
                    id, to, answer, () -> script.node(to).event(me -> me.onAnswer(id, answer, script.now))));
        }
    }

    @Override
    public void propose(InSyncProposal proposal) {
        script.asked.add(new Script.Asked(this, proposal));
    }

    @Override
    public long brokerEpoch() {
        return brokerEpoch;
    }

    @Override
    public long metadataIndex() {
        return applied;
    }

    @Override
    public long nextSession() {
        return ++sessions;
    }

    @Override
    public void failed(InvariantException cause) {
        script.breaks("node " + id + " stopped: " + cause.getMessage());
    }

    @Override
    public void resign(Resignation resignation) {}

    @Override
    public void metadataWanted(int leaderEpoch) {}

    @Override
    public void highWatermarkMoved(long highWatermark) {}

    @Override
    public void roleChanged(ReplicaStatus now) {}
}
