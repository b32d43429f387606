// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

import io.varve.node.api.LeaderViews.PartitionSight;
import io.varve.proto.v1.EpochStart;
import io.varve.proto.v1.LeaderView;
import io.varve.proto.v1.ReplicaSession;
import io.varve.proto.v1.ReplicaState;
import io.varve.replication.PartitionStatus.Positions;
import io.varve.replication.PartitionView;
import io.varve.replication.leader.FollowerView;
import io.varve.replication.protocol.PeerStream;
import io.varve.storage.EpochEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A leader's partition as it tells other nodes. Stateless. */
public final class PartitionSights {

    private PartitionSights() {}

    /**
     * @param epochs of the leader's log, oldest first
     * @param status "ok", or the reason why not
     */
    public static PartitionSight of(int nodeId, PartitionView partition, List<EpochEntry> epochs, String status) {
        Positions at = partition.status().positions();
        var view = LeaderView.newBuilder()
                .setNodeId(nodeId)
                .setLeaderEpoch(partition.status().leaderEpoch())
                .setLogStartOffset(at.logStartOffset())
                .setHighWatermark(at.highWatermark())
                .setLogEndOffset(at.logEndOffset())
                .setFlushedEndOffset(at.flushedEndOffset())
                .setSizeBytes(at.sizeBytes())
                .setStatus(status);
        epochs.forEach(epoch -> view.addEpochs(
                EpochStart.newBuilder().setLeaderEpoch(epoch.leaderEpoch()).setStartOffset(epoch.startOffset())));
        List<ReplicaState> replicas = new ArrayList<>();
        replicas.add(ReplicaState.newBuilder()
                .setNodeId(nodeId)
                .setSession(ReplicaSession.REPLICA_SESSION_LEADER)
                .setLogEndOffset(at.logEndOffset())
                .setFlushedEndOffset(at.flushedEndOffset())
                .build());
        partition.followers().forEach(follower -> replicas.add(follower(follower, at, partition.takenNanos())));
        return PartitionSight.of(view.build(), replicas);
    }

    private static ReplicaState follower(FollowerView follower, Positions leader, long nowNanos) {
        // Without a session that has found where the logs agree, nothing is known of its end.
        boolean known = follower.state() == FollowerView.State.STREAM;
        long end = follower.match().writtenEndOffset();
        long lag = Math.max(0, leader.logEndOffset() - end);
        long caughtUpMs = Math.max(0, TimeUnit.NANOSECONDS.toMillis(nowNanos - follower.lastCaughtUpNanos()));
        return ReplicaState.newBuilder()
                .setNodeId(follower.node())
                .setSession(session(follower))
                .setLogEndOffset(known ? end : -1)
                .setFlushedEndOffset(known ? follower.match().flushedEndOffset() : -1)
                .setLagRecords(known ? lag : -1)
                .setLagBytes(known ? bytes(lag, leader) : -1)
                .setLagMs(known && lag == 0 ? 0 : caughtUpMs)
                .setCaughtUpMs(known && lag == 0 ? 0 : caughtUpMs)
                .setInFlightBytes(follower.inFlightBytes())
                .build();
    }

    /** By the average record: to know it better would be to read the log. */
    private static long bytes(long records, Positions leader) {
        long all = leader.logEndOffset() - leader.logStartOffset();
        return all <= 0 ? 0 : (long) ((double) leader.sizeBytes() * records / all);
    }

    private static ReplicaSession session(FollowerView follower) {
        return switch (follower.state()) {
            case PROBE -> ReplicaSession.REPLICA_SESSION_PROBE;
            case TRUNCATING -> ReplicaSession.REPLICA_SESSION_TRUNCATING;
            case STREAM ->
                follower.stream() == PeerStream.CATCH_UP
                        ? ReplicaSession.REPLICA_SESSION_CATCH_UP
                        : ReplicaSession.REPLICA_SESSION_STREAM;
        };
    }
}
