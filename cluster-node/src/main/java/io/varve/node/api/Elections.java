// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

import io.varve.metadata.Controller;
import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.CommandBody.ElectLeaders;
import io.varve.metadata.command.CommandBody.PartitionToElect;
import io.varve.metadata.image.BrokerImage;
import io.varve.metadata.image.CommandResult.PartitionResult;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.PartitionImage;
import io.varve.metadata.image.TopicImage;
import io.varve.proto.ErrorReasons;
import io.varve.proto.v1.ElectLeadersRequest;
import io.varve.proto.v1.ElectLeadersResponse;
import io.varve.proto.v1.ElectionResult;
import io.varve.proto.v1.ElectionType;
import io.varve.proto.v1.Error;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.Outcome;
import io.varve.proto.v1.PartitionElection;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Elections that an operator asks for. <i>Thread-safe.</i> */
final class Elections {

    /** Partitions in one command of the metadata log, far below what one may be in bytes. */
    static final int MAX_PARTITIONS = 1000;

    private final Controller controller;

    Elections(Controller controller) {
        this.controller = controller;
    }

    CompletableFuture<ElectLeadersResponse> elect(MetadataImage image, ElectLeadersRequest request) {
        boolean transfer = request.getType() == ElectionType.ELECTION_TYPE_TRANSFER;
        if (!transfer && request.getType() != ElectionType.ELECTION_TYPE_PREFERRED) {
            throw invalid("type must be PREFERRED or TRANSFER");
        }
        if (transfer && request.getPartitionsCount() == 0) {
            throw invalid("a transfer must name its partitions");
        }
        if (request.getPartitionsCount() > MAX_PARTITIONS) {
            throw invalid("partitions may have %d elements, but has %d"
                    .formatted(MAX_PARTITIONS, request.getPartitionsCount()));
        }
        List<PartitionElection> wanted =
                request.getPartitionsCount() == 0 ? notPreferred(image) : request.getPartitionsList();
        List<Asked> asked =
                wanted.stream().map(one -> ask(image, one, transfer)).toList();
        List<PartitionToElect> elections =
                asked.stream().flatMap(one -> one.election().stream()).toList();
        if (elections.isEmpty()) {
            return CompletableFuture.completedFuture(
                    answer(asked, List.<PartitionResult>of().iterator()));
        }
        var type = transfer
                ? io.varve.metadata.command.CommandBody.ElectionType.TRANSFER
                : io.varve.metadata.command.CommandBody.ElectionType.PREFERRED;
        return controller
                .electLeaders(new ElectLeaders(type, elections))
                .thenApply(results -> answer(asked, results.iterator()));
    }

    /** One that was asked for, and what of it goes to the controller. */
    private record Asked(PartitionElection wanted, Optional<PartitionToElect> election, Optional<Error> error) {

        static Asked refused(PartitionElection wanted, Error error) {
            return new Asked(wanted, Optional.empty(), Optional.of(error));
        }
    }

    private static Asked ask(MetadataImage image, PartitionElection one, boolean transfer) {
        Optional<TopicImage> topic = image.topic(one.getTopic());
        if (topic.isEmpty() || topic.get().partition(one.getPartition()).isEmpty()) {
            return Asked.refused(one, PartitionDescriptions.missing(topic, one.getTopic(), one.getPartition()));
        }
        if (!transfer) {
            return new Asked(
                    one,
                    Optional.of(new PartitionToElect(topic.get().id(), one.getPartition(), Optional.empty())),
                    Optional.empty());
        }
        Optional<BrokerImage> target = image.broker(one.getTarget());
        if (target.isEmpty()) {
            return Asked.refused(
                    one,
                    ErrorReasons.error(
                            ErrorReason.ERROR_REASON_BROKER_ID_NOT_REGISTERED,
                            "node %d is not registered, so it cannot lead %s:%d"
                                    .formatted(one.getTarget(), one.getTopic(), one.getPartition()),
                            "varve broker list shows the nodes",
                            Outcome.OUTCOME_NOT_APPLIED,
                            Map.of("broker", Integer.toString(one.getTarget()))));
        }
        BrokerRef ref = new BrokerRef(one.getTarget(), target.get().epoch());
        return new Asked(
                one,
                Optional.of(PartitionToElect.transfer(topic.get().id(), one.getPartition(), ref)),
                Optional.empty());
    }

    /** Those that have another leader although the first replica is in sync. */
    private static List<PartitionElection> notPreferred(MetadataImage image) {
        List<PartitionElection> found = new ArrayList<>();
        image.topics().all().stream()
                .sorted(Comparator.comparing(TopicImage::name))
                .forEach(topic -> topic.partitions().stream()
                        .filter(PartitionListings::hasOtherThanPreferredLeader)
                        .filter(p -> p.isr().contains(p.replicas().get(0)))
                        .forEach(p -> found.add(PartitionElection.newBuilder()
                                .setTopic(topic.name())
                                .setPartition(p.partition())
                                .build())));
        return found.subList(0, Math.min(found.size(), MAX_PARTITIONS));
    }

    /** @param results of those that went to the controller */
    private static ElectLeadersResponse answer(List<Asked> asked, Iterator<PartitionResult> results) {
        var answer = ElectLeadersResponse.newBuilder();
        for (Asked one : asked) {
            var result = answer.addResultsBuilder()
                    .setTopic(one.wanted().getTopic())
                    .setPartition(one.wanted().getPartition());
            one.error().ifPresent(result::setError);
            if (one.election().isPresent()) {
                fill(result, results.next());
            }
        }
        return answer.build();
    }

    private static void fill(ElectionResult.Builder result, PartitionResult elected) {
        Optional<PartitionImage> state = elected.state();
        state.ifPresent(now -> result.setLeader(now.leader()).setLeaderEpoch(now.leaderEpoch()));
        elected.error().ifPresent(why -> result.setError(Failures.toError(why, Outcome.OUTCOME_NOT_APPLIED)));
    }

    private static RuntimeException invalid(String message) {
        return ErrorReasons.toStatus(ErrorReasons.error(ErrorReason.ERROR_REASON_INVALID_REQUEST, message));
    }
}
