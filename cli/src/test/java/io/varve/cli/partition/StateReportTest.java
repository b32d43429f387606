// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.proto.v1.DescribePartitionResponse;
import io.varve.proto.v1.EpochStart;
import io.varve.proto.v1.LeaderView;
import io.varve.proto.v1.PartitionListing;
import io.varve.proto.v1.ReplicaSession;
import io.varve.proto.v1.ReplicaState;
import java.util.List;
import org.junit.jupiter.api.Test;

class StateReportTest {
    private static final PartitionListing METADATA = PartitionListing.newBuilder()
            .setTopic("orders")
            .setPartition(1)
            .setLeader(2)
            .setLeaderEpoch(5)
            .addAllReplicas(List.of(2, 3, 1))
            .addAllIsr(List.of(2, 3))
            .setMinInsyncReplicas(2)
            .setStatus("under-replicated")
            .build();

    @Test
    void shouldShowHowFarEachReplicaIs() {
        DescribePartitionResponse state = DescribePartitionResponse.newBuilder()
                .setMetadata(METADATA)
                .setLeaderView(LeaderView.newBuilder()
                        .setHighWatermark(401_102)
                        .setLogEndOffset(401_110)
                        .setFlushedEndOffset(401_110)
                        .setSizeBytes(2048)
                        .setStatus("ok")
                        .addEpochs(EpochStart.newBuilder().setLeaderEpoch(3).setStartOffset(120_001))
                        .addEpochs(EpochStart.newBuilder().setLeaderEpoch(5).setStartOffset(300_412)))
                .addReplicas(ReplicaState.newBuilder()
                        .setNodeId(2)
                        .setInSync(true)
                        .setSession(ReplicaSession.REPLICA_SESSION_LEADER)
                        .setLogEndOffset(401_110)
                        .setFlushedEndOffset(401_110))
                .addReplicas(ReplicaState.newBuilder()
                        .setNodeId(3)
                        .setInSync(true)
                        .setSession(ReplicaSession.REPLICA_SESSION_STREAM)
                        .setLogEndOffset(401_102)
                        .setFlushedEndOffset(401_100)
                        .setLagRecords(8)
                        .setLagBytes(4_198)
                        .setLagMs(12)
                        .setCaughtUpMs(14)
                        .setInFlightBytes(4_198))
                .addReplicas(ReplicaState.newBuilder()
                        .setNodeId(1)
                        .setFenced(true)
                        .setLogEndOffset(-1)
                        .setFlushedEndOffset(-1)
                        .setLagRecords(-1)
                        .setLagBytes(-1)
                        .setLagMs(-1)
                        .setCaughtUpMs(-1))
                .build();

        assertThat(StateReport.render(state)).isEqualTo("""
                orders:1   LEADER 2   EPOCH 5   START 0   HW 401102   LEO 401110   FLUSHED 401110   SIZE 2.0KiB   MIN-ISR 2   STATUS under-replicated
                REPLICA  ROLE      ISR     LEO  FLUSHED  LAG-REC  LAG-BYTES  LAG-TIME  CAUGHT-UP  INFLIGHT  SESSION
                      2  leader    yes  401110   401110        0         0B         -          -         -  -
                      3  follower  yes  401102   401100        8     4.1KiB      12ms   14ms ago    4.1KiB  stream
                      1  follower  no        -        -        -          -         -          -        0B  broker-down
                EPOCH HISTORY  3@120001  5@300412
                """);
    }

    @Test
    void shouldShowWhatTheMetadataSaysWhenTheLeaderTellsNothing() {
        DescribePartitionResponse state = DescribePartitionResponse.newBuilder()
                .setMetadata(METADATA.toBuilder().setLeader(0).setStatus("offline"))
                .build();

        assertThat(StateReport.render(state))
                .startsWith("orders:1   LEADER none   EPOCH 5   MIN-ISR 2   STATUS offline\n");
    }

    @Test
    void shouldListPartitionsWithTheirSets() {
        assertThat(PartitionList.render(List.of(METADATA))).isEqualTo("""
                TOPIC   PARTITION  LEADER  EPOCH  REPLICAS  ISR  ELR  MIN-ISR  STATUS
                orders          1       2      5  2,3,1     2,3  -          2  under-replicated
                """);
    }
}
