// SPDX-License-Identifier: Apache-2.0
package io.varve.node.push;

import io.varve.metadata.MetadataRejection;
import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.CommandBody.AlterPartition;
import io.varve.metadata.command.CommandBody.PartitionToAlter;
import io.varve.metadata.image.CommandResult.PartitionResult;
import io.varve.metadata.image.MetadataError;
import io.varve.proto.v1.ErrorReason;
import io.varve.replication.PeerPort.Proposal;
import io.varve.replication.protocol.InSyncAnswer;
import io.varve.replication.protocol.InSyncAnswer.Verdict;
import io.varve.replication.protocol.InSyncProposal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries to the controller which replicas are in sync: what the partitions of a loop propose in one turn is one command
 * (P20). When to say it again is the replica's to decide. <i>Thread-safe.</i>
 */
public final class InSyncRequests {

    private static final Logger LOG = LoggerFactory.getLogger(InSyncRequests.class);

    /** A command has a largest size, and holds up others while it is applied. */
    private static final int PARTITIONS_PER_COMMAND = 1_000;

    private final int nodeId;
    private final Executor executor;
    private final Controller controller;

    /** Where proposals go. */
    @FunctionalInterface
    public interface Controller {

        /** One result for each partition, in the same order. */
        CompletableFuture<List<PartitionResult>> alterPartition(AlterPartition proposal);
    }

    /** @param executor runs what asks the controller, so that no partition loop waits for it */
    public InSyncRequests(int nodeId, Executor executor, Controller controller) {
        this.nodeId = nodeId;
        this.executor = executor;
        this.controller = controller;
    }

    void propose(List<Proposal> proposals) {
        executor.execute(() -> {
            Map<Long, List<Proposal>> byLeader = new LinkedHashMap<>(); // broker epochs of this node: one, as a rule
            for (Proposal each : proposals) {
                byLeader.computeIfAbsent(each.proposal().leaderBrokerEpoch(), epoch -> new ArrayList<>())
                        .add(each);
            }
            byLeader.forEach((epoch, all) -> {
                for (int from = 0; from < all.size(); from += PARTITIONS_PER_COMMAND) {
                    ask(epoch, all.subList(from, Math.min(all.size(), from + PARTITIONS_PER_COMMAND)));
                }
            });
        });
    }

    private void ask(long brokerEpoch, List<Proposal> proposals) {
        AlterPartition command = new AlterPartition(
                new BrokerRef(nodeId, brokerEpoch),
                proposals.stream().map(each -> toAlter(each.proposal())).toList());
        var unused = controller.alterPartition(command).whenComplete((results, failure) -> {
            if (failure != null) {
                LOG.info("{} proposals of in-sync sets are not answered: {}", proposals.size(), failure.toString());
            }
            for (int i = 0; i < proposals.size(); i++) {
                Optional<MetadataError> error = failure == null ? results.get(i).error() : rejection(failure);
                boolean unknown = failure != null && error.isEmpty();
                answer(proposals.get(i), unknown ? Verdict.UNKNOWN : verdict(error.orElse(null)));
            }
        });
    }

    private static PartitionToAlter toAlter(InSyncProposal proposal) {
        return new PartitionToAlter(
                proposal.partition().topicId(),
                proposal.partition().partition(),
                proposal.leaderEpoch(),
                proposal.partitionEpoch(),
                proposal.newIsr().stream()
                        .map(member -> new BrokerRef(member.nodeId(), member.brokerEpoch()))
                        .toList());
    }

    private static void answer(Proposal to, Verdict verdict) {
        to.partition()
                .onProposalAnswered(new InSyncAnswer(
                        to.proposal().leaderEpoch(), to.proposal().partitionEpoch(), verdict));
    }

    private static Optional<MetadataError> rejection(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof MetadataRejection rejected ? Optional.of(rejected.error()) : Optional.empty();
    }

    static Verdict verdict(@Nullable MetadataError error) {
        if (error == null) {
            return Verdict.ACCEPTED;
        }
        ErrorReason reason = error.reason();
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
}
