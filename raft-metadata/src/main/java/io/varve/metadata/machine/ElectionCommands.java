// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.machine;

import io.varve.metadata.command.CommandBody.ElectLeaders;
import io.varve.metadata.command.CommandBody.PartitionToElect;
import io.varve.metadata.command.CommandBody.UncleanChoice;
import io.varve.metadata.image.CommandResult;
import io.varve.metadata.image.CommandResult.PartitionResult;
import io.varve.metadata.image.CommandResult.Partitions;
import io.varve.metadata.image.MetadataError;
import io.varve.metadata.image.MetadataRecord.UncleanElectionRecord;
import io.varve.metadata.image.NodeReport;
import io.varve.metadata.image.PartitionImage;
import io.varve.metadata.image.PartitionImage.InSync;
import io.varve.metadata.image.PartitionImage.Leadership;
import io.varve.metadata.image.ReplicaId;
import io.varve.proto.v1.ErrorReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Elections that somebody asked for; those that follow from fencing and registration are where these are. */
final class ElectionCommands {

    private ElectionCommands() {}

    static CommandResult elect(Draft draft, ElectLeaders c) {
        var results = new ArrayList<PartitionResult>();
        for (var one : c.partitions()) {
            var found = draft.image().partition(one.topicId(), one.partition());
            if (found.isEmpty()) {
                results.add(PartitionCommands.missing(draft, one.topicId(), one.partition()));
                continue;
            }
            var refusal = switch (c.type()) {
                case PREFERRED -> preferred(draft, one, found.get());
                case TRANSFER -> transfer(draft, one, found.get());
                case UNCLEAN -> unclean(draft, one, found.get());
            };
            var now = draft.image().partition(one.topicId(), one.partition());
            results.add(new PartitionResult(one.topicId(), one.partition(), now, refusal));
        }
        return new Partitions(results);
    }

    private static Optional<MetadataError> preferred(Draft draft, PartitionToElect one, PartitionImage p) {
        return moveTo(draft, one, p, p.replicas().get(0));
    }

    private static Optional<MetadataError> transfer(Draft draft, PartitionToElect one, PartitionImage p) {
        if (one.target().isEmpty()) {
            return refuse(ErrorReason.ERROR_REASON_INVALID_REQUEST, draft, one, "a transfer names nobody");
        }
        var target = one.target().get();
        var stale = Refusals.notCurrent(draft.image(), target);
        return stale.isPresent()
                ? refuse(stale.get().reason(), draft, one, stale.get().message())
                : moveTo(draft, one, p, target.nodeId());
    }

    private static Optional<MetadataError> moveTo(Draft draft, PartitionToElect one, PartitionImage p, int first) {
        if (p.leader() == first) {
            return refuse(
                    ErrorReason.ERROR_REASON_ELECTION_NOT_NEEDED,
                    draft,
                    one,
                    "node " + first + " leads already, in leader epoch " + p.leaderEpoch());
        }
        if (!p.isr().contains(first) || !draft.image().isEligible(first)) {
            return refuse(
                    ErrorReason.ERROR_REASON_ELIGIBLE_LEADERS_NOT_AVAILABLE,
                    draft,
                    one,
                    "node " + first + " is not in sync; in sync are " + p.isr());
        }
        draft.emit(one.topicId(), p.next(p.inSync(), new Leadership(first, p.leaderEpoch() + 1)));
        return Optional.empty();
    }

    /** P31: only where nobody who is there is known to hold everything. Who, was decided outside; here it is only checked. */
    private static Optional<MetadataError> unclean(Draft draft, PartitionToElect one, PartitionImage p) {
        if (p.hasLeader()) {
            return refuse(ErrorReason.ERROR_REASON_ELECTION_NOT_NEEDED, draft, one, "node " + p.leader() + " leads");
        }
        if ((!p.isr().isEmpty() || !p.elr().isEmpty()) && !overrides(draft, one, p)) {
            return refuse(
                    ErrorReason.ERROR_REASON_ELECTION_NOT_NEEDED,
                    draft,
                    one,
                    "nodes " + p.isr() + " and " + p.elr() + " hold every record: wait for one of them");
        }
        if (one.unclean().isEmpty()) {
            return refuse(ErrorReason.ERROR_REASON_INVALID_REQUEST, draft, one, "an unclean election names nobody");
        }
        var choice = one.unclean().get();
        if (choice.partitionEpoch() != p.partitionEpoch()) {
            return refuse(
                    ErrorReason.ERROR_REASON_INVALID_UPDATE_VERSION,
                    draft,
                    one,
                    "partition epoch " + choice.partitionEpoch() + " is not the current one, " + p.partitionEpoch());
        }
        int node = choice.candidate().nodeId();
        var broker = draft.image().broker(node);
        boolean able = p.replicas().contains(node)
                && broker.isPresent()
                && broker.get().eligible()
                && broker.get().epoch() == choice.candidate().brokerEpoch()
                && !broker.get().isDamaged(new ReplicaId(one.topicId(), one.partition()));
        if (!able) {
            return refuse(
                    ErrorReason.ERROR_REASON_ELIGIBLE_LEADERS_NOT_AVAILABLE,
                    draft,
                    one,
                    "node " + node + " under broker epoch " + choice.candidate().brokerEpoch() + " cannot lead it");
        }
        var badReports = badReports(draft, one, p, choice);
        if (badReports.isPresent()) {
            return badReports;
        }
        int epoch = p.leaderEpoch() + 1;
        draft.admit(one.topicId(), one.partition());
        draft.emit(
                one.topicId(),
                p.nextUnclean(new InSync(List.of(node), List.of(), List.of()), new Leadership(node, epoch)));
        draft.emit(new UncleanElectionRecord(one.topicId(), one.partition(), node, epoch, choice.reports()));
        return Optional.empty();
    }

    /**
     * A person may give up members that hold every record and cannot lead, because they are gone or damaged. The partition
     * epoch of the choice shows that it was made in sight of them.
     */
    private static boolean overrides(Draft draft, PartitionToElect one, PartitionImage p) {
        var id = new ReplicaId(one.topicId(), one.partition());
        return one.unclean().filter(u -> u.reports().isEmpty()).isPresent()
                && Stream.concat(p.isr().stream(), p.elr().stream())
                        .allMatch(node -> draft.image()
                                .broker(node)
                                .map(b -> b.fenced() || b.isDamaged(id))
                                .orElse(true));
    }

    /** A candidate that was chosen by reports must be the best by them, and they must be whole and still hold. */
    private static Optional<MetadataError> badReports(
            Draft draft, PartitionToElect one, PartitionImage p, UncleanChoice choice) {
        if (choice.reports().isEmpty()) {
            return Optional.empty(); // a person's choice
        }
        var id = new ReplicaId(one.topicId(), one.partition());
        var byNode = new TreeMap<Integer, NodeReport>();
        choice.reports().forEach(r -> byNode.put(r.nodeId(), r));
        for (int node : p.lastKnownElr()) {
            var broker = draft.image().broker(node);
            var report = byNode.get(node);
            boolean holds = broker.isPresent()
                    && !broker.get().fenced()
                    && (broker.get().isDamaged(id)
                            || (report != null
                                    && report.brokerEpoch() == broker.get().epoch()));
            if (!holds) {
                return refuse(
                        ErrorReason.ERROR_REASON_ELIGIBLE_LEADERS_NOT_AVAILABLE,
                        draft,
                        one,
                        "of node " + node
                                + ", which was among the last to hold everything, there is no current report");
            }
        }
        var chosen = byNode.get(choice.candidate().nodeId());
        if (chosen != null && chosen.report().isEmpty() && !allHeard(draft, p, byNode)) {
            return refuse(
                    ErrorReason.ERROR_REASON_ELIGIBLE_LEADERS_NOT_AVAILABLE,
                    draft,
                    one,
                    "node " + choice.candidate().nodeId() + " has no record, and of nodes " + p.replicas()
                            + " not all have said what they have");
        }
        boolean best = chosen != null
                && choice.reports().stream().noneMatch(r -> r.report().hasMoreThan(chosen.report()));
        return best
                ? Optional.empty()
                : refuse(
                        ErrorReason.ERROR_REASON_INVALID_REQUEST,
                        draft,
                        one,
                        "node " + choice.candidate().nodeId() + " does not have most: " + choice.reports());
    }

    private static boolean allHeard(Draft draft, PartitionImage p, Map<Integer, NodeReport> byNode) {
        return p.replicas().stream().allMatch(node -> {
            var report = byNode.get(node);
            var broker = draft.image().broker(node);
            return report != null
                    && broker.isPresent()
                    && !broker.get().fenced()
                    && report.brokerEpoch() == broker.get().epoch();
        });
    }

    private static Optional<MetadataError> refuse(
            ErrorReason reason, Draft draft, PartitionToElect one, String message) {
        var name = draft.image().topic(one.topicId()).map(t -> t.name()).orElse("?");
        return Optional.of(MetadataError.of(reason, "partition " + name + "-" + one.partition() + ": " + message));
    }
}
