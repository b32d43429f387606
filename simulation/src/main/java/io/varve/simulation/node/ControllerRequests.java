// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.node;

import io.varve.metadata.ApplyReply;
import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.CommandBody;
import io.varve.metadata.command.CommandBody.AllocateProducerIds;
import io.varve.metadata.command.CommandBody.AlterPartition;
import io.varve.metadata.command.CommandBody.PartitionToAlter;
import io.varve.metadata.command.CommandBody.ResignLeadership;
import io.varve.metadata.command.MetadataCommand;
import io.varve.metadata.image.CommandResult;
import io.varve.metadata.image.MetadataError;
import io.varve.proto.v1.ErrorReason;
import io.varve.replication.protocol.InSyncAnswer;
import io.varve.replication.protocol.InSyncAnswer.Verdict;
import io.varve.replication.protocol.InSyncProposal;
import io.varve.replication.replica.Resignation;
import io.varve.storage.LogId;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a node asks the controller on behalf of its replicas and producers. */
final class ControllerRequests {
    private final RunningNode node;
    private final ControllerClient controllers;
    private final Replicas replicas;

    ControllerRequests(RunningNode node, ControllerClient controllers, Replicas replicas) {
        this.node = node;
        this.controllers = controllers;
        this.replicas = replicas;
    }

    void propose(InSyncProposal proposal) {
        LogId id = proposal.partition();
        List<BrokerRef> newIsr = proposal.newIsr().stream()
                .map(member -> new BrokerRef(member.nodeId(), member.brokerEpoch()))
                .toList();
        AlterPartition body = new AlterPartition(
                new BrokerRef(node.nodeId(), proposal.leaderBrokerEpoch()),
                List.of(new PartitionToAlter(
                        id.topicId(), id.partition(), proposal.leaderEpoch(), proposal.partitionEpoch(), newIsr)));
        ask(body, result -> {
            HostedReplica replica = replicas.find(id);
            if (replica != null) {
                replica.touch();
                replica.replica()
                        .onProposalAnswered(
                                new InSyncAnswer(proposal.leaderEpoch(), proposal.partitionEpoch(), verdict(result)),
                                node.loop().nowNanos());
            }
        });
    }

    /** What a result says about the one partition that was asked for. */
    static Verdict verdict(@Nullable CommandResult result) {
        if (result == null) {
            return Verdict.UNKNOWN;
        }
        Optional<MetadataError> error = result instanceof CommandResult.Partitions partitions
                ? partitions.partitions().get(0).error()
                : result.rejection();
        if (error.isEmpty()) {
            return Verdict.ACCEPTED;
        }
        ErrorReason reason = error.get().reason();
        if (reason == ErrorReason.ERROR_REASON_INELIGIBLE_REPLICA) {
            return Verdict.INELIGIBLE;
        } else if (reason == ErrorReason.ERROR_REASON_INVALID_REQUEST) {
            return Verdict.INVALID;
        } else if (reason == ErrorReason.ERROR_REASON_FENCED_LEADER_EPOCH
                || reason == ErrorReason.ERROR_REASON_INVALID_UPDATE_VERSION
                || reason == ErrorReason.ERROR_REASON_STALE_BROKER_EPOCH
                || reason == ErrorReason.ERROR_REASON_UNKNOWN_TOPIC_OR_PARTITION) {
            return Verdict.OUTDATED;
        }
        return Verdict.UNKNOWN;
    }

    void resign(LogId id, Resignation resignation) {
        ask(
                new ResignLeadership(
                        node.self(),
                        id.topicId(),
                        id.partition(),
                        resignation.leaderEpoch(),
                        resignation.reason().name(),
                        resignation.reopened(),
                        resignation.recordsLost()),
                result -> {});
    }

    void reportDamage(CommandBody report) {
        ask(report, result -> {});
    }

    void allocate(Consumer<CommandResult.@Nullable ProducerIds> block) {
        ask(
                new AllocateProducerIds(node.self()),
                result -> block.accept(result instanceof CommandResult.ProducerIds ids ? ids : null));
    }

    /** Null comes for every outcome that nobody knows. */
    private void ask(CommandBody body, Consumer<@Nullable CommandResult> result) {
        controllers.ask(node.controller(), MetadataCommand.unfenced(body), answer -> {
            ApplyReply reply = answer instanceof ControllerEnd.Answer given ? given.reply() : null;
            result.accept(reply == null ? null : reply.result());
        });
    }
}
