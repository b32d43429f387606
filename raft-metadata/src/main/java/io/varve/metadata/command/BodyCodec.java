// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.command;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.varve.metadata.command.CommandBody.ActivateController;
import io.varve.metadata.command.CommandBody.AllocateProducerIds;
import io.varve.metadata.command.CommandBody.AlterConfigs;
import io.varve.metadata.command.CommandBody.AlterPartition;
import io.varve.metadata.command.CommandBody.BeginShutdown;
import io.varve.metadata.command.CommandBody.CreatePartitions;
import io.varve.metadata.command.CommandBody.CreateTopics;
import io.varve.metadata.command.CommandBody.DeleteTopics;
import io.varve.metadata.command.CommandBody.ElectLeaders;
import io.varve.metadata.command.CommandBody.FenceBrokers;
import io.varve.metadata.command.CommandBody.NoOp;
import io.varve.metadata.command.CommandBody.RegisterBroker;
import io.varve.metadata.command.CommandBody.ReportDamage;
import io.varve.metadata.command.CommandBody.ReportFreshStart;
import io.varve.metadata.command.CommandBody.ResignLeadership;
import io.varve.metadata.command.CommandBody.TakeDirectoryOffline;
import io.varve.metadata.command.CommandBody.UnfenceBroker;
import io.varve.metadata.image.RecordCodec;
import io.varve.proto.Uuids;
import io.varve.proto.metadata.v1.CommandType;

/** The payload of each type of command. Those about nodes are here, those about topics in {@link TopicBodyCodec} and
 * {@link PartitionBodyCodec}. */
final class BodyCodec {

    static final CommandType HIGHEST_TYPE = CommandType.COMMAND_TYPE_REPORT_FRESH_START;

    private BodyCodec() {}

    static CommandType type(CommandBody body) {
        if (body instanceof ActivateController) {
            return CommandType.COMMAND_TYPE_ACTIVATE_CONTROLLER;
        } else if (body instanceof RegisterBroker) {
            return CommandType.COMMAND_TYPE_REGISTER_BROKER;
        } else if (body instanceof FenceBrokers) {
            return CommandType.COMMAND_TYPE_FENCE_BROKERS;
        } else if (body instanceof UnfenceBroker) {
            return CommandType.COMMAND_TYPE_UNFENCE_BROKER;
        } else if (body instanceof CreateTopics) {
            return CommandType.COMMAND_TYPE_CREATE_TOPICS;
        } else if (body instanceof DeleteTopics) {
            return CommandType.COMMAND_TYPE_DELETE_TOPICS;
        } else if (body instanceof CreatePartitions) {
            return CommandType.COMMAND_TYPE_CREATE_PARTITIONS;
        } else if (body instanceof AlterPartition) {
            return CommandType.COMMAND_TYPE_ALTER_PARTITION;
        } else if (body instanceof ElectLeaders) {
            return CommandType.COMMAND_TYPE_ELECT_LEADERS;
        } else if (body instanceof ResignLeadership) {
            return CommandType.COMMAND_TYPE_RESIGN_LEADERSHIP;
        } else if (body instanceof AlterConfigs) {
            return CommandType.COMMAND_TYPE_ALTER_CONFIGS;
        } else if (body instanceof AllocateProducerIds) {
            return CommandType.COMMAND_TYPE_ALLOCATE_PRODUCER_IDS;
        } else if (body instanceof NoOp) {
            return CommandType.COMMAND_TYPE_NO_OP;
        } else if (body instanceof BeginShutdown) {
            return CommandType.COMMAND_TYPE_BEGIN_SHUTDOWN;
        } else if (body instanceof TakeDirectoryOffline) {
            return CommandType.COMMAND_TYPE_TAKE_DIRECTORY_OFFLINE;
        } else if (body instanceof ReportDamage) {
            return CommandType.COMMAND_TYPE_REPORT_DAMAGE;
        } else if (body instanceof ReportFreshStart) {
            return CommandType.COMMAND_TYPE_REPORT_FRESH_START;
        }
        throw new IllegalStateException("unknown command " + body);
    }

    static MessageLite encode(CommandBody body) {
        if (body instanceof ActivateController c) {
            return io.varve.proto.metadata.v1.ActivateController.newBuilder()
                    .setNodeId(c.nodeId())
                    .setIncarnation(Uuids.toBytes(c.incarnation()))
                    .build();
        } else if (body instanceof RegisterBroker c) {
            return RegistrationCodec.encode(c);
        } else if (body instanceof FenceBrokers c) {
            return io.varve.proto.metadata.v1.FenceBrokers.newBuilder()
                    .addAllBrokers(c.brokers().stream().map(BodyCodec::ref).toList())
                    .setReason(c.reason())
                    .build();
        } else if (body instanceof UnfenceBroker c) {
            return io.varve.proto.metadata.v1.UnfenceBroker.newBuilder()
                    .setBroker(ref(c.broker()))
                    .build();
        } else if (body instanceof AllocateProducerIds c) {
            return io.varve.proto.metadata.v1.AllocateProducerIds.newBuilder()
                    .setBroker(ref(c.broker()))
                    .build();
        } else if (body instanceof NoOp c) {
            return io.varve.proto.metadata.v1.NoOp.newBuilder()
                    .setImageCrc(c.imageCrc())
                    .setImageIndex(c.imageIndex())
                    .build();
        } else if (body instanceof BeginShutdown c) {
            return io.varve.proto.metadata.v1.BeginShutdown.newBuilder()
                    .setBroker(ref(c.broker()))
                    .build();
        } else if (body instanceof TakeDirectoryOffline c) {
            return io.varve.proto.metadata.v1.TakeDirectoryOffline.newBuilder()
                    .setBroker(ref(c.broker()))
                    .setReason(c.reason())
                    .build();
        } else if (body instanceof ReportDamage c) {
            return io.varve.proto.metadata.v1.ReportDamage.newBuilder()
                    .setBroker(ref(c.broker()))
                    .addAllReplicas(
                            c.replicas().stream().map(RecordCodec::replica).toList())
                    .setReason(c.reason())
                    .build();
        } else if (body instanceof ReportFreshStart c) {
            return io.varve.proto.metadata.v1.ReportFreshStart.newBuilder()
                    .setBroker(ref(c.broker()))
                    .addAllReplicas(
                            c.replicas().stream().map(RecordCodec::replica).toList())
                    .build();
        } else if (body instanceof AlterPartition c) {
            return PartitionBodyCodec.encode(c);
        } else if (body instanceof ElectLeaders c) {
            return PartitionBodyCodec.encode(c);
        } else if (body instanceof ResignLeadership c) {
            return PartitionBodyCodec.encode(c);
        }
        return TopicBodyCodec.encode(body);
    }

    static CommandBody decode(CommandType type, ByteString payload) throws InvalidProtocolBufferException {
        return switch (type) {
            case COMMAND_TYPE_ACTIVATE_CONTROLLER -> {
                var in = io.varve.proto.metadata.v1.ActivateController.parseFrom(payload);
                yield new ActivateController(in.getNodeId(), Uuids.fromBytes(in.getIncarnation()));
            }
            case COMMAND_TYPE_REGISTER_BROKER -> RegistrationCodec.decode(payload);
            case COMMAND_TYPE_FENCE_BROKERS -> {
                var in = io.varve.proto.metadata.v1.FenceBrokers.parseFrom(payload);
                yield new FenceBrokers(
                        in.getBrokersList().stream().map(BodyCodec::ref).toList(), in.getReason());
            }
            case COMMAND_TYPE_UNFENCE_BROKER ->
                new UnfenceBroker(ref(io.varve.proto.metadata.v1.UnfenceBroker.parseFrom(payload)
                        .getBroker()));
            case COMMAND_TYPE_BEGIN_SHUTDOWN ->
                new BeginShutdown(ref(io.varve.proto.metadata.v1.BeginShutdown.parseFrom(payload)
                        .getBroker()));
            case COMMAND_TYPE_TAKE_DIRECTORY_OFFLINE -> {
                var in = io.varve.proto.metadata.v1.TakeDirectoryOffline.parseFrom(payload);
                yield new TakeDirectoryOffline(ref(in.getBroker()), in.getReason());
            }
            case COMMAND_TYPE_REPORT_DAMAGE -> {
                var in = io.varve.proto.metadata.v1.ReportDamage.parseFrom(payload);
                yield new ReportDamage(ref(in.getBroker()), RecordCodec.replicas(in.getReplicasList()), in.getReason());
            }
            case COMMAND_TYPE_REPORT_FRESH_START -> {
                var in = io.varve.proto.metadata.v1.ReportFreshStart.parseFrom(payload);
                yield new ReportFreshStart(ref(in.getBroker()), RecordCodec.replicas(in.getReplicasList()));
            }
            case COMMAND_TYPE_ALLOCATE_PRODUCER_IDS ->
                new AllocateProducerIds(ref(io.varve.proto.metadata.v1.AllocateProducerIds.parseFrom(payload)
                        .getBroker()));
            case COMMAND_TYPE_NO_OP -> {
                var in = io.varve.proto.metadata.v1.NoOp.parseFrom(payload);
                yield new NoOp(in.getImageCrc(), in.getImageIndex());
            }
            case COMMAND_TYPE_CREATE_TOPICS -> TopicBodyCodec.createTopics(payload);
            case COMMAND_TYPE_DELETE_TOPICS -> TopicBodyCodec.deleteTopics(payload);
            case COMMAND_TYPE_CREATE_PARTITIONS -> TopicBodyCodec.createPartitions(payload);
            case COMMAND_TYPE_ALTER_CONFIGS -> TopicBodyCodec.alterConfigs(payload);
            case COMMAND_TYPE_ALTER_PARTITION -> PartitionBodyCodec.alterPartition(payload);
            case COMMAND_TYPE_ELECT_LEADERS -> PartitionBodyCodec.electLeaders(payload);
            case COMMAND_TYPE_RESIGN_LEADERSHIP -> PartitionBodyCodec.resignLeadership(payload);
            case COMMAND_TYPE_UNSPECIFIED, UNRECOGNIZED -> throw new IllegalArgumentException("unknown type " + type);
        };
    }

    static io.varve.proto.metadata.v1.BrokerRef ref(BrokerRef b) {
        return io.varve.proto.metadata.v1.BrokerRef.newBuilder()
                .setNodeId(b.nodeId())
                .setBrokerEpoch(b.brokerEpoch())
                .build();
    }

    static BrokerRef ref(io.varve.proto.metadata.v1.BrokerRef b) {
        return new BrokerRef(b.getNodeId(), b.getBrokerEpoch());
    }

    /** The payload of a registration, which has the most fields. */
    private static final class RegistrationCodec {

        static MessageLite encode(RegisterBroker c) {
            return io.varve.proto.metadata.v1.RegisterBroker.newBuilder()
                    .setNodeId(c.nodeId())
                    .setDirectoryId(Uuids.toBytes(c.identity().directoryId()))
                    .setIncarnation(Uuids.toBytes(c.identity().incarnation()))
                    .addAllEndpoints(
                            c.endpoints().stream().map(RecordCodec::endpoint).toList())
                    .setRack(c.rack())
                    .setMinFeatureLevel(c.features().min())
                    .setMaxFeatureLevel(c.features().max())
                    .setPreviousBrokerEpoch(c.previousBrokerEpoch())
                    .setClean(c.clean())
                    .addAllDamaged(
                            c.damaged().stream().map(RecordCodec::replica).toList())
                    .build();
        }

        static RegisterBroker decode(ByteString payload) throws InvalidProtocolBufferException {
            var in = io.varve.proto.metadata.v1.RegisterBroker.parseFrom(payload);
            return new RegisterBroker(
                    in.getNodeId(),
                    new io.varve.metadata.image.BrokerImage.Identity(
                            Uuids.fromBytes(in.getDirectoryId()), Uuids.fromBytes(in.getIncarnation())),
                    in.getEndpointsList().stream().map(RecordCodec::endpoint).toList(),
                    in.getRack(),
                    new io.varve.metadata.image.FeatureRange(in.getMinFeatureLevel(), in.getMaxFeatureLevel()),
                    in.getPreviousBrokerEpoch(),
                    in.getClean(),
                    RecordCodec.replicas(in.getDamagedList()));
        }
    }
}
