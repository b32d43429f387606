// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.command;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.varve.metadata.command.CommandBody.AlterPartition;
import io.varve.metadata.command.CommandBody.ElectLeaders;
import io.varve.metadata.command.CommandBody.PartitionToAlter;
import io.varve.metadata.command.CommandBody.PartitionToElect;
import io.varve.metadata.command.CommandBody.ResignLeadership;
import io.varve.metadata.command.CommandBody.UncleanChoice;
import io.varve.metadata.image.RecordCodec;
import io.varve.proto.Uuids;
import java.util.Optional;

/** The payloads of commands about the state of partitions. */
final class PartitionBodyCodec {

    private PartitionBodyCodec() {}

    static MessageLite encode(AlterPartition c) {
        var out = io.varve.proto.metadata.v1.AlterPartition.newBuilder().setBroker(BodyCodec.ref(c.leader()));
        for (var p : c.partitions()) {
            out.addPartitions(io.varve.proto.metadata.v1.PartitionToAlter.newBuilder()
                    .setTopicId(Uuids.toBytes(p.topicId()))
                    .setPartition(p.partition())
                    .setLeaderEpoch(p.leaderEpoch())
                    .setPartitionEpoch(p.partitionEpoch())
                    .addAllNewIsr(p.newIsr().stream().map(BodyCodec::ref).toList()));
        }
        return out.build();
    }

    static AlterPartition alterPartition(ByteString payload) throws InvalidProtocolBufferException {
        var in = io.varve.proto.metadata.v1.AlterPartition.parseFrom(payload);
        return new AlterPartition(
                BodyCodec.ref(in.getBroker()),
                in.getPartitionsList().stream()
                        .map(p -> new PartitionToAlter(
                                Uuids.fromBytes(p.getTopicId()),
                                p.getPartition(),
                                p.getLeaderEpoch(),
                                p.getPartitionEpoch(),
                                p.getNewIsrList().stream().map(BodyCodec::ref).toList()))
                        .toList());
    }

    static MessageLite encode(ElectLeaders c) {
        var out = io.varve.proto.metadata.v1.ElectLeaders.newBuilder()
                .setElectionType(
                        switch (c.type()) {
                            case PREFERRED -> io.varve.proto.metadata.v1.ElectionType.ELECTION_TYPE_PREFERRED;
                            case TRANSFER -> io.varve.proto.metadata.v1.ElectionType.ELECTION_TYPE_TRANSFER;
                            case UNCLEAN -> io.varve.proto.metadata.v1.ElectionType.ELECTION_TYPE_UNCLEAN;
                        });
        for (var p : c.partitions()) {
            var one = io.varve.proto.metadata.v1.PartitionToElect.newBuilder()
                    .setTopicId(Uuids.toBytes(p.topicId()))
                    .setPartition(p.partition());
            p.unclean()
                    .ifPresent(u -> one.setCandidate(BodyCodec.ref(u.candidate()))
                            .setPartitionEpoch(u.partitionEpoch())
                            .addAllReports(u.reports().stream()
                                    .map(RecordCodec::report)
                                    .toList()));
            p.target().ifPresent(t -> one.setCandidate(BodyCodec.ref(t)));
            out.addPartitions(one);
        }
        return out.build();
    }

    static ElectLeaders electLeaders(ByteString payload) throws InvalidProtocolBufferException {
        var in = io.varve.proto.metadata.v1.ElectLeaders.parseFrom(payload);
        var type = switch (in.getElectionType()) {
            case ELECTION_TYPE_PREFERRED -> CommandBody.ElectionType.PREFERRED;
            case ELECTION_TYPE_UNCLEAN -> CommandBody.ElectionType.UNCLEAN;
            case ELECTION_TYPE_TRANSFER -> CommandBody.ElectionType.TRANSFER;
            case ELECTION_TYPE_UNSPECIFIED, UNRECOGNIZED ->
                throw new IllegalArgumentException("unknown election type " + in.getElectionTypeValue());
        };
        return new ElectLeaders(
                type, in.getPartitionsList().stream().map(p -> toElect(type, p)).toList());
    }

    private static PartitionToElect toElect(
            CommandBody.ElectionType type, io.varve.proto.metadata.v1.PartitionToElect p) {
        var topicId = Uuids.fromBytes(p.getTopicId());
        if (!p.hasCandidate()) {
            return new PartitionToElect(topicId, p.getPartition(), Optional.empty());
        }
        var candidate = BodyCodec.ref(p.getCandidate());
        return type == CommandBody.ElectionType.TRANSFER
                ? PartitionToElect.transfer(topicId, p.getPartition(), candidate)
                : new PartitionToElect(
                        topicId,
                        p.getPartition(),
                        Optional.of(new UncleanChoice(
                                candidate,
                                p.getPartitionEpoch(),
                                p.getReportsList().stream()
                                        .map(RecordCodec::report)
                                        .toList())));
    }

    static MessageLite encode(ResignLeadership c) {
        return io.varve.proto.metadata.v1.ResignLeadership.newBuilder()
                .setBroker(BodyCodec.ref(c.leader()))
                .setTopicId(Uuids.toBytes(c.topicId()))
                .setPartition(c.partition())
                .setLeaderEpoch(c.leaderEpoch())
                .setReason(c.reason())
                .setReopened(c.reopened())
                .setRecordsLost(c.recordsLost())
                .build();
    }

    static ResignLeadership resignLeadership(ByteString payload) throws InvalidProtocolBufferException {
        var in = io.varve.proto.metadata.v1.ResignLeadership.parseFrom(payload);
        return new ResignLeadership(
                BodyCodec.ref(in.getBroker()),
                Uuids.fromBytes(in.getTopicId()),
                in.getPartition(),
                in.getLeaderEpoch(),
                in.getReason(),
                in.getReopened(),
                in.getRecordsLost());
    }
}
