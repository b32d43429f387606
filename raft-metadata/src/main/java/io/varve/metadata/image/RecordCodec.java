// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.image;

import com.google.protobuf.ByteString;
import io.varve.metadata.image.MetadataRecord.BrokerRecord;
import io.varve.metadata.image.MetadataRecord.ControllerRecord;
import io.varve.metadata.image.MetadataRecord.FeatureRecord;
import io.varve.metadata.image.MetadataRecord.PartitionRecord;
import io.varve.metadata.image.MetadataRecord.ProducerIdsRecord;
import io.varve.metadata.image.MetadataRecord.RequestRecord;
import io.varve.metadata.image.MetadataRecord.TopicRecord;
import io.varve.metadata.image.MetadataRecord.TopicRemovedRecord;
import io.varve.metadata.image.MetadataRecord.UncleanElectionRecord;
import io.varve.metadata.image.PartitionImage.Assignment;
import io.varve.metadata.image.PartitionImage.InSync;
import io.varve.metadata.image.PartitionImage.Leadership;
import io.varve.proto.Uuids;
import io.varve.proto.metadata.v1.ImageRecord;
import io.varve.proto.metadata.v1.ReplicaRef;
import io.varve.proto.metadata.v1.TopicConfig;
import io.varve.proto.metadata.v1.TopicDurability;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/** Records to messages and back. */
public final class RecordCodec {

    private RecordCodec() {}

    public static ImageRecord encode(MetadataRecord r) {
        var out = ImageRecord.newBuilder();
        if (r instanceof ControllerRecord c) {
            out.setController(controller(c.controller()));
        } else if (r instanceof FeatureRecord f) {
            out.setFeature(io.varve.proto.metadata.v1.FeatureRecord.newBuilder().setLevel(f.level()));
        } else if (r instanceof BrokerRecord b) {
            out.setBroker(broker(b.broker()));
        } else if (r instanceof TopicRecord t) {
            out.setTopic(topic(t));
        } else if (r instanceof PartitionRecord p) {
            out.setPartition(partition(p.topicId(), p.partition()));
        } else if (r instanceof TopicRemovedRecord t) {
            out.setTopicRemoved(
                    io.varve.proto.metadata.v1.TopicRemovedRecord.newBuilder().setTopicId(Uuids.toBytes(t.id())));
        } else if (r instanceof ProducerIdsRecord p) {
            out.setProducerIds(
                    io.varve.proto.metadata.v1.ProducerIdsRecord.newBuilder().setNextProducerId(p.nextProducerId()));
        } else if (r instanceof RequestRecord q) {
            out.setRequest(io.varve.proto.metadata.v1.RequestRecord.newBuilder()
                    .setRequestId(request(q.id()))
                    .setIndex(q.index())
                    .setReply(ResultCodec.encode(q.answer())));
        } else if (r instanceof UncleanElectionRecord u) {
            out.setUncleanElection(io.varve.proto.metadata.v1.UncleanElectionRecord.newBuilder()
                    .setTopicId(Uuids.toBytes(u.topicId()))
                    .setPartition(u.partition())
                    .setLeader(u.leader())
                    .setLeaderEpoch(u.leaderEpoch())
                    .addAllReports(u.reports().stream().map(RecordCodec::report).toList()));
        } else {
            throw new IllegalStateException("unknown record " + r);
        }
        return out.build();
    }

    /** @throws IllegalArgumentException if it is none that this software knows */
    public static MetadataRecord decode(ImageRecord in) {
        return switch (in.getRecordCase()) {
            case CONTROLLER ->
                new ControllerRecord(new ControllerImage(
                        in.getController().getNodeId(),
                        Uuids.fromBytes(in.getController().getIncarnation()),
                        in.getController().getEpoch()));
            case FEATURE -> new FeatureRecord(in.getFeature().getLevel());
            case BROKER -> new BrokerRecord(broker(in.getBroker()));
            case TOPIC -> topic(in.getTopic());
            case PARTITION ->
                new PartitionRecord(Uuids.fromBytes(in.getPartition().getTopicId()), partition(in.getPartition()));
            case TOPIC_REMOVED ->
                new TopicRemovedRecord(Uuids.fromBytes(in.getTopicRemoved().getTopicId()));
            case PRODUCER_IDS -> new ProducerIdsRecord(in.getProducerIds().getNextProducerId());
            case REQUEST ->
                new RequestRecord(
                        request(in.getRequest().getRequestId()),
                        in.getRequest().getIndex(),
                        ResultCodec.decode(in.getRequest().getReply()));
            case UNCLEAN_ELECTION -> {
                var u = in.getUncleanElection();
                yield new UncleanElectionRecord(
                        Uuids.fromBytes(u.getTopicId()),
                        u.getPartition(),
                        u.getLeader(),
                        u.getLeaderEpoch(),
                        u.getReportsList().stream().map(RecordCodec::report).toList());
            }
            case RECORD_NOT_SET ->
                throw new IllegalArgumentException("a metadata record of an unknown kind: this software is too old");
        };
    }

    private static io.varve.proto.metadata.v1.ControllerRecord controller(ControllerImage c) {
        return io.varve.proto.metadata.v1.ControllerRecord.newBuilder()
                .setNodeId(c.nodeId())
                .setIncarnation(Uuids.toBytes(c.incarnation()))
                .setEpoch(c.epoch())
                .build();
    }

    private static io.varve.proto.metadata.v1.BrokerRecord broker(BrokerImage b) {
        var out = io.varve.proto.metadata.v1.BrokerRecord.newBuilder()
                .setId(b.id())
                .setEpoch(b.epoch())
                .setDirectoryId(Uuids.toBytes(b.identity().directoryId()))
                .setIncarnation(Uuids.toBytes(b.identity().incarnation()))
                .setRack(b.rack())
                .setMinFeatureLevel(b.features().min())
                .setMaxFeatureLevel(b.features().max())
                .setFenced(b.fenced())
                .setShuttingDown(b.liveness().shuttingDown())
                .setDirectoryOffline(b.liveness().directoryOffline())
                .setLastUnfencedEpoch(b.liveness().lastUnfencedEpoch());
        b.endpoints().forEach(e -> out.addEndpoints(endpoint(e)));
        b.damaged().forEach(d -> out.addDamaged(replica(d)));
        return out.build();
    }

    private static BrokerImage broker(io.varve.proto.metadata.v1.BrokerRecord b) {
        return new BrokerImage(
                b.getId(),
                b.getEpoch(),
                new BrokerImage.Identity(Uuids.fromBytes(b.getDirectoryId()), Uuids.fromBytes(b.getIncarnation())),
                b.getEndpointsList().stream().map(RecordCodec::endpoint).toList(),
                b.getRack(),
                new FeatureRange(b.getMinFeatureLevel(), b.getMaxFeatureLevel()),
                new BrokerImage.Liveness(
                        b.getFenced(), b.getShuttingDown(), b.getLastUnfencedEpoch(), b.getDirectoryOffline()),
                replicas(b.getDamagedList()));
    }

    private static io.varve.proto.metadata.v1.TopicRecord topic(TopicRecord t) {
        return io.varve.proto.metadata.v1.TopicRecord.newBuilder()
                .setTopicId(Uuids.toBytes(t.id()))
                .setName(t.name())
                .addAllConfigs(configs(t.configs()))
                .setDurability(durability(t.durability()))
                .build();
    }

    private static TopicRecord topic(io.varve.proto.metadata.v1.TopicRecord t) {
        return new TopicRecord(
                Uuids.fromBytes(t.getTopicId()),
                t.getName(),
                configs(t.getConfigsList()),
                durability(t.getDurability()));
    }

    static io.varve.proto.metadata.v1.PartitionRecord partition(UUID topicId, PartitionImage p) {
        return io.varve.proto.metadata.v1.PartitionRecord.newBuilder()
                .setTopicId(Uuids.toBytes(topicId))
                .setPartition(p.partition())
                .addAllReplicas(p.replicas())
                .addAllReplicaDirectories(p.assignment().directories().stream()
                        .map(Uuids::toBytes)
                        .toList())
                .addAllIsr(p.isr())
                .addAllElr(p.elr())
                .addAllLastKnownElr(p.lastKnownElr())
                .setLeader(p.leader())
                .setLeaderEpoch(p.leaderEpoch())
                .setPartitionEpoch(p.partitionEpoch())
                .setMinIsr(p.minIsr())
                .setDurability(durability(p.durability()))
                .setLastUncleanEpoch(p.lastUncleanEpoch())
                .build();
    }

    static PartitionImage partition(io.varve.proto.metadata.v1.PartitionRecord p) {
        var directories = new ArrayList<UUID>();
        for (ByteString id : p.getReplicaDirectoriesList()) {
            directories.add(Uuids.fromBytes(id));
        }
        return new PartitionImage(
                p.getPartition(),
                new Assignment(p.getReplicasList(), directories),
                new InSync(p.getIsrList(), p.getElrList(), p.getLastKnownElrList()),
                new Leadership(p.getLeader(), p.getLeaderEpoch()),
                p.getPartitionEpoch(),
                p.getMinIsr(),
                durability(p.getDurability()),
                p.getLastUncleanEpoch());
    }

    public static io.varve.proto.metadata.v1.NodeReport report(NodeReport r) {
        return io.varve.proto.metadata.v1.NodeReport.newBuilder()
                .setNodeId(r.nodeId())
                .setBrokerEpoch(r.brokerEpoch())
                .setLastEpoch(r.report().lastEpoch())
                .setLogEndOffset(r.report().logEndOffset())
                .setHighWatermarkCheckpoint(r.report().highWatermarkCheckpoint())
                .build();
    }

    public static NodeReport report(io.varve.proto.metadata.v1.NodeReport r) {
        return new NodeReport(
                r.getNodeId(),
                r.getBrokerEpoch(),
                new ReplicaReport(r.getLastEpoch(), r.getLogEndOffset(), r.getHighWatermarkCheckpoint()));
    }

    private static TopicDurability durability(Durability d) {
        return switch (d) {
            case FLUSHED -> TopicDurability.TOPIC_DURABILITY_FLUSHED;
            case WRITTEN -> TopicDurability.TOPIC_DURABILITY_WRITTEN;
        };
    }

    private static Durability durability(TopicDurability d) {
        return switch (d) {
            case TOPIC_DURABILITY_FLUSHED -> Durability.FLUSHED;
            case TOPIC_DURABILITY_WRITTEN -> Durability.WRITTEN;
            case TOPIC_DURABILITY_UNSPECIFIED, UNRECOGNIZED ->
                throw new IllegalArgumentException("an unknown durability: this software is too old");
        };
    }

    public static List<TopicConfig> configs(Map<String, String> configs) {
        var out = new ArrayList<TopicConfig>();
        configs.forEach((name, value) ->
                out.add(TopicConfig.newBuilder().setName(name).setValue(value).build()));
        return out;
    }

    /** @throws IllegalArgumentException if a name occurs twice */
    public static SortedMap<String, String> configs(Collection<TopicConfig> configs) {
        var out = new TreeMap<String, String>();
        for (var c : configs) {
            if (out.put(c.getName(), c.getValue()) != null) {
                throw new IllegalArgumentException("config " + c.getName() + " twice");
            }
        }
        return out;
    }

    public static io.varve.proto.metadata.v1.Endpoint endpoint(Endpoint e) {
        return io.varve.proto.metadata.v1.Endpoint.newBuilder()
                .setName(e.name())
                .setHost(e.host())
                .setPort(e.port())
                .build();
    }

    public static Endpoint endpoint(io.varve.proto.metadata.v1.Endpoint e) {
        return new Endpoint(e.getName(), e.getHost(), e.getPort());
    }

    public static ReplicaRef replica(ReplicaId r) {
        return ReplicaRef.newBuilder()
                .setTopicId(Uuids.toBytes(r.topicId()))
                .setPartition(r.partition())
                .build();
    }

    public static List<ReplicaId> replicas(Collection<ReplicaRef> refs) {
        return refs.stream()
                .map(r -> new ReplicaId(Uuids.fromBytes(r.getTopicId()), r.getPartition()))
                .toList();
    }

    public static io.varve.proto.metadata.v1.RequestId request(RequestId id) {
        return io.varve.proto.metadata.v1.RequestId.newBuilder()
                .setClient(Uuids.toBytes(id.client()))
                .setSequence(id.sequence())
                .build();
    }

    public static RequestId request(io.varve.proto.metadata.v1.RequestId id) {
        return new RequestId(Uuids.fromBytes(id.getClient()), id.getSequence());
    }
}
