// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.image;

import io.varve.metadata.image.CommandResult.BrokerRegistered;
import io.varve.metadata.image.CommandResult.Done;
import io.varve.metadata.image.CommandResult.PartitionResult;
import io.varve.metadata.image.CommandResult.Partitions;
import io.varve.metadata.image.CommandResult.ProducerIds;
import io.varve.metadata.image.CommandResult.Rejected;
import io.varve.metadata.image.CommandResult.TopicResult;
import io.varve.metadata.image.CommandResult.Topics;
import io.varve.proto.Uuids;
import io.varve.proto.metadata.v1.BrokerReply;
import io.varve.proto.metadata.v1.CommandReply;
import io.varve.proto.metadata.v1.DoneReply;
import io.varve.proto.metadata.v1.Failure;
import io.varve.proto.metadata.v1.PartitionReply;
import io.varve.proto.metadata.v1.PartitionsReply;
import io.varve.proto.metadata.v1.ProducerIdsReply;
import io.varve.proto.metadata.v1.TopicReply;
import io.varve.proto.metadata.v1.TopicsReply;
import java.util.Optional;

/** Results of commands to messages and back. */
public final class ResultCodec {

    private ResultCodec() {}

    public static CommandReply encode(CommandResult result) {
        var reply = CommandReply.newBuilder();
        if (result instanceof Rejected r) {
            reply.setFailure(failure(r.error()));
        } else if (result instanceof Done) {
            reply.setDone(DoneReply.getDefaultInstance());
        } else if (result instanceof BrokerRegistered b) {
            reply.setBroker(BrokerReply.newBuilder().setBrokerEpoch(b.brokerEpoch()));
        } else if (result instanceof Topics t) {
            var topics = TopicsReply.newBuilder();
            t.topics().forEach(one -> topics.addTopics(topic(one)));
            reply.setTopics(topics);
        } else if (result instanceof Partitions p) {
            var partitions = PartitionsReply.newBuilder();
            p.partitions().forEach(one -> partitions.addPartitions(partition(one)));
            reply.setPartitions(partitions);
        } else if (result instanceof ProducerIds p) {
            reply.setProducerIds(
                    ProducerIdsReply.newBuilder().setFirst(p.first()).setCount(p.count()));
        } else {
            throw new IllegalStateException("unknown result " + result);
        }
        return reply.build();
    }

    /** @throws IllegalArgumentException if it is none that this software knows */
    public static CommandResult decode(CommandReply reply) {
        return switch (reply.getResultCase()) {
            case FAILURE -> new Rejected(error(reply.getFailure()));
            case DONE -> new Done();
            case BROKER -> new BrokerRegistered(reply.getBroker().getBrokerEpoch());
            case TOPICS ->
                new Topics(reply.getTopics().getTopicsList().stream()
                        .map(ResultCodec::topic)
                        .toList());
            case PARTITIONS ->
                new Partitions(reply.getPartitions().getPartitionsList().stream()
                        .map(ResultCodec::partition)
                        .toList());
            case PRODUCER_IDS ->
                new ProducerIds(
                        reply.getProducerIds().getFirst(),
                        reply.getProducerIds().getCount());
            case RESULT_NOT_SET -> throw new IllegalArgumentException("a reply of an unknown kind");
        };
    }

    private static TopicReply topic(TopicResult t) {
        var reply = TopicReply.newBuilder()
                .setName(t.name())
                .setTopicId(Uuids.toBytes(t.topicId()))
                .setPartitions(t.partitions())
                .setReplicationFactor(t.replicationFactor());
        t.error().ifPresent(e -> reply.setFailure(failure(e)));
        return reply.build();
    }

    private static TopicResult topic(TopicReply t) {
        return new TopicResult(
                t.getName(),
                Uuids.fromBytes(t.getTopicId()),
                t.getPartitions(),
                t.getReplicationFactor(),
                t.hasFailure() ? Optional.of(error(t.getFailure())) : Optional.empty());
    }

    private static PartitionReply partition(PartitionResult p) {
        var reply = PartitionReply.newBuilder()
                .setTopicId(Uuids.toBytes(p.topicId()))
                .setPartition(p.partition());
        p.state().ifPresent(s -> reply.setState(RecordCodec.partition(p.topicId(), s)));
        p.error().ifPresent(e -> reply.setFailure(failure(e)));
        return reply.build();
    }

    private static PartitionResult partition(PartitionReply p) {
        return new PartitionResult(
                Uuids.fromBytes(p.getTopicId()),
                p.getPartition(),
                p.hasState() ? Optional.of(RecordCodec.partition(p.getState())) : Optional.empty(),
                p.hasFailure() ? Optional.of(error(p.getFailure())) : Optional.empty());
    }

    private static Failure failure(MetadataError e) {
        return Failure.newBuilder()
                .setReason(e.reason())
                .setMessage(e.message())
                .setHint(e.hint())
                .build();
    }

    private static MetadataError error(Failure f) {
        return new MetadataError(f.getReason(), f.getMessage(), f.getHint());
    }
}
