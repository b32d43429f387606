// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.metadata.Controller;
import io.varve.metadata.command.CommandBody.ElectLeaders;
import io.varve.metadata.image.CommandResult.PartitionResult;
import io.varve.metadata.image.MetadataError;
import io.varve.metadata.image.MetadataImage;
import io.varve.node.api.LeaderViews.PartitionSight;
import io.varve.proto.v1.DescribePartitionResponse;
import io.varve.proto.v1.DescribeQuorumResponse;
import io.varve.proto.v1.ElectLeadersRequest;
import io.varve.proto.v1.ElectLeadersResponse;
import io.varve.proto.v1.ElectionType;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.LeaderView;
import io.varve.proto.v1.PartitionElection;
import io.varve.proto.v1.ReplicaState;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Elections, and one partition described. */
class ElectionsTest {

    private static final List<Integer> ALL = List.of(1, 2, 3);

    private final MetadataImage image = new TestImage()
            .nodes(1, 2)
            .node(3, true)
            .topic("orders")
            .partition("orders", 1, ALL, List.of(1, 2))
            .partition("orders", 2, ALL, List.of(1, 2))
            .partition("orders", 2, List.of(3, 2, 1), List.of(1, 2))
            .partition("orders", 0, ALL, List.of())
            .get();
    private final List<ElectLeaders> asked = new ArrayList<>();
    private Optional<MetadataError> refusal = Optional.empty();

    @Test
    void shouldElectThePreferredLeadersThatCanBe() {
        ElectLeadersResponse answer = elect(ElectLeadersRequest.newBuilder()
                .setType(ElectionType.ELECTION_TYPE_PREFERRED)
                .build());

        assertThat(asked)
                .singleElement()
                .satisfies(election -> assertThat(election.partitions())
                        .extracting(one -> one.partition())
                        .containsExactly(1));
        assertThat(answer.getResultsList()).singleElement().satisfies(result -> {
            assertThat(result.getPartition()).isEqualTo(1);
            assertThat(result.getLeader()).isEqualTo(2);
        });
    }

    @Test
    void shouldAskNobodyWhenNothingIsToBeDone() {
        MetadataImage settled = new TestImage().nodes(1).get();

        var answer = new Elections(controller())
                .elect(
                        settled,
                        ElectLeadersRequest.newBuilder()
                                .setType(ElectionType.ELECTION_TYPE_PREFERRED)
                                .build())
                .join();

        assertThat(answer.getResultsList()).isEmpty();
        assertThat(asked).isEmpty();
    }

    @Test
    void shouldTransferUnderTheTargetsEpochAndTellItemsApart() {
        refusal = Optional.of(MetadataError.of(ErrorReason.ERROR_REASON_ELIGIBLE_LEADERS_NOT_AVAILABLE, "not in sync"));

        ElectLeadersResponse answer = elect(ElectLeadersRequest.newBuilder()
                .setType(ElectionType.ELECTION_TYPE_TRANSFER)
                .addPartitions(to("nobody", 0, 2))
                .addPartitions(to("orders", 0, 2))
                .addPartitions(to("orders", 9, 2))
                .addPartitions(to("orders", 0, 9))
                .build());

        assertThat(asked)
                .singleElement()
                .satisfies(election -> assertThat(election.partitions()
                                .get(0)
                                .target()
                                .orElseThrow()
                                .brokerEpoch())
                        .isEqualTo(102));
        assertThat(answer.getResultsList())
                .extracting(result -> result.getError().getReason())
                .containsExactly(
                        ErrorReason.ERROR_REASON_UNKNOWN_TOPIC_OR_PARTITION,
                        ErrorReason.ERROR_REASON_ELIGIBLE_LEADERS_NOT_AVAILABLE,
                        ErrorReason.ERROR_REASON_UNKNOWN_TOPIC_OR_PARTITION,
                        ErrorReason.ERROR_REASON_BROKER_ID_NOT_REGISTERED);
    }

    @Test
    void shouldRefuseAnElectionOfNoKind() {
        assertThatThrownBy(() -> elect(ElectLeadersRequest.getDefaultInstance()))
                .hasMessageContaining("type");
        assertThatThrownBy(() -> elect(ElectLeadersRequest.newBuilder()
                        .setType(ElectionType.ELECTION_TYPE_TRANSFER)
                        .build()))
                .hasMessageContaining("must name its partitions");
    }

    @Test
    void shouldJoinWhatTheLeaderKnowsWithWhatTheMetadataSays() {
        DescribePartitionResponse answer = describe(0);

        assertThat(answer.getMetadata().getStatus()).isEqualTo("under-replicated");
        assertThat(answer.getLeaderView().getHighWatermark()).isEqualTo(90);
        assertThat(answer.hasError()).isFalse();
        assertThat(answer.getReplicasList()).extracting(ReplicaState::getNodeId).containsExactly(1, 2, 3);
        assertThat(answer.getReplicas(1).getLagRecords()).isEqualTo(10);
        assertThat(answer.getReplicas(1).getInSync()).isTrue();
        assertThat(answer.getReplicas(2).getFenced()).isTrue();
        assertThat(answer.getReplicas(2).getLagRecords()).isEqualTo(-1);
    }

    @Test
    void shouldTellOfAPartitionThatNobodyLeadsOrThatIsNotThere() {
        assertThat(describe(3).getError().getReason()).isEqualTo(ErrorReason.ERROR_REASON_LEADER_NOT_AVAILABLE);
        assertThat(describe(3).getReplicasList()).hasSize(3);
        assertThat(describe(7).getError().getMessage()).contains("0 to 3, not 7");
        assertThat(describe(7).hasMetadata()).isFalse();
    }

    private DescribePartitionResponse describe(int partition) {
        return new PartitionDescriptions(new Sights())
                .describe(image, "orders", partition)
                .join();
    }

    private ElectLeadersResponse elect(ElectLeadersRequest request) {
        return new Elections(controller()).elect(image, request).join();
    }

    /** Elects node 2, or refuses. */
    private Controller controller() {
        return (Controller) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Controller.class}, (proxy, method, arguments) -> {
                    assertThat(method.getName()).isEqualTo("electLeaders");
                    ElectLeaders election = (ElectLeaders) arguments[0];
                    asked.add(election);
                    return CompletableFuture.completedFuture(election.partitions().stream()
                            .map(one -> new PartitionResult(
                                    one.topicId(),
                                    one.partition(),
                                    image.partition(one.topicId(), one.partition()),
                                    refusal))
                            .toList());
                });
    }

    private static PartitionElection to(String topic, int partition, int target) {
        return PartitionElection.newBuilder()
                .setTopic(topic)
                .setPartition(partition)
                .setTarget(target)
                .build();
    }

    /** Leader 1 is at 100, follower 2 at 90. */
    private static final class Sights implements LeaderViews {

        @Override
        public Set<Integer> voters() {
            return Set.of();
        }

        @Override
        public CompletableFuture<DescribeQuorumResponse> quorum() {
            return CompletableFuture.completedFuture(DescribeQuorumResponse.getDefaultInstance());
        }

        @Override
        public CompletableFuture<PartitionSight> partition(
                UUID topicId, io.varve.metadata.image.PartitionImage partition) {
            return CompletableFuture.completedFuture(PartitionSight.of(
                    LeaderView.newBuilder().setNodeId(1).setHighWatermark(90).build(),
                    List.of(
                            ReplicaState.newBuilder()
                                    .setNodeId(2)
                                    .setLagRecords(10)
                                    .build(),
                            ReplicaState.newBuilder().setNodeId(1).build())));
        }
    }
}
