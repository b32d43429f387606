// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.PartitionImage;
import io.varve.node.api.LeaderViews.PartitionSight;
import io.varve.node.config.HostPort;
import io.varve.node.peer.PeerChannels;
import io.varve.node.peer.PeerListener;
import io.varve.proto.ErrorReasons;
import io.varve.proto.v1.DescribeQuorumResponse;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.LeaderView;
import io.varve.proto.v1.NodeDisk;
import io.varve.proto.v1.QuorumMember;
import io.varve.proto.v1.QuorumMemberState;
import io.varve.proto.v1.ReplicaSession;
import io.varve.proto.v1.ReplicaState;
import io.varve.replication.PartitionStatus;
import io.varve.replication.PartitionView;
import io.varve.replication.leader.FollowerView;
import io.varve.replication.protocol.PeerStream;
import io.varve.storage.EpochEntry;
import io.varve.transport.ChannelFactory;
import io.varve.transport.ChannelSettings;
import io.varve.transport.EventLoops;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Node 1 is asked, node 2 leads and listens, and of node 3 nothing is known. */
class AskedLeadersTest {

    private static final MetadataImage IMAGE = new TestImage()
            .nodes(1, 2, 3)
            .topic("orders")
            .partition("orders", 1, List.of(1, 2), List.of(1, 2))
            .partition("orders", 2, List.of(2, 1), List.of(1, 2))
            .partition("orders", 3, List.of(3, 1), List.of(1, 3))
            .get();

    private final EventLoops loops = EventLoops.open("test", 1);

    @SuppressWarnings("NullAway.Init") // before each test
    private PeerListener listener;

    @SuppressWarnings("NullAway.Init") // before each test
    private PeerChannels channels;

    @BeforeEach
    void open() throws Exception {
        listener = PeerListener.start(new InetSocketAddress("127.0.0.1", 0), loops, 1 << 20);
        listener.add(new InspectionGrpcService(new Told(2, 2), () -> NodeDisk.getDefaultInstance(), Runnable::run));
        channels = new PeerChannels(
                new ChannelFactory(loops, ChannelSettings.forMessagesUpTo(1 << 20, "test")),
                Map.of(2, new HostPort("127.0.0.1", listener.port())));
    }

    @AfterEach
    void close() throws Exception {
        channels.close();
        listener.close();
        loops.close();
    }

    @Test
    void shouldTellWhatItLeadsItself() throws Exception {
        assertThat(partition(0).view().orElseThrow().getNodeId()).isEqualTo(1);
    }

    @Test
    void shouldAskTheLeaderOverItsPeerPort() throws Exception {
        PartitionSight sight = partition(1);

        assertThat(sight.view().orElseThrow().getNodeId()).isEqualTo(2);
        assertThat(sight.replicas()).extracting(ReplicaState::getNodeId).containsExactly(2);
        assertThat(quorum(2).getCommitIndex()).isEqualTo(200);
    }

    @Test
    void shouldNameALeaderThatCannotBeAsked() throws Exception {
        PartitionSight sight = partition(2);

        assertThat(sight.view()).isEmpty();
        assertThat(sight.error()).hasValueSatisfying(error -> {
            assertThat(error.getReason()).isEqualTo(ErrorReason.ERROR_REASON_NETWORK_EXCEPTION);
            assertThat(error.getMessage()).contains("node 3");
        });
        DescribeQuorumResponse quorum = quorum(3);
        assertThat(quorum.getCommitIndex()).isEqualTo(100);
        assertThat(quorum.getError().getMessage()).contains("node 3, the leader of the metadata quorum");
    }

    @Test
    void shouldPassOnWhyALeaderTellsNothing() throws Exception {
        UUID other = new UUID(9, 9);
        PartitionImage partition =
                IMAGE.partition(TestImage.topicId("orders"), 1).orElseThrow();

        PartitionSight sight = leaders(2).partition(other, partition).get(10, TimeUnit.SECONDS);

        assertThat(sight.error())
                .hasValueSatisfying(error ->
                        assertThat(error.getReason()).isEqualTo(ErrorReason.ERROR_REASON_NOT_LEADER_OR_FOLLOWER));
    }

    @Test
    void shouldAskAVoterWhenItHasNoVoteItself() throws Exception {
        AskedLeaders observer = new AskedLeaders(1, Set.of(2), new Told(1, 0), channels, Duration.ofSeconds(10));
        assertThat(observer.quorum().get(10, TimeUnit.SECONDS).getCommitIndex()).isEqualTo(200);

        AskedLeaders lonely = new AskedLeaders(1, Set.of(3), new Told(1, 0), channels, Duration.ofSeconds(10));
        assertThat(lonely.quorum().get(10, TimeUnit.SECONDS).getError().getMessage())
                .contains("node 3, a voter of the metadata quorum");
    }

    @Test
    void shouldTellOfAFollowerWhatItsSessionKnows() {
        PartitionSight sight = PartitionSights.of(
                2,
                new PartitionView(
                        new PartitionStatus(
                                PartitionStatus.State.LEADING,
                                "",
                                5,
                                7,
                                new PartitionStatus.Positions(100, 180, 200, 200, 1_000)),
                        200,
                        List.of(1, 2),
                        List.of(1, 2),
                        List.of(
                                follower(1, FollowerView.State.STREAM, PeerStream.DATA, 190, 40),
                                follower(3, FollowerView.State.STREAM, PeerStream.CATCH_UP, 110, 900),
                                follower(4, FollowerView.State.PROBE, PeerStream.DATA, 0, 0)),
                        TimeUnit.MILLISECONDS.toNanos(1_012)),
                List.of(new EpochEntry(5, 120)),
                "ok");

        assertThat(sight.view().orElseThrow().getEpochs(0).getStartOffset()).isEqualTo(120);
        assertThat(sight.replicas())
                .extracting(ReplicaState::getSession)
                .containsExactly(
                        ReplicaSession.REPLICA_SESSION_LEADER,
                        ReplicaSession.REPLICA_SESSION_STREAM,
                        ReplicaSession.REPLICA_SESSION_CATCH_UP,
                        ReplicaSession.REPLICA_SESSION_PROBE);
        ReplicaState near = sight.replicas().get(1);
        assertThat(near.getLagRecords()).isEqualTo(10);
        assertThat(near.getLagBytes()).isEqualTo(100);
        assertThat(near.getLagMs()).isEqualTo(12);
        assertThat(near.getInFlightBytes()).isEqualTo(40);
        assertThat(sight.replicas().get(3).getLogEndOffset()).isEqualTo(-1);
    }

    private static FollowerView follower(
            int node, FollowerView.State state, PeerStream stream, long end, long inFlightBytes) {
        return new FollowerView(
                node,
                1,
                state,
                stream,
                new FollowerView.Match(end, end),
                end,
                inFlightBytes,
                TimeUnit.SECONDS.toNanos(1));
    }

    private PartitionSight partition(int number) throws Exception {
        UUID topic = TestImage.topicId("orders");
        return leaders(2)
                .partition(topic, IMAGE.partition(topic, number).orElseThrow())
                .get(10, TimeUnit.SECONDS);
    }

    private DescribeQuorumResponse quorum(int leader) throws Exception {
        return leaders(leader).quorum().get(10, TimeUnit.SECONDS);
    }

    private AskedLeaders leaders(int quorumLeader) {
        return new AskedLeaders(1, Set.of(1, 2, 3), new Told(1, quorumLeader), channels, Duration.ofSeconds(10));
    }

    /** Tells of the topic, and that its commit index is 100 times its node id. */
    private record Told(int nodeId, int quorumLeader) implements LocalLeaders {

        @Override
        public CompletableFuture<DescribeQuorumResponse> quorum() {
            return CompletableFuture.completedFuture(DescribeQuorumResponse.newBuilder()
                    .setLeader(quorumLeader)
                    .setCommitIndex(100L * nodeId)
                    .addMembers(QuorumMember.newBuilder()
                            .setNodeId(quorumLeader)
                            .setState(
                                    nodeId == quorumLeader
                                            ? QuorumMemberState.QUORUM_MEMBER_STATE_REACHABLE
                                            : QuorumMemberState.QUORUM_MEMBER_STATE_UNSPECIFIED))
                    .build());
        }

        @Override
        public CompletableFuture<PartitionSight> partition(UUID topicId, int partition) {
            return CompletableFuture.completedFuture(
                    topicId.equals(TestImage.topicId("orders"))
                            ? PartitionSight.of(
                                    LeaderView.newBuilder().setNodeId(nodeId).build(),
                                    List.of(ReplicaState.newBuilder()
                                            .setNodeId(nodeId)
                                            .build()))
                            : PartitionSight.missing(
                                    ErrorReasons.error(ErrorReason.ERROR_REASON_NOT_LEADER_OR_FOLLOWER, "not here")));
        }
    }
}
