// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.node;

import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.PartitionImage;
import io.varve.metadata.image.TopicImage;
import io.varve.replication.DamageException;
import io.varve.replication.InvariantException;
import io.varve.replication.RejectReason;
import io.varve.replication.StartMoved;
import io.varve.replication.leader.ProducerStates;
import io.varve.replication.protocol.InSyncProposal;
import io.varve.replication.protocol.PeerStream;
import io.varve.replication.protocol.ReplicaMessage;
import io.varve.replication.protocol.Rules;
import io.varve.replication.replica.Replica;
import io.varve.replication.replica.ReplicaPort;
import io.varve.replication.replica.ReplicaStatus;
import io.varve.replication.replica.Resignation;
import io.varve.simulation.engine.SimRandom;
import io.varve.storage.LogId;
import io.varve.storage.PartitionLog;
import io.varve.storage.StorageException;
import org.jspecify.annotations.Nullable;

/** One replica on a simulated node: the real core between its log and its node. */
final class HostedReplica implements ReplicaPort, NodeLoop.Member {
    private static final int ONE_IN_TRIM = 12;
    private static final StartMoved NOBODY = new StartMoved() {
        @Override
        public void moved(long logStartOffset) {}

        @Override
        public void refused(RejectReason reason, String sentence) {}
    };

    private final NodeServices node;
    private final LogId id;
    private final SimLog log;
    private final Replica replica;
    private @Nullable String failure;
    private boolean stopped;

    HostedReplica(NodeServices node, TopicImage topic, LogId id, SimLog log, Rules rules) {
        this.node = node;
        this.id = id;
        this.log = log;
        PartitionLog opened = log.partitionLog();
        long known = Math.max(opened.highWatermarkCheckpoint(), opened.logStartOffset());
        this.replica = new Replica(
                topic.name() + "-" + id.partition(),
                id,
                MetadataViews.replica(topic, node.nodeId()),
                known,
                log,
                this,
                rules,
                TightLimits.leader());
        log.attach(replica, this::touch);
    }

    LogId id() {
        return id;
    }

    SimLog log() {
        return log;
    }

    Replica replica() {
        return replica;
    }

    /** Why it stopped for good; null if it did not. */
    @Nullable
    String failure() {
        return failure;
    }

    /** To be called with each event that is given to {@link #replica()}. */
    void touch() {
        node.loop().touchReplica(this);
    }

    void onMetadata(PartitionImage state, MetadataImage image) {
        touch();
        replica.onMetadata(
                MetadataViews.state(state),
                MetadataViews.members(image),
                node.loop().nowNanos());
    }

    void onMembers(MetadataImage image) {
        touch();
        replica.onMembers(MetadataViews.members(image), node.loop().nowNanos());
    }

    boolean tick(long nowNanos) {
        if (!replica.wantsTicks()) {
            return false;
        }
        touch();
        replica.tick(nowNanos);
        return true;
    }

    /** What a node does from time to time: retention; and what a person asks for now and then. */
    void maintain(long nowMillis, SimRandom random) {
        touch();
        PartitionLog opened = log.partitionLog();
        var unused = opened.tidy(node.loop().nowNanos());
        keepProducers(opened);
        if (random.nextInt(ONE_IN_TRIM) == 0) {
            long length = Math.max(0, replica.highWatermark() - opened.logStartOffset());
            replica.trim(opened.logStartOffset() + random.nextInt((int) length + 1), NOBODY);
        } else {
            replica.retain(nowMillis, NOBODY);
        }
    }

    private void keepProducers(PartitionLog opened) {
        long end = opened.stagedEndOffset();
        ProducerStates known = replica.producers().orElse(null);
        if (known == null || known.size() == 0 || opened.flushedEndOffset() < end) {
            return;
        }
        try {
            opened.writeProducerSnapshot(end, known.encode());
        } catch (StorageException e) {
            // What the disk refuses now costs a longer replay.
        }
    }

    void stop(String why) {
        stopped = true;
        replica.stop(why);
        log.close();
    }

    @Override
    public void endOfTurn(long nowNanos) {
        replica.endOfTurn(nowNanos);
        if (replica.wantsTicks()) {
            node.wantsTicks(this);
        }
        if (!stopped) {
            node.events().touched(node.nodeId(), id);
        }
    }

    // ---- port

    @Override
    public long brokerEpoch() {
        return node.brokerEpoch();
    }

    @Override
    public long metadataIndex() {
        return node.appliedMetadataIndex();
    }

    @Override
    public long nextSession() {
        return node.nextSession();
    }

    @Override
    public void send(int to, PeerStream stream, ReplicaMessage.ToFollower message) {
        node.send(to, stream, message);
    }

    @Override
    public void propose(InSyncProposal proposal) {
        node.propose(proposal);
    }

    @Override
    public void metadataWanted(int leaderEpoch) {
        node.metadataWanted();
    }

    @Override
    public void highWatermarkMoved(long highWatermark) {}

    @Override
    public void resign(Resignation resignation) {
        node.resign(id, resignation);
    }

    @Override
    public void failed(InvariantException cause) {
        failure = String.valueOf(cause.getMessage());
        String why = failure;
        if (cause instanceof DamageException) {
            var unused = log.partitionLog()
                    .markDamaged(why)
                    .whenComplete((marked, broken) -> node.loop().post("damaged", () -> node.replicaDamaged(id, why)));
        } else {
            node.replicaStopped(id, why);
        }
    }

    @Override
    public void roleChanged(ReplicaStatus now) {}
}
