// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.machine;

import io.varve.metadata.command.CommandBody.ElectLeaders;
import io.varve.metadata.command.CommandBody.ElectionType;
import io.varve.metadata.command.CommandBody.PartitionToElect;
import io.varve.metadata.image.CommandResult;
import io.varve.metadata.image.CommandResult.PartitionResult;
import io.varve.metadata.image.CommandResult.Partitions;
import io.varve.metadata.image.MetadataError;
import io.varve.metadata.image.PartitionImage;
import io.varve.metadata.image.PartitionImage.InSync;
import io.varve.metadata.image.PartitionImage.Leadership;
import io.varve.metadata.image.ReplicaId;
import io.varve.proto.v1.ErrorReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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
            var refusal = c.type() == ElectionType.PREFERRED
                    ? preferred(draft, one, found.get())
                    : unclean(draft, one, found.get());
            var now = draft.image().partition(one.topicId(), one.partition());
            results.add(new PartitionResult(one.topicId(), one.partition(), now, refusal));
        }
        return new Partitions(results);
    }

    private static Optional<MetadataError> preferred(Draft draft, PartitionToElect one, PartitionImage p) {
        int first = p.replicas().get(0);
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

    /** P31: only where nobody is known to hold everything. Who, was decided outside; here it is only checked. */
    private static Optional<MetadataError> unclean(Draft draft, PartitionToElect one, PartitionImage p) {
        if (p.hasLeader()) {
            return refuse(ErrorReason.ERROR_REASON_ELECTION_NOT_NEEDED, draft, one, "node " + p.leader() + " leads");
        }
        if (!p.isr().isEmpty() || !p.elr().isEmpty()) {
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
        draft.emit(
                one.topicId(),
                p.nextUnclean(
                        new InSync(List.of(node), List.of(), List.of()), new Leadership(node, p.leaderEpoch() + 1)));
        return Optional.empty();
    }

    private static Optional<MetadataError> refuse(
            ErrorReason reason, Draft draft, PartitionToElect one, String message) {
        var name = draft.image().topic(one.topicId()).map(t -> t.name()).orElse("?");
        return Optional.of(MetadataError.of(reason, "partition " + name + "-" + one.partition() + ": " + message));
    }
}
