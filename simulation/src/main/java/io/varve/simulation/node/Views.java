// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.node;

import io.varve.metadata.image.MetadataImage;
import io.varve.replication.leader.LeaderReplica;
import io.varve.replication.leader.ProducerStates;
import io.varve.replication.replica.ReplicaStatus;
import io.varve.simulation.check.BatchSeen;
import io.varve.simulation.check.ClusterView;
import io.varve.simulation.check.LogReading;
import io.varve.simulation.check.ReplicaView;
import io.varve.simulation.engine.IdealLog;
import io.varve.storage.Durability;
import io.varve.storage.EpochEntry;
import io.varve.storage.LogId;
import io.varve.storage.StorageException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The cluster as somebody sees it who sees everything. */
final class Views implements ClusterView {
    private final Map<Integer, SimHost> hosts;
    private final IdealLog log;

    Views(Map<Integer, SimHost> hosts, IdealLog log) {
        this.hosts = hosts;
        this.log = log;
    }

    private @Nullable RunningNode running(int node) {
        SimHost host = hosts.get(node);
        return host == null ? null : host.running();
    }

    @Override
    public List<Integer> nodes() {
        return List.copyOf(hosts.keySet());
    }

    @Override
    public boolean isRunning(int node) {
        return running(node) != null;
    }

    @Override
    public long brokerEpoch(int node) {
        RunningNode process = running(node);
        return process == null || process.brokerEpoch() == 0 ? -1 : process.brokerEpoch();
    }

    @Override
    public MetadataImage committed() {
        return log.committed();
    }

    @Override
    public @Nullable MetadataImage appliedBy(int node) {
        RunningNode process = running(node);
        return process == null || process.image() == MetadataImage.EMPTY ? null : process.image();
    }

    @Override
    public @Nullable ReplicaView replica(int node, LogId id) {
        SimHost host = hosts.get(node);
        RunningNode process = host == null ? null : host.running();
        HostedReplica replica = process == null ? null : process.replicas().find(id);
        return host == null || replica == null ? null : new View(replica, host.hasRot());
    }

    @Override
    public long bytesInFlight(int node) {
        RunningNode process = running(node);
        return process == null ? 0 : process.bytesInFlight();
    }

    @Override
    public void bounds(BoundVisitor visitor) {
        for (SimHost host : hosts.values()) {
            RunningNode process = host.running();
            if (process != null) {
                visitor.bound(host.nodeId(), "tasks of the disk", process.io().outstandingTasks(), 1000);
                for (HostedReplica replica : process.replicas().all()) {
                    visitor.bound(host.nodeId(), "bytes staged", replica.log().stagedBytes(), 16 << 20);
                }
            }
        }
    }

    private record View(HostedReplica hosted, boolean rots) implements ReplicaView {
        private ReplicaStatus status() {
            return hosted.replica().status();
        }

        private LeaderReplica leader() {
            return hosted.replica().leader();
        }

        @Override
        public boolean isSound() {
            return hosted.failure() == null
                    && hosted.log().partitionLog().damage().isEmpty()
                    && !hosted.log().failed();
        }

        @Override
        public boolean isLeading() {
            return status().role() == ReplicaStatus.Role.LEADING;
        }

        @Override
        public int leaderEpoch() {
            return status().leaderEpoch();
        }

        @Override
        public int partitionEpoch() {
            return status().partitionEpoch();
        }

        @Override
        public long epochStartOffset() {
            return leader().epochStartOffset();
        }

        @Override
        public long highWatermark() {
            return hosted.replica().highWatermark();
        }

        @Override
        public long logStartOffset() {
            return hosted.log().logStartOffset();
        }

        @Override
        public long stagedEndOffset() {
            return hosted.log().stagedEndOffset();
        }

        @Override
        public long writtenEndOffset() {
            return hosted.log().writtenEndOffset();
        }

        @Override
        public long flushedEndOffset() {
            return hosted.log().flushedEndOffset();
        }

        @Override
        public Durability durability() {
            return hosted.log().partitionLog().settings().durability();
        }

        @Override
        public List<EpochEntry> epochChain() {
            return hosted.log().epochChain();
        }

        @Override
        public List<Integer> isr() {
            return leader().isr();
        }

        @Override
        public List<Integer> maximalIsr() {
            return leader().maximalIsr();
        }

        @Override
        public @Nullable ProducerStates producers() {
            return hosted.replica().producers().orElse(null);
        }

        @Override
        public @Nullable List<BatchSeen> readBack() {
            try {
                return LogReading.written(hosted.log().partitionLog(), SimLog.HEAP);
            } catch (StorageException e) {
                if (e.kind() == StorageException.Kind.DAMAGED && !rots) {
                    throw new IllegalStateException("replica of " + hosted.id() + " is damaged", e);
                }
                return null;
            }
        }
    }
}
