// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal.admin;

import com.google.protobuf.ByteString;
import io.varve.client.ClusterDescription;
import io.varve.client.ConfigEntry;
import io.varve.client.CreateTopicResult;
import io.varve.client.DeleteRecordsResult;
import io.varve.client.DeleteTopicResult;
import io.varve.client.ErrorCode;
import io.varve.client.Node;
import io.varve.client.PartitionDescription;
import io.varve.client.ServerInfo;
import io.varve.client.TopicDescription;
import io.varve.client.TopicListing;
import io.varve.client.TopicPartition;
import io.varve.client.VarveException;
import io.varve.client.internal.Errors;
import io.varve.client.internal.Exceptions;
import io.varve.proto.Uuids;
import io.varve.proto.v1.ClusterMetadata;
import io.varve.proto.v1.Error;
import io.varve.proto.v1.GetServerInfoResponse;
import io.varve.proto.v1.Limits;
import java.util.List;
import java.util.Optional;

/** Messages of the wire as values of the public API. */
final class Answers {
    private Answers() {}

    /** The items of a batch answer, which must be as many as were asked for. */
    static <T> List<T> sized(List<T> items, int expected, String call) {
        if (items.size() != expected) {
            throw Exceptions.of(Errors.local(
                    ErrorCode.INTERNAL,
                    "UNKNOWN_SERVER_ERROR",
                    call + " answered " + items.size() + " items for " + expected,
                    ""));
        }
        return items;
    }

    static CreateTopicResult created(io.varve.proto.v1.CreateTopicResult result) {
        return new CreateTopicResult(
                result.getName(),
                id(result.getTopicId()),
                result.getPartitions(),
                result.getReplicationFactor(),
                error(result.hasError(), result.getError()));
    }

    static DeleteTopicResult deleted(io.varve.proto.v1.DeleteTopicResult result) {
        return new DeleteTopicResult(result.getName(), error(result.hasError(), result.getError()));
    }

    static DeleteRecordsResult trimmed(io.varve.proto.v1.DeleteRecordsResult result) {
        return new DeleteRecordsResult(
                TopicPartition.of(result.getTopic(), result.getPartition()),
                result.getLogStartOffset(),
                error(result.hasError(), result.getError()));
    }

    static TopicListing listing(io.varve.proto.v1.TopicListing topic) {
        return new TopicListing(
                topic.getName(),
                topic.getTopicId(),
                topic.getPartitions(),
                topic.getReplicationFactor(),
                topic.getDurability());
    }

    static TopicDescription description(io.varve.proto.v1.TopicDescription topic) {
        return new TopicDescription(
                topic.getName(),
                topic.getTopicId(),
                topic.getReplicationFactor(),
                topic.getMinInsyncReplicas(),
                topic.getDurability(),
                topic.getConfigsList().stream()
                        .map(c -> new ConfigEntry(c.getName(), c.getValue(), c.getIsDefault()))
                        .toList(),
                topic.getPartitionsList().stream().map(Answers::partition).toList(),
                error(topic.hasError(), topic.getError()));
    }

    private static PartitionDescription partition(io.varve.proto.v1.PartitionDescription p) {
        return new PartitionDescription(
                p.getPartition(),
                p.getLeader(),
                p.getLeaderEpoch(),
                p.getPartitionEpoch(),
                new PartitionDescription.ReplicaSets(p.getReplicasList(), p.getIsrList(), p.getElrList()),
                new PartitionDescription.Offsets(
                        p.getLogStartOffset(), p.getHighWatermark(), p.getLogEndOffset(), p.getFlushedEndOffset()),
                p.getSizeBytes(),
                p.getStatus());
    }

    static ClusterDescription cluster(ClusterMetadata metadata) {
        return new ClusterDescription(
                metadata.getClusterId(),
                metadata.getControllerId(),
                metadata.getMetadataIndex(),
                metadata.getNodesList().stream()
                        .map(n -> new Node(n.getId(), n.getHost(), n.getPort(), n.getRack(), n.getFenced()))
                        .toList());
    }

    static ServerInfo serverInfo(GetServerInfoResponse info) {
        Limits limits = info.getLimits();
        return new ServerInfo(
                info.getVersion(),
                info.getMinProtocolVersion(),
                info.getMaxProtocolVersion(),
                info.getFeatureLevel(),
                info.getFeaturesList(),
                info.getClusterId(),
                info.getNodeId(),
                new ServerInfo.Limits(
                        limits.getMaxBatchBytes(),
                        limits.getMaxInFlightBatches(),
                        limits.getMaxTopicNameLength(),
                        limits.getMaxPartitions()));
    }

    private static Optional<VarveException> error(boolean present, Error error) {
        return present ? Optional.of(Exceptions.of(Errors.of(error))) : Optional.empty();
    }

    private static String id(ByteString bytes) {
        return Uuids.isUuid(bytes) ? Uuids.toText(Uuids.fromBytes(bytes)) : "";
    }
}
