// SPDX-License-Identifier: Apache-2.0
package io.varve.node.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.proto.v1.AppendRequest;
import io.varve.proto.v1.DeleteRecordsRequest;
import io.varve.proto.v1.DeleteRecordsResult;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.NewRecord;
import io.varve.proto.v1.RecordServiceGrpc;
import io.varve.proto.v1.RecordsToDelete;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RecordDeletionsTest {
    @TempDir
    Path path;

    @Test
    void shouldDeleteWhatIsBeforeTheOffsetAndNothingThatIsNotCommitted() {
        try (DataServer server = new DataServer(path)) {
            append(server, 0, 5);
            append(server, 1, 5);
            List<DeleteRecordsResult> results = delete(server, true, one("orders", 0, 3), one("orders", 1, -1));
            assertThat(results)
                    .extracting(DeleteRecordsResult::getLogStartOffset)
                    .containsExactly(3L, 5L);
            assertThat(delete(server, true, one("orders", 0, 2)).get(0).getLogStartOffset())
                    .as("it is gone already")
                    .isEqualTo(3);
            assertThat(delete(server, true, one("orders", 0, 99)).get(0).getLogStartOffset())
                    .as("what is not there yet stays")
                    .isEqualTo(5);
            assertThat(server.partition(0).beginning().join().toString()).contains("5");
        }
    }

    @Test
    void shouldPassOnWhatAnotherNodeLeadsUnlessToldNotTo() {
        try (DataServer server = new DataServer(path)) {
            append(server, 0, 5);
            server.leads = 2;
            assertThat(delete(server, true, one("orders", 0, 2), one("nowhere", 0, 2)))
                    .extracting(DeleteRecordsResult::getLogStartOffset)
                    .containsExactly(2L, -1L);
            server.leaderReached = false;
            assertThat(delete(server, true, one("orders", 0, 3))
                            .get(0)
                            .getError()
                            .getReason())
                    .isEqualTo(ErrorReason.ERROR_REASON_NETWORK_EXCEPTION);
            assertThat(delete(server, false, one("orders", 0, 3)).get(0).getLogStartOffset())
                    .isEqualTo(3);
        }
    }

    @Test
    void shouldTellOfEachPartitionWhyNot() {
        try (DataServer server = new DataServer(path)) {
            assertThat(delete(server, true, one("orders", 9, 1), one("nowhere", 0, 1), one("orders", 0, -2)))
                    .extracting(result -> result.getError().getReason())
                    .containsExactly(
                            ErrorReason.ERROR_REASON_UNKNOWN_TOPIC_OR_PARTITION,
                            ErrorReason.ERROR_REASON_UNKNOWN_TOPIC_OR_PARTITION,
                            ErrorReason.ERROR_REASON_INVALID_REQUEST);
        }
    }

    private static List<DeleteRecordsResult> delete(DataServer server, boolean forward, RecordsToDelete... which) {
        return server.deletions()
                .delete(
                        DeleteRecordsRequest.newBuilder()
                                .addAllPartitions(List.of(which))
                                .setAllowForward(forward)
                                .build(),
                        null)
                .join()
                .getResultsList();
    }

    private static RecordsToDelete one(String topic, int partition, long before) {
        return RecordsToDelete.newBuilder()
                .setTopic(topic)
                .setPartition(partition)
                .setBeforeOffset(before)
                .build();
    }

    private static void append(DataServer server, int partition, int records) {
        for (int i = 0; i < records; i++) {
            RecordServiceGrpc.newBlockingStub(server.channel)
                    .append(AppendRequest.newBuilder()
                            .setTopic(DataServer.NAME)
                            .setPartition(partition)
                            .addRecords(NewRecord.newBuilder().setValueText("v"))
                            .build());
        }
    }
}
