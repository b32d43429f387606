// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.machine;

import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.CommandBody.AlterPartition;
import io.varve.metadata.command.CommandBody.PartitionToAlter;
import io.varve.metadata.command.CommandBody.ResignLeadership;
import io.varve.metadata.image.BrokerImage;
import io.varve.metadata.image.CommandResult;
import io.varve.metadata.image.CommandResult.PartitionResult;
import io.varve.metadata.image.CommandResult.Partitions;
import io.varve.metadata.image.CommandResult.Rejected;
import io.varve.metadata.image.MetadataError;
import io.varve.metadata.image.PartitionImage;
import io.varve.metadata.image.PartitionImage.Leadership;
import io.varve.metadata.image.ReplicaId;
import io.varve.proto.v1.ErrorReason;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.IntPredicate;

/** Commands of partition leaders: changes of the isr, and resignation. */
final class PartitionCommands {

    private PartitionCommands() {}

    /** P21: judged against committed state, each partition for itself. */
    static CommandResult alter(Draft draft, AlterPartition c) {
        var stale = draft.rules().keep(MachineRule.NO_BROKER_EPOCH_AP)
                ? Refusals.notCurrent(draft.image(), c.leader())
                : Optional.<MetadataError>empty();
        if (stale.isPresent()) {
            return new Rejected(stale.get());
        }
        var results = new ArrayList<PartitionResult>();
        for (var proposal : c.partitions()) {
            var found = draft.image().partition(proposal.topicId(), proposal.partition());
            if (found.isEmpty()) {
                results.add(missing(draft, proposal.topicId(), proposal.partition()));
                continue;
            }
            var p = found.get();
            var outdated = outdated(
                    p,
                    proposal.leaderEpoch(),
                    draft.rules().keep(MachineRule.NO_PE_CAS) ? proposal.partitionEpoch() : p.partitionEpoch(),
                    c.leader());
            if (outdated.isPresent()) {
                results.add(result(draft, proposal, outdated));
                continue;
            }
            var refusal = invalid(p, proposal).or(() -> ineligible(draft, proposal));
            if (refusal.isPresent()) {
                // The leader may go back to the old isr now, so no proposal made before may succeed later (P21).
                if (draft.rules().keep(MachineRule.REJECT_NO_BUMP)) {
                    draft.emit(proposal.topicId(), p.nextEpoch());
                }
            } else {
                draft.admit(proposal.topicId(), proposal.partition());
                draft.emit(proposal.topicId(), altered(draft, p, proposal));
            }
            results.add(result(draft, proposal, refusal));
        }
        return new Partitions(results);
    }

    private static PartitionImage altered(Draft draft, PartitionImage p, PartitionToAlter proposal) {
        var isr = proposal.newIsr().stream().map(BrokerRef::nodeId).toList();
        var next = p.next(draft.membership().inSync(p, isr), p.leadership());
        // A leader on its way out was waiting for somebody to hand over to (P42).
        return draft.image().isEligible(p.leader())
                ? next
                : draft.membership().handOver(next, p.leader(), draft.image()::isEligible);
    }

    /** In the order of checks that leaders know from Kafka. A leader that is behind must not roll back, but wait. */
    private static Optional<MetadataError> outdated(
            PartitionImage p, int leaderEpoch, int partitionEpoch, BrokerRef by) {
        if (leaderEpoch > p.leaderEpoch() || partitionEpoch > p.partitionEpoch()) {
            return refuse(
                    ErrorReason.ERROR_REASON_NOT_CONTROLLER,
                    "leader epoch " + leaderEpoch + " and partition epoch " + partitionEpoch
                            + " are ahead of the controller's, " + p.leaderEpoch() + " and " + p.partitionEpoch());
        }
        if (leaderEpoch < p.leaderEpoch()) {
            return refuse(
                    ErrorReason.ERROR_REASON_FENCED_LEADER_EPOCH,
                    "leader epoch " + leaderEpoch + " is over, it is " + p.leaderEpoch());
        }
        if (by.nodeId() != p.leader()) {
            return refuse(
                    ErrorReason.ERROR_REASON_INVALID_REQUEST,
                    "node " + by.nodeId() + " does not lead, node " + p.leader() + " does (0 for none)");
        }
        if (partitionEpoch < p.partitionEpoch()) {
            return refuse(
                    ErrorReason.ERROR_REASON_INVALID_UPDATE_VERSION,
                    "partition epoch " + partitionEpoch + " is over, it is " + p.partitionEpoch());
        }
        return Optional.empty();
    }

    private static Optional<MetadataError> invalid(PartitionImage p, PartitionToAlter proposal) {
        var nodes = proposal.newIsr().stream().map(BrokerRef::nodeId).toList();
        if (new HashSet<>(nodes).size() != nodes.size() || !p.replicas().containsAll(nodes)) {
            return refuse(
                    ErrorReason.ERROR_REASON_INVALID_REQUEST,
                    "the new isr " + nodes + " is not a subset of the replicas " + p.replicas());
        }
        return nodes.contains(p.leader())
                ? Optional.empty()
                : refuse(
                        ErrorReason.ERROR_REASON_INVALID_REQUEST,
                        "the new isr " + nodes + " does not contain the leader, " + p.leader());
    }

    private static Optional<MetadataError> ineligible(Draft draft, PartitionToAlter proposal) {
        var replica = new ReplicaId(proposal.topicId(), proposal.partition());
        for (var member : proposal.newIsr()) {
            var broker = draft.image().broker(member.nodeId());
            boolean current = broker.isPresent()
                    && (broker.get().epoch() == member.brokerEpoch()
                            || !draft.rules().keep(MachineRule.NO_BROKER_EPOCH_AP));
            if (!current || !mayBeInSync(draft, proposal, broker.get())) {
                return refuse(
                        ErrorReason.ERROR_REASON_INELIGIBLE_REPLICA,
                        "node " + member.nodeId() + " under broker epoch " + member.brokerEpoch()
                                + " may not be in sync: "
                                + broker.map(b -> "its epoch is " + b.epoch()
                                                + (b.eligible() ? "" : ", it is fenced")
                                                + (b.isDamaged(replica) ? ", its copy is damaged" : ""))
                                        .orElse("it is not registered"));
            }
        }
        return Optional.empty();
    }

    /** A leader on its way out stays until it has somebody to hand over to; nobody else on its way out is let in. */
    private static boolean mayBeInSync(Draft draft, PartitionToAlter proposal, BrokerImage member) {
        var p = draft.image()
                .partition(proposal.topicId(), proposal.partition())
                .orElseThrow();
        boolean damaged = member.isDamaged(new ReplicaId(proposal.topicId(), proposal.partition())); // P34
        return !damaged && (member.eligible() || (!member.fenced() && member.id() == p.leader()));
    }

    /**
     * A leader whose write or flush failed after it gave out offsets: within one epoch a log is never shortened, so
     * the epoch ends. A sole replica leads again once it has reopened its log, at this call
     * or at a second one.
     */
    static CommandResult resign(Draft draft, ResignLeadership c) {
        var found = draft.image().partition(c.topicId(), c.partition());
        var refusal = Refusals.notCurrent(draft.image(), c.leader());
        if (refusal.isPresent()) {
            return new Rejected(refusal.get());
        }
        if (found.isEmpty()) {
            return new Partitions(List.of(missing(draft, c.topicId(), c.partition())));
        }
        var p = found.get();
        int node = c.leader().nodeId();
        boolean comesBack = !p.hasLeader()
                && c.reopened()
                && p.leaderEpoch() >= c.leaderEpoch()
                && (p.elr().contains(node) || p.lastKnownElr().contains(node));
        refusal = comesBack ? Optional.empty() : notLeading(p, c);
        if (refusal.isEmpty()) {
            draft.emit(c.topicId(), resigned(draft, p, c));
        }
        var now = draft.image().partition(c.topicId(), c.partition());
        return new Partitions(List.of(new PartitionResult(c.topicId(), c.partition(), now, refusal)));
    }

    private static Optional<MetadataError> notLeading(PartitionImage p, ResignLeadership c) {
        return outdated(p, c.leaderEpoch(), p.partitionEpoch(), c.leader());
    }

    private static PartitionImage resigned(Draft draft, PartitionImage p, ResignLeadership c) {
        int node = c.leader().nodeId();
        IntPredicate others = n -> n != node && draft.image().isEligible(n);
        if (c.recordsLost()) {
            draft.distrust(new ReplicaId(c.topicId(), c.partition()), node);
            return draft.membership().forget(draft.membership().without(p, Set.of(node), others), node);
        }
        if (!p.hasLeader()) {
            return draft.membership().elect(p, draft.image()::isEligible);
        }
        var next = draft.membership().candidate(p, others);
        if (c.reopened()) {
            return p.next(p.inSync(), new Leadership(next.orElse(node), p.leaderEpoch() + 1));
        }
        return draft.membership().without(p, Set.of(node), others);
    }

    static PartitionResult missing(Draft draft, UUID topicId, int partition) {
        var error = draft.image()
                .topic(topicId)
                .map(t -> MetadataError.of(
                        ErrorReason.ERROR_REASON_UNKNOWN_TOPIC_OR_PARTITION,
                        "topic " + t.name() + " has partitions 0 to "
                                + (t.partitions().size() - 1) + ", not " + partition))
                .orElseGet(() -> Refusals.unknownTopic(topicId));
        return new PartitionResult(topicId, partition, Optional.empty(), Optional.of(error));
    }

    private static PartitionResult result(Draft draft, PartitionToAlter proposal, Optional<MetadataError> refusal) {
        var now = draft.image().partition(proposal.topicId(), proposal.partition());
        var named = refusal.map(e -> {
            var name =
                    draft.image().topic(proposal.topicId()).map(t -> t.name()).orElse("?");
            return MetadataError.of(
                    e.reason(), "partition " + name + "-" + proposal.partition() + ": " + e.message(), e.hint());
        });
        return new PartitionResult(proposal.topicId(), proposal.partition(), now, named);
    }

    private static Optional<MetadataError> refuse(ErrorReason reason, String message) {
        return Optional.of(MetadataError.of(reason, message));
    }
}
