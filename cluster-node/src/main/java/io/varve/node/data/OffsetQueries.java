// SPDX-License-Identifier: Apache-2.0
package io.varve.node.data;

import io.varve.proto.v1.Error;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.ListOffsetsRequest;
import io.varve.proto.v1.ListOffsetsResponse;
import io.varve.proto.v1.OffsetQuery;
import io.varve.proto.v1.OffsetResult;
import io.varve.replication.OffsetAnswer;
import io.varve.replication.Partition;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** Answers questions for offsets, each on its own. *Thread-safe.* */
final class OffsetQueries {
    private final PartitionLookup lookup;

    OffsetQueries(PartitionLookup lookup) {
        this.lookup = lookup;
    }

    CompletableFuture<ListOffsetsResponse> answer(ListOffsetsRequest request) {
        List<CompletableFuture<OffsetResult>> results =
                request.getQueriesList().stream().map(this::answer).toList();
        return CompletableFuture.allOf(results.toArray(CompletableFuture[]::new))
                .thenApply(done -> {
                    ListOffsetsResponse.Builder response = ListOffsetsResponse.newBuilder();
                    results.forEach(result -> response.addResults(result.join()));
                    return response.build();
                });
    }

    private CompletableFuture<OffsetResult> answer(OffsetQuery query) {
        OffsetResult.Builder result =
                OffsetResult.newBuilder().setTopic(query.getTopic()).setPartition(query.getPartition());
        PartitionLookup.Topic topic = lookup.topic(query.getTopic());
        if (topic == null) {
            return failed(result, lookup.whyNoTopic(query.getTopic()));
        }
        Partition partition = lookup.find(topic.id(), query.getPartition());
        if (partition == null) {
            return failed(result, lookup.whyMissing(topic.id(), query.getPartition()));
        }
        return switch (query.getPositionCase()) {
            case BEGINNING -> finish(result, topic.id(), partition.beginning());
            case END -> finish(result, topic.id(), partition.end());
            case TIMESTAMP_MS -> finish(result, topic.id(), partition.at(query.getTimestampMs()));
            case POSITION_NOT_SET ->
                failed(
                        result,
                        StatusMapper.refused(
                                ErrorReason.ERROR_REASON_INVALID_REQUEST,
                                "partition " + partition.name() + ": a query without beginning, end or timestamp_ms"));
        };
    }

    private static CompletableFuture<OffsetResult> failed(OffsetResult.Builder result, Error error) {
        return CompletableFuture.completedFuture(result.setError(error).build());
    }

    private CompletableFuture<OffsetResult> finish(
            OffsetResult.Builder result, UUID topicId, CompletableFuture<OffsetAnswer> answer) {
        return answer.thenApply(known -> {
            if (known instanceof OffsetAnswer.Found found) {
                return result.setOffset(found.offset())
                        .setTimestampMs(found.timestampMillis())
                        .setLeaderEpoch(found.leaderEpoch())
                        .build();
            }
            Error why = StatusMapper.of((OffsetAnswer.Refused) known);
            return result.setError(StatusMapper.withLeader(why, lookup, topicId, result.getPartition()))
                    .build();
        });
    }
}
