// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.topic;

import com.google.protobuf.ByteString;
import io.varve.client.CreateTopicResult;
import io.varve.client.DeleteRecordsResult;
import io.varve.client.DeleteTopicResult;
import io.varve.client.Outcome;
import io.varve.client.PartitionDescription;
import io.varve.client.TopicDescription;
import io.varve.client.TopicListing;
import io.varve.client.VarveException;
import io.varve.proto.v1.ConfigEntry;
import io.varve.proto.v1.CreateTopicsResponse;
import io.varve.proto.v1.DeleteRecordsResponse;
import io.varve.proto.v1.DeleteTopicsResponse;
import io.varve.proto.v1.DescribeTopicsResponse;
import io.varve.proto.v1.Error;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.ListTopicsResponse;
import java.util.Base64;
import java.util.List;

/** The client's values as the answers of the API that they came from, for JSON output. Stateless. */
final class TopicAnswers {
    private TopicAnswers() {}

    static ListTopicsResponse list(List<TopicListing> topics) {
        ListTopicsResponse.Builder answer = ListTopicsResponse.newBuilder();
        topics.forEach(topic -> answer.addTopicsBuilder()
                .setName(topic.name())
                .setTopicId(topic.topicId())
                .setPartitions(topic.partitions())
                .setReplicationFactor(topic.replicationFactor())
                .setDurability(topic.durability()));
        return answer.build();
    }

    static CreateTopicsResponse create(List<CreateTopicResult> results) {
        CreateTopicsResponse.Builder answer = CreateTopicsResponse.newBuilder();
        for (CreateTopicResult result : results) {
            io.varve.proto.v1.CreateTopicResult.Builder item = answer.addResultsBuilder()
                    .setName(result.name())
                    .setTopicId(ByteString.copyFrom(Base64.getUrlDecoder().decode(result.topicId())))
                    .setPartitions(result.partitions())
                    .setReplicationFactor(result.replicationFactor());
            result.error().ifPresent(failure -> item.setError(error(failure)));
        }
        return answer.build();
    }

    static DeleteTopicsResponse delete(List<DeleteTopicResult> results) {
        DeleteTopicsResponse.Builder answer = DeleteTopicsResponse.newBuilder();
        for (DeleteTopicResult result : results) {
            io.varve.proto.v1.DeleteTopicResult.Builder item =
                    answer.addResultsBuilder().setName(result.name());
            result.error().ifPresent(failure -> item.setError(error(failure)));
        }
        return answer.build();
    }

    static DeleteRecordsResponse deleteRecords(List<DeleteRecordsResult> results) {
        DeleteRecordsResponse.Builder answer = DeleteRecordsResponse.newBuilder();
        for (DeleteRecordsResult result : results) {
            io.varve.proto.v1.DeleteRecordsResult.Builder item = answer.addResultsBuilder()
                    .setTopic(result.partition().topic())
                    .setPartition(result.partition().partition())
                    .setLogStartOffset(result.logStartOffset());
            result.error().ifPresent(failure -> item.setError(error(failure)));
        }
        return answer.build();
    }

    static DescribeTopicsResponse describe(List<TopicDescription> topics) {
        DescribeTopicsResponse.Builder answer = DescribeTopicsResponse.newBuilder();
        for (TopicDescription topic : topics) {
            io.varve.proto.v1.TopicDescription.Builder item =
                    answer.addTopicsBuilder().setName(topic.name());
            if (topic.error().isPresent()) {
                item.setError(error(topic.error().get()));
                continue;
            }
            item.setTopicId(topic.topicId())
                    .setReplicationFactor(topic.replicationFactor())
                    .setMinInsyncReplicas(topic.minInsyncReplicas())
                    .setDurability(topic.durability());
            topic.configs()
                    .forEach(config -> item.addConfigs(ConfigEntry.newBuilder()
                            .setName(config.name())
                            .setValue(config.value())
                            .setIsDefault(config.isDefault())));
            topic.partitions().forEach(partition -> item.addPartitions(partition(partition)));
        }
        return answer.build();
    }

    private static io.varve.proto.v1.PartitionDescription partition(PartitionDescription partition) {
        return io.varve.proto.v1.PartitionDescription.newBuilder()
                .setPartition(partition.partition())
                .setLeader(partition.leader())
                .setLeaderEpoch(partition.leaderEpoch())
                .setPartitionEpoch(partition.partitionEpoch())
                .addAllReplicas(partition.replicaSets().replicas())
                .addAllIsr(partition.replicaSets().isr())
                .addAllElr(partition.replicaSets().elr())
                .setLogStartOffset(partition.offsets().logStartOffset())
                .setHighWatermark(partition.offsets().highWatermark())
                .setLogEndOffset(partition.offsets().logEndOffset())
                .setFlushedEndOffset(partition.offsets().flushedEndOffset())
                .setSizeBytes(partition.sizeBytes())
                .setStatus(partition.status())
                .build();
    }

    private static Error error(VarveException failure) {
        return Error.newBuilder()
                .setReason(reason(failure.reason()))
                .setMessage(String.valueOf(failure.getMessage()))
                .setHint(failure.hint().orElse(""))
                .setRetriable(failure.isRetriable())
                .setOutcome(
                        failure.outcome() == Outcome.INDETERMINATE
                                ? io.varve.proto.v1.Outcome.OUTCOME_INDETERMINATE
                                : io.varve.proto.v1.Outcome.OUTCOME_NOT_APPLIED)
                .putAllMetadata(failure.metadata())
                .build();
    }

    /** A newer server may know reasons that this command does not. */
    private static ErrorReason reason(String name) {
        try {
            return ErrorReason.valueOf("ERROR_REASON_" + name);
        } catch (IllegalArgumentException e) {
            return ErrorReason.ERROR_REASON_UNSPECIFIED;
        }
    }
}
