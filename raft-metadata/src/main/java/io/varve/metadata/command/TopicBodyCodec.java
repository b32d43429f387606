// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.command;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.varve.metadata.command.CommandBody.AlterConfigs;
import io.varve.metadata.command.CommandBody.CreatePartitions;
import io.varve.metadata.command.CommandBody.CreateTopics;
import io.varve.metadata.command.CommandBody.DeleteTopics;
import io.varve.metadata.command.CommandBody.Placement;
import io.varve.metadata.command.CommandBody.TopicToCreate;
import io.varve.metadata.command.CommandBody.TopicToDelete;
import io.varve.metadata.image.RecordCodec;
import io.varve.proto.Uuids;
import io.varve.proto.metadata.v1.ReplicaAssignment;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** The payloads of commands about topics. */
final class TopicBodyCodec {

    private TopicBodyCodec() {}

    static MessageLite encode(CommandBody body) {
        if (body instanceof CreateTopics c) {
            return io.varve.proto.metadata.v1.CreateTopics.newBuilder()
                    .addAllTopics(c.topics().stream().map(TopicBodyCodec::topic).toList())
                    .build();
        } else if (body instanceof DeleteTopics c) {
            var out = io.varve.proto.metadata.v1.DeleteTopics.newBuilder();
            c.topics()
                    .forEach(t -> out.addTopics(io.varve.proto.metadata.v1.TopicToDelete.newBuilder()
                            .setTopicId(Uuids.toBytes(t.topicId()))
                            .setName(t.name())));
            return out.build();
        } else if (body instanceof CreatePartitions c) {
            return io.varve.proto.metadata.v1.CreatePartitions.newBuilder()
                    .setTopicId(Uuids.toBytes(c.topicId()))
                    .setTotalPartitions(c.totalPartitions())
                    .setPlacementSeed(c.placement().seed())
                    .addAllAssignments(assignments(c.placement()))
                    .build();
        } else if (body instanceof AlterConfigs c) {
            var out = io.varve.proto.metadata.v1.AlterConfigs.newBuilder().setTopicId(Uuids.toBytes(c.topicId()));
            c.changes().forEach((name, value) -> {
                var change =
                        io.varve.proto.metadata.v1.ConfigChange.newBuilder().setName(name);
                value.ifPresent(change::setValue);
                out.addChanges(change);
            });
            return out.build();
        }
        throw new IllegalStateException("unknown command " + body);
    }

    static CreateTopics createTopics(ByteString payload) throws InvalidProtocolBufferException {
        return new CreateTopics(io.varve.proto.metadata.v1.CreateTopics.parseFrom(payload).getTopicsList().stream()
                .map(TopicBodyCodec::topic)
                .toList());
    }

    static DeleteTopics deleteTopics(ByteString payload) throws InvalidProtocolBufferException {
        return new DeleteTopics(io.varve.proto.metadata.v1.DeleteTopics.parseFrom(payload).getTopicsList().stream()
                .map(t -> new TopicToDelete(Uuids.fromBytes(t.getTopicId()), t.getName()))
                .toList());
    }

    static CreatePartitions createPartitions(ByteString payload) throws InvalidProtocolBufferException {
        var in = io.varve.proto.metadata.v1.CreatePartitions.parseFrom(payload);
        return new CreatePartitions(
                Uuids.fromBytes(in.getTopicId()),
                in.getTotalPartitions(),
                new Placement(in.getPlacementSeed(), assignments(in.getAssignmentsList())));
    }

    static AlterConfigs alterConfigs(ByteString payload) throws InvalidProtocolBufferException {
        var in = io.varve.proto.metadata.v1.AlterConfigs.parseFrom(payload);
        var changes = new TreeMap<String, Optional<String>>();
        for (var c : in.getChangesList()) {
            if (changes.put(c.getName(), c.hasValue() ? Optional.of(c.getValue()) : Optional.empty()) != null) {
                throw new IllegalArgumentException("config " + c.getName() + " twice");
            }
        }
        return new AlterConfigs(Uuids.fromBytes(in.getTopicId()), changes);
    }

    private static io.varve.proto.metadata.v1.TopicToCreate topic(TopicToCreate t) {
        return io.varve.proto.metadata.v1.TopicToCreate.newBuilder()
                .setName(t.name())
                .setTopicId(Uuids.toBytes(t.topicId()))
                .setPartitions(t.partitions())
                .setReplicationFactor(t.replicationFactor())
                .addAllConfigs(RecordCodec.configs(t.configs()))
                .setPlacementSeed(t.placement().seed())
                .addAllAssignments(assignments(t.placement()))
                .setInternal(t.internal())
                .build();
    }

    private static TopicToCreate topic(io.varve.proto.metadata.v1.TopicToCreate t) {
        return new TopicToCreate(
                t.getName(),
                Uuids.fromBytes(t.getTopicId()),
                t.getPartitions(),
                t.getReplicationFactor(),
                RecordCodec.configs(t.getConfigsList()),
                new Placement(t.getPlacementSeed(), assignments(t.getAssignmentsList())),
                t.getInternal());
    }

    private static List<ReplicaAssignment> assignments(Placement placement) {
        return placement.assignments().stream()
                .map(replicas ->
                        ReplicaAssignment.newBuilder().addAllReplicas(replicas).build())
                .toList();
    }

    private static List<List<Integer>> assignments(List<ReplicaAssignment> assignments) {
        return assignments.stream().map(ReplicaAssignment::getReplicasList).toList();
    }
}
