// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.machine;

import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.CommandBody;
import io.varve.metadata.command.CommandBody.ActivateController;
import io.varve.metadata.command.CommandBody.CreateTopics;
import io.varve.metadata.command.CommandBody.FenceBrokers;
import io.varve.metadata.command.CommandBody.Placement;
import io.varve.metadata.command.CommandBody.RegisterBroker;
import io.varve.metadata.command.CommandBody.TopicToCreate;
import io.varve.metadata.command.CommandBody.UnfenceBroker;
import io.varve.metadata.command.MetadataCommand;
import io.varve.metadata.image.BrokerImage.Identity;
import io.varve.metadata.image.CommandResult;
import io.varve.metadata.image.CommandResult.PartitionResult;
import io.varve.metadata.image.CommandResult.TopicResult;
import io.varve.metadata.image.Endpoint;
import io.varve.metadata.image.FeatureRange;
import io.varve.metadata.image.MetadataError;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.PartitionImage;
import io.varve.metadata.image.ReplicaId;
import io.varve.proto.v1.ErrorReason;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/** An image and the commands that make it, for tests. */
public final class World {

    private final MetadataMachine machine;
    private MetadataImage image = MetadataImage.EMPTY;
    private long index;
    long term = 1;

    public World() {
        this(MachineRules.ALL);
    }

    World(MachineRules rules) {
        this.machine = new MetadataMachine(rules);
    }

    public static UUID uuid(String text) {
        return UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8));
    }

    public MetadataImage image() {
        return image;
    }

    Applied applied(MetadataCommand command) {
        var applied = machine.apply(image, new ApplyContext(++index, term), command);
        image = applied.image();
        return applied;
    }

    public CommandResult apply(CommandBody body) {
        return applied(MetadataCommand.unfenced(body)).result();
    }

    ErrorReason reasonOf(CommandBody body) {
        var result = apply(body);
        if (result instanceof CommandResult.Partitions p) {
            return p.partitions().get(0).error().map(MetadataError::reason).orElse(ErrorReason.UNRECOGNIZED);
        }
        return result.rejection().map(MetadataError::reason).orElse(ErrorReason.UNRECOGNIZED);
    }

    World activate() {
        applied(MetadataCommand.decidedBy(term, new ActivateController(1, uuid("controller"))));
        return this;
    }

    static RegisterBroker registration(int id, long previous, boolean clean, List<ReplicaId> damaged) {
        return registration(id, uuid("incarnation" + id), previous, clean, damaged);
    }

    static RegisterBroker registration(
            int id, UUID incarnation, long previous, boolean clean, List<ReplicaId> damaged) {
        return new RegisterBroker(
                id,
                new Identity(uuid("dir" + id), incarnation),
                List.of(new Endpoint("public", "localhost", 7171 + id)),
                "",
                FeatureRange.SUPPORTED,
                previous,
                clean,
                damaged);
    }

    /** Registers and unfences. */
    public World nodes(int... ids) {
        for (int id : ids) {
            long previous = image.broker(id).map(b -> b.epoch()).orElse(0L);
            var incarnation = uuid("incarnation" + id + (previous == 0 ? "" : "-" + index));
            apply(registration(id, incarnation, previous, true, List.of()));
            unfence(id);
        }
        return this;
    }

    public CommandResult restart(int id, boolean clean, ReplicaId... damaged) {
        return apply(registration(id, uuid("incarnation" + id + "-" + index), epoch(id), clean, List.of(damaged)));
    }

    /** Comes back, fenced, with an empty disk. */
    public CommandResult replaceDisk(int id) {
        var identity = new Identity(uuid("dir" + id + "-" + index), uuid("incarnation" + id + "-" + index));
        return apply(new RegisterBroker(id, identity, List.of(), "", FeatureRange.SUPPORTED, 0, false, List.of()));
    }

    public CommandResult unfence(int id) {
        return apply(new UnfenceBroker(ref(id)));
    }

    public CommandResult fence(int... ids) {
        return apply(new FenceBrokers(
                java.util.Arrays.stream(ids).mapToObj(this::ref).toList(), "silent"));
    }

    long epoch(int id) {
        return image.broker(id).orElseThrow().epoch();
    }

    BrokerRef ref(int id) {
        return new BrokerRef(id, epoch(id));
    }

    public TopicResult create(String name, int partitions, int replicationFactor, Map<String, String> configs) {
        return create(new TopicToCreate(
                name,
                uuid(name),
                partitions,
                replicationFactor,
                new TreeMap<>(configs),
                Placement.seeded(name.hashCode()),
                false));
    }

    /** One partition on these nodes, in this order. */
    public TopicResult create(String name, List<Integer> replicas, Map<String, String> configs) {
        return create(new TopicToCreate(
                name,
                uuid(name),
                1,
                replicas.size(),
                new TreeMap<>(configs),
                new Placement(0, List.of(replicas)),
                false));
    }

    TopicResult create(TopicToCreate topic) {
        return ((CommandResult.Topics) apply(new CreateTopics(List.of(topic))))
                .topics()
                .get(0);
    }

    PartitionImage partition(String topic) {
        return image.partition(uuid(topic), 0).orElseThrow();
    }

    static PartitionResult only(CommandResult result) {
        return ((CommandResult.Partitions) result).partitions().get(0);
    }
}
