// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.conversation;

import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.CommandBody;
import io.varve.metadata.command.CommandBody.ActivateController;
import io.varve.metadata.command.CommandBody.AlterPartition;
import io.varve.metadata.command.CommandBody.CreateTopics;
import io.varve.metadata.command.CommandBody.FenceBrokers;
import io.varve.metadata.command.CommandBody.PartitionToAlter;
import io.varve.metadata.command.CommandBody.Placement;
import io.varve.metadata.command.CommandBody.RegisterBroker;
import io.varve.metadata.command.CommandBody.TopicToCreate;
import io.varve.metadata.command.CommandBody.UnfenceBroker;
import io.varve.metadata.command.MetadataCommand;
import io.varve.metadata.image.BrokerImage;
import io.varve.metadata.image.CommandResult;
import io.varve.metadata.image.FeatureRange;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.PartitionImage;
import io.varve.metadata.machine.ApplyContext;
import io.varve.metadata.machine.MetadataMachine;
import io.varve.replication.protocol.InSyncAnswer;
import io.varve.replication.protocol.InSyncProposal;
import io.varve.replication.protocol.Members;
import io.varve.replication.protocol.PartitionState;
import io.varve.simulation.node.MetadataViews;
import io.varve.storage.LogId;
import java.util.List;
import java.util.TreeMap;
import java.util.UUID;

/** The real metadata machine; what is submitted to it, the script says. One topic of one partition. */
final class Controller {
    static final LogId PARTITION = new LogId(new UUID(7, 7), 0);
    private static final long TERM = 1;

    private final MetadataMachine machine = new MetadataMachine();
    private MetadataImage image = MetadataImage.EMPTY;
    private long index;
    private int incarnations;

    Controller() {
        apply(MetadataCommand.decidedBy(TERM, new ActivateController(1, new UUID(1, 1))));
    }

    MetadataImage image() {
        return image;
    }

    PartitionImage partition() {
        return image.partition(PARTITION.topicId(), PARTITION.partition()).orElseThrow();
    }

    private CommandResult apply(MetadataCommand command) {
        var applied = machine.apply(image, new ApplyContext(++index, TERM), command);
        image = applied.image();
        applied.result().rejection().ifPresent(error -> {
            throw new IllegalStateException(error.toString());
        });
        return applied.result();
    }

    private CommandResult apply(CommandBody body) {
        return apply(MetadataCommand.unfenced(body));
    }

    void create(List<Integer> replicas) {
        apply(new CreateTopics(List.of(new TopicToCreate(
                "orders",
                PARTITION.topicId(),
                1,
                replicas.size(),
                new TreeMap<>(),
                new Placement(0, List.of(replicas)),
                false))));
    }

    /** Returns the broker epoch. */
    long register(int node) {
        long previous = image.broker(node).map(BrokerImage::epoch).orElse(0L);
        apply(new RegisterBroker(
                node,
                new BrokerImage.Identity(new UUID(3, node), new UUID(++incarnations, node)),
                List.of(),
                "",
                FeatureRange.SUPPORTED,
                previous,
                false,
                List.of()));
        return image.broker(node).orElseThrow().epoch();
    }

    void unfence(int node) {
        apply(new UnfenceBroker(ref(node)));
    }

    void fence(int node) {
        apply(new FenceBrokers(List.of(ref(node)), "silent"));
    }

    private BrokerRef ref(int node) {
        return new BrokerRef(node, image.broker(node).orElseThrow().epoch());
    }

    InSyncAnswer.Verdict alter(int leader, InSyncProposal proposal) {
        CommandResult result = apply(new AlterPartition(
                new BrokerRef(leader, proposal.leaderBrokerEpoch()),
                List.of(new PartitionToAlter(
                        PARTITION.topicId(),
                        PARTITION.partition(),
                        proposal.leaderEpoch(),
                        proposal.partitionEpoch(),
                        proposal.newIsr().stream()
                                .map(member -> new BrokerRef(member.nodeId(), member.brokerEpoch()))
                                .toList()))));
        boolean refused =
                ((CommandResult.Partitions) result).partitions().get(0).error().isPresent();
        return refused ? InSyncAnswer.Verdict.OUTDATED : InSyncAnswer.Verdict.ACCEPTED;
    }

    PartitionState state() {
        return MetadataViews.state(partition());
    }

    Members members() {
        return MetadataViews.members(image);
    }
}
