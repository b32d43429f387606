// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

import io.varve.metadata.image.BrokerImage;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.PartitionImage;
import io.varve.metadata.image.TopicImage;
import io.varve.proto.v1.ClusterProblem;
import io.varve.proto.v1.DescribeClusterResponse;
import io.varve.proto.v1.DescribeQuorumResponse;
import io.varve.proto.v1.NodeDisk;
import io.varve.proto.v1.NodeDiskStatus;
import io.varve.proto.v1.PartitionCounts;
import io.varve.proto.v1.QuorumMember;
import io.varve.proto.v1.QuorumMemberState;
import io.varve.proto.v1.QuorumRole;
import io.varve.proto.v1.QuorumSummary;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What is wrong with the cluster, from one image and what the quorum's leader told. <i>Confined to one call.</i> */
final class ClusterHealth {

    private static final long UNKNOWN = -1;

    private final MetadataImage image;
    private final NodeAbsences absences;
    private final Map<Integer, NodeDisk> disks;
    private final DescribeClusterResponse.Builder answer = DescribeClusterResponse.newBuilder();
    private final PartitionCounts.Builder counts = PartitionCounts.newBuilder();
    private final Map<Integer, Integer> replicasOfFenced = new TreeMap<>();
    private final Set<Integer> missingInSync = new TreeSet<>();

    /** @param disks of those nodes that told */
    ClusterHealth(MetadataImage image, NodeAbsences absences, Map<Integer, NodeDisk> disks) {
        this.disks = disks;
        this.image = image;
        this.absences = absences;
    }

    DescribeClusterResponse describe(String clusterId, int nodeId, DescribeQuorumResponse quorum) {
        for (BrokerImage broker : image.brokers().values()) {
            if (broker.fenced()) {
                answer.addFencedNodes(broker.id());
                replicasOfFenced.put(broker.id(), 0);
            } else {
                answer.addAliveNodes(broker.id());
            }
        }
        image.topics().all().forEach(this::count);
        quorumProblems(quorum);
        image.brokers().values().stream().filter(BrokerImage::fenced).forEach(this::nodeProblem);
        disks.forEach(this::diskProblem);
        image.brokers().values().stream().filter(b -> !b.damaged().isEmpty()).forEach(this::damageProblem);
        partitionProblems();
        return answer.setClusterId(clusterId)
                .setNodeId(nodeId)
                .setControllerId(
                        quorum.getLeader() == 0 ? 0 : image.controller().nodeId())
                .setMetadataIndex(image.index())
                .setQuorum(summary(quorum))
                .setPartitions(counts)
                .setHealthy(answer.getProblemsCount() == 0)
                .build();
    }

    private void count(TopicImage topic) {
        counts.setTopics(counts.getTopics() + (topic.internal() ? 0 : 1));
        for (PartitionImage partition : topic.partitions()) {
            counts.setTotal(counts.getTotal() + 1);
            counts.setOffline(counts.getOffline() + (partition.hasLeader() ? 0 : 1));
            counts.setUnderMinIsr(counts.getUnderMinIsr() + (PartitionListings.isUnderMinIsr(partition) ? 1 : 0));
            counts.setNotPreferredLeader(counts.getNotPreferredLeader()
                    + (PartitionListings.hasOtherThanPreferredLeader(partition) ? 1 : 0));
            if (PartitionListings.isUnderReplicated(partition)) {
                counts.setUnderReplicated(counts.getUnderReplicated() + 1);
                partition.replicas().stream()
                        .filter(node -> !partition.isr().contains(node))
                        .forEach(missingInSync::add);
            }
            partition.replicas().forEach(node -> replicasOfFenced.computeIfPresent(node, (id, n) -> n + 1));
        }
    }

    private static QuorumSummary summary(DescribeQuorumResponse quorum) {
        List<QuorumMember> voters = quorum.getMembersList().stream()
                .filter(member -> member.getRole() != QuorumRole.QUORUM_ROLE_OBSERVER)
                .toList();
        List<QuorumMember> reachable = voters.stream()
                .filter(member -> member.getState() == QuorumMemberState.QUORUM_MEMBER_STATE_REACHABLE)
                .toList();
        return QuorumSummary.newBuilder()
                .setLeader(quorum.getLeader())
                .setTerm(quorum.getTerm())
                .setVoters(voters.size())
                .setReachableVoters(reachable.size())
                .setMaxLag(
                        reachable.stream().mapToLong(QuorumMember::getLag).max().orElse(0))
                .build();
    }

    private void quorumProblems(DescribeQuorumResponse quorum) {
        if (quorum.getLeader() == 0) {
            problem(
                    "QUORUM_UNAVAILABLE",
                    "",
                    "the metadata quorum has no leader: no topic can be changed, no leader elected",
                    UNKNOWN,
                    counts.getTotal(),
                    "start its voters; `varve quorum status`");
        }
        for (QuorumMember member : quorum.getMembersList()) {
            boolean toldByItsNode = replicasOfFenced.containsKey(member.getNodeId());
            if (member.getState() == QuorumMemberState.QUORUM_MEMBER_STATE_UNREACHABLE && !toldByItsNode) {
                problem(
                        "VOTER_UNREACHABLE",
                        "broker=" + member.getNodeId(),
                        "node " + member.getNodeId() + " does not answer the leader of the metadata quorum",
                        member.getLastContactMs(),
                        0,
                        "see to its Raft port; `varve quorum status`");
            }
        }
    }

    private void nodeProblem(BrokerImage broker) {
        boolean offline = broker.liveness().directoryOffline();
        NodeDisk disk = disks.get(broker.id());
        String what = offline
                ? " took its data directory offline after a failure" + (disk == null ? "" : "; " + disk.getMessage())
                : broker.liveness().shuttingDown() ? " was stopped" : " does not answer the controller";
        problem(
                offline ? "KAFKA_STORAGE_ERROR" : "BROKER_DOWN",
                "broker=" + broker.id(),
                "node " + broker.id() + what,
                absences.of(broker.id()).map(Duration::toMillis).orElse(UNKNOWN),
                replicasOfFenced.getOrDefault(broker.id(), 0),
                offline ? "see to its disk, then start it again" : "start it again; `varve broker list`");
    }

    private void diskProblem(int node, NodeDisk disk) {
        boolean full = disk.getStatus() == NodeDiskStatus.NODE_DISK_STATUS_FULL;
        if (!full && disk.getStatus() != NodeDiskStatus.NODE_DISK_STATUS_NEARLY_FULL) {
            return;
        }
        int replicas = image.topics().all().stream()
                .flatMap(topic -> topic.partitions().stream())
                .mapToInt(partition -> partition.replicas().contains(node) ? 1 : 0)
                .sum();
        String room = "delete topics, lower their retention, or give it a larger disk; ";
        problem(
                full ? "DISK_FULL" : "DISK_NEARLY_FULL",
                "broker=" + node,
                disk.getMessage(),
                UNKNOWN,
                replicas,
                room + (full ? "appends go on by themselves then" : "producers are slowed down until then"));
    }

    /** Those that another replica leads are being copied anew. */
    private void damageProblem(BrokerImage broker) {
        long alone = broker.damaged().stream()
                .filter(id ->
                        image.topics().find(id).filter(p -> !p.hasLeader()).isPresent())
                .count();
        int all = broker.damaged().size();
        problem(
                "REPLICA_DAMAGED",
                "broker=" + broker.id(),
                "node " + broker.id() + " has " + all + " damaged copies"
                        + (alone == 0 ? "" : ", " + alone + " of them of partitions that nobody leads"),
                UNKNOWN,
                all,
                alone == 0
                        ? "clears when they are copied anew; the node's log names the files"
                        : "start a node that has another copy, or restore the files that the node's log names");
    }

    private void partitionProblems() {
        long since = missingInSync.stream()
                .flatMap(node -> absences.of(node).stream())
                .mapToLong(Duration::toMillis)
                .max()
                .orElse(UNKNOWN);
        if (counts.getOffline() > 0) {
            problem(
                    "LEADER_NOT_AVAILABLE",
                    "",
                    counts.getOffline() + " partitions have no leader and can neither be read nor written",
                    since,
                    counts.getOffline(),
                    "start a node that holds them; `varve partition list --offline`");
        }
        if (counts.getUnderMinIsr() > 0) {
            problem(
                    "NOT_ENOUGH_REPLICAS",
                    "",
                    counts.getUnderMinIsr() + " partitions have fewer replicas in sync than min.insync.replicas",
                    since,
                    counts.getUnderMinIsr(),
                    "writes with acks=all wait; `varve partition list --under-min-isr`");
        }
        if (counts.getUnderReplicated() > 0) {
            String next = replicasOfFenced.keySet().containsAll(missingInSync)
                    ? "clears when broker %s returns; `varve partition list --under-replicated`"
                            .formatted(nodes(missingInSync))
                    : "clears when the replicas have caught up; `varve partition list --under-replicated`";
            problem(
                    "UNDER_REPLICATED",
                    "",
                    counts.getUnderReplicated() + " partitions have fewer replicas in sync than replicas",
                    since,
                    counts.getUnderReplicated(),
                    next);
        }
    }

    private static String nodes(Set<Integer> ids) {
        return String.join(", ", ids.stream().map(String::valueOf).toList());
    }

    private void problem(String reason, String subject, String message, long sinceMs, int affected, String next) {
        answer.addProblems(ClusterProblem.newBuilder()
                .setReason(reason)
                .setSubject(subject)
                .setMessage(message)
                .setSinceMs(sinceMs)
                .setAffectedPartitions(affected)
                .setNextStep(next));
    }
}
