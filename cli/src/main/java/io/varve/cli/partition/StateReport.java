// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.partition;

import io.varve.cli.Table;
import io.varve.cli.Units;
import io.varve.proto.v1.DescribePartitionResponse;
import io.varve.proto.v1.LeaderView;
import io.varve.proto.v1.PartitionListing;
import io.varve.proto.v1.ReplicaSession;
import io.varve.proto.v1.ReplicaState;
import java.util.Locale;
import java.util.stream.Collectors;

/** One partition with its replicas as text. Stateless. */
final class StateReport {
    private StateReport() {}

    static String render(DescribePartitionResponse partition) {
        return head(partition) + replicas(partition) + epochs(partition.getLeaderView());
    }

    private static String head(DescribePartitionResponse partition) {
        PartitionListing metadata = partition.getMetadata();
        String ends = "";
        if (partition.hasLeaderView()) {
            LeaderView view = partition.getLeaderView();
            ends = "   START %d   HW %d   LEO %d   FLUSHED %d   SIZE %s"
                    .formatted(
                            view.getLogStartOffset(),
                            view.getHighWatermark(),
                            view.getLogEndOffset(),
                            view.getFlushedEndOffset(),
                            Units.humanBytes(view.getSizeBytes()));
        }
        return "%s:%d   LEADER %s   EPOCH %d%s   MIN-ISR %d   STATUS %s%n"
                .formatted(
                        metadata.getTopic(),
                        metadata.getPartition(),
                        metadata.getLeader() == 0 ? "none" : metadata.getLeader(),
                        metadata.getLeaderEpoch(),
                        ends,
                        metadata.getMinInsyncReplicas(),
                        status(partition));
    }

    /** What the metadata says, unless the leader itself is in trouble. */
    private static String status(DescribePartitionResponse partition) {
        String told = partition.getLeaderView().getStatus();
        return told.isEmpty() || told.equals("ok") ? partition.getMetadata().getStatus() : told;
    }

    private static String replicas(DescribePartitionResponse partition) {
        Table table = new Table(
                ">REPLICA",
                "ROLE",
                "ISR",
                ">LEO",
                ">FLUSHED",
                ">LAG-REC",
                ">LAG-BYTES",
                ">LAG-TIME",
                ">CAUGHT-UP",
                ">INFLIGHT",
                "SESSION");
        for (ReplicaState replica : partition.getReplicasList()) {
            boolean leads = replica.getNodeId() == partition.getMetadata().getLeader();
            table.row(
                    replica.getNodeId(),
                    leads ? "leader" : "follower",
                    replica.getInSync() ? "yes" : replica.getEligible() ? "eligible" : "no",
                    known(replica.getLogEndOffset()),
                    known(replica.getFlushedEndOffset()),
                    known(replica.getLagRecords()),
                    replica.getLagBytes() < 0 ? "-" : Units.humanBytes(replica.getLagBytes()),
                    leads || replica.getLagMs() < 0 ? "-" : Units.span(replica.getLagMs()),
                    leads || replica.getCaughtUpMs() < 0 ? "-" : Units.span(replica.getCaughtUpMs()) + " ago",
                    leads || !partition.hasLeaderView() ? "-" : Units.humanBytes(replica.getInFlightBytes()),
                    session(replica));
        }
        return table.render();
    }

    private static String session(ReplicaState replica) {
        if (replica.getFenced()) {
            return "broker-down";
        }
        return replica.getSession() == ReplicaSession.REPLICA_SESSION_UNSPECIFIED
                        || replica.getSession() == ReplicaSession.REPLICA_SESSION_LEADER
                ? "-"
                : replica.getSession()
                        .name()
                        .replace("REPLICA_SESSION_", "")
                        .toLowerCase(Locale.ROOT)
                        .replace('_', '-');
    }

    private static String epochs(LeaderView view) {
        return view.getEpochsCount() == 0
                ? ""
                : "EPOCH HISTORY  "
                        + view.getEpochsList().stream()
                                .map(epoch -> epoch.getLeaderEpoch() + "@" + epoch.getStartOffset())
                                .collect(Collectors.joining("  "))
                        + "\n";
    }

    private static String known(long number) {
        return number < 0 ? "-" : String.valueOf(number);
    }
}
