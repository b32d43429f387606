// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.cluster;

import io.varve.cli.Table;
import io.varve.cli.Units;
import io.varve.proto.v1.ClusterProblem;
import io.varve.proto.v1.DescribeClusterResponse;
import io.varve.proto.v1.PartitionCounts;
import io.varve.proto.v1.QuorumSummary;
import java.util.List;
import java.util.stream.Collectors;

/** The health of the cluster as text. Stateless. */
final class HealthReport {
    private HealthReport() {}

    static String render(DescribeClusterResponse cluster) {
        int problems = cluster.getProblemsCount();
        int nodes = cluster.getAliveNodesCount() + cluster.getFencedNodesCount();
        PartitionCounts partitions = cluster.getPartitions();
        String text = "CLUSTER     %s   HEALTHY %s%n"
                .formatted(
                        cluster.getClusterId(),
                        cluster.getHealthy()
                                ? "yes"
                                : "no (%d problem%s)".formatted(problems, problems == 1 ? "" : "s"));
        text += "brokers     %d/%d alive   controller %s%s%n"
                .formatted(
                        cluster.getAliveNodesCount(),
                        nodes,
                        idOrNone(cluster.getControllerId()),
                        cluster.getFencedNodesCount() == 0 ? "" : "   down: " + ids(cluster.getFencedNodesList()));
        text += "quorum      %s%n".formatted(quorum(cluster.getQuorum()));
        text +=
                "partitions  %s in %s topic%s   offline %d   under-min-isr %d   under-replicated %d   not-preferred %d%n"
                        .formatted(
                                Units.grouped(partitions.getTotal()),
                                Units.grouped(partitions.getTopics()),
                                partitions.getTopics() == 1 ? "" : "s",
                                partitions.getOffline(),
                                partitions.getUnderMinIsr(),
                                partitions.getUnderReplicated(),
                                partitions.getNotPreferredLeader());
        return problems == 0 ? text : text + problems(cluster.getProblemsList());
    }

    private static String quorum(QuorumSummary quorum) {
        if (quorum.getLeader() == 0) {
            return "no leader, term %d   voters %d".formatted(quorum.getTerm(), quorum.getVoters());
        }
        return "leader %d, term %d   voters %s   lag max %s"
                .formatted(
                        quorum.getLeader(),
                        quorum.getTerm(),
                        quorum.getReachableVoters() == 0
                                ? String.valueOf(quorum.getVoters())
                                : quorum.getReachableVoters() + "/" + quorum.getVoters(),
                        quorum.getReachableVoters() == 0 ? "-" : quorum.getMaxLag());
    }

    private static String problems(List<ClusterProblem> problems) {
        Table table = new Table("PROBLEM", ">SINCE", "AFFECTS", "WHAT", "NEXT");
        for (ClusterProblem problem : problems) {
            table.row(
                    problem.getSubject().isEmpty()
                            ? problem.getReason()
                            : problem.getReason() + " " + problem.getSubject(),
                    problem.getSinceMs() < 0 ? "-" : Units.span(problem.getSinceMs()),
                    problem.getAffectedPartitions() == 0
                            ? "-"
                            : Units.grouped(problem.getAffectedPartitions())
                                    + (problem.getAffectedPartitions() == 1 ? " partition" : " partitions"),
                    problem.getMessage(),
                    problem.getNextStep());
        }
        return table.render();
    }

    static String idOrNone(int node) {
        return node == 0 ? "none" : String.valueOf(node);
    }

    private static String ids(List<Integer> nodes) {
        return nodes.stream().map(String::valueOf).collect(Collectors.joining(", "));
    }
}
