// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.proto.v1.ClusterProblem;
import io.varve.proto.v1.DescribeClusterResponse;
import io.varve.proto.v1.DescribeQuorumResponse;
import io.varve.proto.v1.ListNodesResponse;
import io.varve.proto.v1.NodeDisk;
import io.varve.proto.v1.NodeDiskStatus;
import io.varve.proto.v1.NodeListing;
import io.varve.proto.v1.NodeStatus;
import io.varve.proto.v1.PartitionCounts;
import io.varve.proto.v1.QuorumMember;
import io.varve.proto.v1.QuorumMemberState;
import io.varve.proto.v1.QuorumRole;
import io.varve.proto.v1.QuorumSummary;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportsTest {
    private static final DescribeClusterResponse WHOLE = DescribeClusterResponse.newBuilder()
            .setClusterId("6fJ2k")
            .setHealthy(true)
            .setControllerId(1)
            .addAllAliveNodes(List.of(1, 2, 3))
            .setQuorum(QuorumSummary.newBuilder()
                    .setLeader(1)
                    .setTerm(12)
                    .setVoters(3)
                    .setReachableVoters(3))
            .setPartitions(PartitionCounts.newBuilder().setTopics(1).setTotal(312))
            .build();

    @Test
    void shouldSayThatAllIsWellInFourLines() {
        assertThat(HealthReport.render(WHOLE)).isEqualTo("""
                CLUSTER     6fJ2k   HEALTHY yes
                brokers     3/3 alive   controller 1
                quorum      leader 1, term 12   voters 3/3   lag max 0
                partitions  312 in 1 topic   offline 0   under-min-isr 0   under-replicated 0   not-preferred 0
                """);
    }

    @Test
    void shouldListProblemsWithWhatComesNext() {
        DescribeClusterResponse sick = WHOLE.toBuilder()
                .setHealthy(false)
                .clearAliveNodes()
                .addAllAliveNodes(List.of(1, 2))
                .addFencedNodes(3)
                .addProblems(ClusterProblem.newBuilder()
                        .setReason("BROKER_DOWN")
                        .setSubject("broker=3")
                        .setSinceMs(41_000)
                        .setAffectedPartitions(78)
                        .setMessage("node 3 does not answer the controller")
                        .setNextStep("start it again"))
                .build();

        assertThat(HealthReport.render(sick).lines())
                .startsWith(
                        "CLUSTER     6fJ2k   HEALTHY no (1 problem)", "brokers     2/3 alive   controller 1   down: 3")
                .endsWith(
                        "PROBLEM               SINCE  AFFECTS        WHAT                                   NEXT",
                        "BROKER_DOWN broker=3    41s  78 partitions  node 3 does not answer the controller  start it again");
    }

    @Test
    void shouldShowHowFarEachVoterIs() {
        DescribeQuorumResponse quorum = DescribeQuorumResponse.newBuilder()
                .setLeader(1)
                .setTerm(12)
                .setCommitIndex(48211)
                .setSnapshotIndex(48000)
                .addMembers(member(1, QuorumRole.QUORUM_ROLE_LEADER, 48211, 0, 0))
                .addMembers(member(2, QuorumRole.QUORUM_ROLE_FOLLOWER, 48207, 4, 80))
                .addMembers(member(4, QuorumRole.QUORUM_ROLE_OBSERVER, -1, -1, -1).toBuilder()
                        .setAddress("")
                        .setState(QuorumMemberState.QUORUM_MEMBER_STATE_UNREACHABLE))
                .build();

        assertThat(QuorumStatus.render(quorum)).isEqualTo("""
                LEADER 1   TERM 12   COMMIT 48211   SNAPSHOT 48000
                BROKER  ROLE      ADDRESS        MATCH  LAG  LAST-CONTACT  STATE
                     1  leader    broker-1:7173  48211    0             -  voting
                     2  follower  broker-2:7173  48207    4          80ms  voting
                     4  observer  -                  -    -             -  unreachable
                """);
    }

    @Test
    void shouldShowWhatEachNodeDoes() {
        ListNodesResponse nodes = ListNodesResponse.newBuilder()
                .setControllerId(1)
                .addNodes(node(1, NodeStatus.NODE_STATUS_ALIVE)
                        .setVoter(true)
                        .setLeaders(2)
                        .setReplicas(6)
                        .setInSyncReplicas(6)
                        .setDisk(disk(NodeDiskStatus.NODE_DISK_STATUS_OK, 5L << 30)))
                .addNodes(node(2, NodeStatus.NODE_STATUS_ALIVE)
                        .setDisk(disk(NodeDiskStatus.NODE_DISK_STATUS_FULL, 900L << 20)))
                .addNodes(node(4, NodeStatus.NODE_STATUS_DIRECTORY_OFFLINE)
                        .setHost("")
                        .setPort(0)
                        .setDisk(disk(NodeDiskStatus.NODE_DISK_STATUS_OFFLINE, 1)))
                .addNodes(node(5, NodeStatus.NODE_STATUS_FENCED))
                .build();

        assertThat(BrokerList.render(nodes)).isEqualTo("""
                BROKER  ADDRESS         RACK  STATUS             QUORUM      LEADERS  REPLICAS  IN-SYNC  DISK
                     1  localhost:7171  -     alive              controller        2         6        6  5.0GiB free
                     2  localhost:7172  -     alive              observer          0         0        0  full, 900.0MiB free
                     4  -               -     directory-offline  observer          0         0        0  failed
                     5  localhost:7175  -     fenced             observer          0         0        0  -
                """);
    }

    private static NodeDisk disk(NodeDiskStatus status, long freeBytes) {
        return NodeDisk.newBuilder().setStatus(status).setFreeBytes(freeBytes).build();
    }

    private static NodeListing.Builder node(int id, NodeStatus status) {
        return NodeListing.newBuilder()
                .setId(id)
                .setHost("localhost")
                .setPort(7170 + id)
                .setStatus(status);
    }

    private static QuorumMember member(int id, QuorumRole role, long match, long lag, long contactMillis) {
        return QuorumMember.newBuilder()
                .setNodeId(id)
                .setRole(role)
                .setAddress("broker-" + id + ":7173")
                .setMatchIndex(match)
                .setLag(lag)
                .setLastContactMs(contactMillis)
                .setState(QuorumMemberState.QUORUM_MEMBER_STATE_REACHABLE)
                .build();
    }
}
