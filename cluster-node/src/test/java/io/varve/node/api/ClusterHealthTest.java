// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.metadata.LeaderInfo;
import io.varve.metadata.QuorumState;
import io.varve.metadata.image.MetadataImage;
import io.varve.proto.v1.ClusterProblem;
import io.varve.proto.v1.DescribeClusterResponse;
import io.varve.proto.v1.NodeDisk;
import io.varve.proto.v1.NodeDiskStatus;
import io.varve.proto.v1.NodeStatus;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ClusterHealthTest {

    private static final List<Integer> ALL = List.of(1, 2, 3);
    private static final QuorumState GOOD = quorum(1, 10, 12);

    private final AtomicLong nowNanos = new AtomicLong();
    private MetadataImage image = MetadataImage.EMPTY;
    private final NodeAbsences absences = new NodeAbsences(() -> image, nowNanos::get);

    private final Map<Integer, NodeDisk> disks = new TreeMap<>();

    @Test
    void shouldFindNothingWrongWithAClusterThatIsWhole() {
        become(whole());

        DescribeClusterResponse answer = describe(GOOD);

        assertThat(answer.getHealthy()).isTrue();
        assertThat(answer.getProblemsList()).isEmpty();
        assertThat(answer.getAliveNodesList()).containsExactly(1, 2, 3);
        assertThat(answer.getQuorum().getReachableVoters()).isEqualTo(3);
        assertThat(answer.getPartitions().getTotal()).isEqualTo(2);
        assertThat(answer.getPartitions().getTopics()).isEqualTo(1);
    }

    @Test
    void shouldTellWhichNodeIsDownSinceWhenAndWhatItAffects() {
        become(whole());
        become(whole().node(3, true).partition("orders", 1, ALL, List.of(1, 2)));
        nowNanos.set(41_000_000_000L);

        DescribeClusterResponse answer = describe(quorum(1, 10, 41_000));

        assertThat(answer.getHealthy()).isFalse();
        assertThat(answer.getFencedNodesList()).containsExactly(3);
        ClusterProblem down = answer.getProblems(0);
        assertThat(down.getReason()).isEqualTo("BROKER_DOWN");
        assertThat(down.getSubject()).isEqualTo("broker=3");
        assertThat(down.getSinceMs()).isEqualTo(41_000);
        assertThat(down.getAffectedPartitions()).isEqualTo(3);
        assertThat(answer.getProblemsList())
                .extracting(ClusterProblem::getReason)
                .containsExactly("BROKER_DOWN", "UNDER_REPLICATED");
        assertThat(answer.getProblems(1).getNextStep()).contains("broker 3 returns");
        assertThat(answer.getQuorum().getReachableVoters()).isEqualTo(2);
    }

    @Test
    void shouldTellOfEachPartitionInEveryWayThatItIsUnwell() {
        become(new TestImage()
                .nodes(1, 2, 3)
                .topic("orders")
                .partition("orders", 0, ALL, List.of())
                .partition("orders", 2, ALL, List.of(2)));

        DescribeClusterResponse answer = describe(GOOD);

        assertThat(answer.getProblemsList())
                .extracting(ClusterProblem::getReason, ClusterProblem::getAffectedPartitions)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("LEADER_NOT_AVAILABLE", 1),
                        org.assertj.core.groups.Tuple.tuple("NOT_ENOUGH_REPLICAS", 2),
                        org.assertj.core.groups.Tuple.tuple("UNDER_REPLICATED", 2));
        assertThat(answer.getPartitions().getNotPreferredLeader()).isEqualTo(1);
    }

    @Test
    void shouldTellThatTheQuorumHasNoLeader() {
        become(whole());

        DescribeClusterResponse answer = describe(
                new QuorumState(new LeaderInfo(0, 4, false), 10, 0, List.of(voter(1, -1), voter(2, -1), voter(3, -1))));

        assertThat(answer.getProblems(0).getReason()).isEqualTo("QUORUM_UNAVAILABLE");
        assertThat(answer.getControllerId()).isZero();
    }

    @Test
    void shouldTellOfAVoterThatIsDeafAlthoughItsNodeLives() {
        become(whole());

        DescribeClusterResponse answer = describe(quorum(1, 10, 9_000));

        assertThat(answer.getProblemsList()).singleElement().satisfies(problem -> {
            assertThat(problem.getReason()).isEqualTo("VOTER_UNREACHABLE");
            assertThat(problem.getSubject()).isEqualTo("broker=3");
        });
    }

    @Test
    void shouldForgetTheAbsenceOfANodeThatIsBack() {
        become(whole().node(2, true));
        nowNanos.set(5_000_000_000L);
        become(whole());
        become(whole().node(2, true));

        assertThat(absences.of(2)).hasValueSatisfying(away -> assertThat(away).isZero());
        assertThat(absences.of(1)).isEmpty();
    }

    @Test
    void shouldCountWhatEachNodeLeadsAndHolds() {
        become(whole().node(3, true));

        var nodes = NodeListings.list(image, "public", Set.of(1, 2), disks);

        assertThat(nodes.getNodes(0).getLeaders()).isEqualTo(1);
        assertThat(nodes.getNodes(0).getReplicas()).isEqualTo(2);
        assertThat(nodes.getNodes(0).getHost()).isEqualTo("host-1");
        assertThat(nodes.getNodes(0).getVoter()).isTrue();
        assertThat(nodes.getNodes(2).getVoter()).isFalse();
        assertThat(nodes.getNodes(2).getStatus()).isEqualTo(NodeStatus.NODE_STATUS_FENCED);
        assertThat(NodeListings.list(image, "other", Set.of(), disks)
                        .getNodes(0)
                        .getPort())
                .isZero();
    }

    @Test
    void shouldTellWhichDiskIsFullWithItsDirectoryAndBytes() {
        become(whole());
        disks.put(1, disk(NodeDiskStatus.NODE_DISK_STATUS_OK, ""));
        disks.put(
                2, disk(NodeDiskStatus.NODE_DISK_STATUS_NEARLY_FULL, "node 2: the disk of /data has 1500 bytes free"));
        disks.put(3, disk(NodeDiskStatus.NODE_DISK_STATUS_FULL, "node 3: the disk of /data has 5 bytes free"));

        assertThat(describe(GOOD).getProblemsList())
                .extracting(ClusterProblem::getReason, ClusterProblem::getSubject, ClusterProblem::getMessage)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(
                                "DISK_NEARLY_FULL", "broker=2", "node 2: the disk of /data has 1500 bytes free"),
                        org.assertj.core.groups.Tuple.tuple(
                                "DISK_FULL", "broker=3", "node 3: the disk of /data has 5 bytes free"));
        assertThat(NodeListings.list(image, "public", Set.of(), disks)
                        .getNodes(2)
                        .getDisk()
                        .getStatus())
                .isEqualTo(NodeDiskStatus.NODE_DISK_STATUS_FULL);
    }

    private static NodeDisk disk(NodeDiskStatus status, String message) {
        return NodeDisk.newBuilder().setStatus(status).setMessage(message).build();
    }

    private static TestImage whole() {
        return new TestImage()
                .nodes(1, 2, 3)
                .topic("orders")
                .partition("orders", 1, ALL, ALL)
                .partition("orders", 2, List.of(2, 3, 1), ALL);
    }

    private void become(TestImage next) {
        image = next.get();
        absences.imageChanged();
    }

    private DescribeClusterResponse describe(QuorumState quorum) {
        return new ClusterHealth(image, absences, disks)
                .describe("cluster", 1, QuorumDescriptions.describe(quorum, image));
    }

    private static QuorumState quorum(int leader, long secondMillis, long thirdMillis) {
        return new QuorumState(
                new LeaderInfo(leader, 4, leader == 1),
                10,
                0,
                List.of(voter(1, 0), voter(2, secondMillis), voter(3, thirdMillis)));
    }

    private static QuorumState.Voter voter(int id, long contactMillis) {
        return new QuorumState.Voter(id, "host-" + id + ":7173", 10, 0, contactMillis);
    }
}
