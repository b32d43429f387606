// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.PartitionImage;
import io.varve.metadata.image.TopicImage;
import io.varve.proto.ErrorReasons;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.ListPartitionsRequest;
import io.varve.proto.v1.ListPartitionsResponse;
import io.varve.proto.v1.PartitionFilter;
import io.varve.proto.v1.PartitionListing;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Partitions of an image as answers, page by page. Stateless. */
final class PartitionListings {

    static final int MAX_PAGE_SIZE = 10_000;

    private static final String OK = "ok";

    private PartitionListings() {}

    /** Throws the status that ends the call if the page is none. */
    static ListPartitionsResponse list(MetadataImage image, ListPartitionsRequest request) {
        int pageSize = pageSize(request.getPageSize());
        Place after = Place.of(request.getPageToken());
        var answer = ListPartitionsResponse.newBuilder();
        for (TopicImage topic : topics(image, request, answer)) {
            for (PartitionImage partition : topic.partitions()) {
                if (!after.isBefore(topic.name(), partition.partition()) || !wanted(partition, request)) {
                    continue;
                }
                if (answer.getPartitionsCount() == pageSize) {
                    var last = answer.getPartitions(pageSize - 1);
                    return answer.setNextPageToken(new Place(last.getTopic(), last.getPartition()).token())
                            .build();
                }
                answer.addPartitions(listing(topic.name(), partition));
            }
        }
        return answer.build();
    }

    static PartitionListing listing(String topic, PartitionImage partition) {
        return PartitionListing.newBuilder()
                .setTopic(topic)
                .setPartition(partition.partition())
                .setLeader(partition.leader())
                .setLeaderEpoch(partition.leaderEpoch())
                .setPartitionEpoch(partition.partitionEpoch())
                .addAllReplicas(partition.replicas())
                .addAllIsr(partition.isr())
                .addAllElr(partition.elr())
                .setMinInsyncReplicas(partition.effectiveMinIsr())
                .setStatus(status(partition))
                .build();
    }

    private static String status(PartitionImage partition) {
        if (!partition.hasLeader()) {
            return "offline";
        }
        if (isUnderMinIsr(partition)) {
            return "under-min-isr";
        }
        return isUnderReplicated(partition) ? "under-replicated" : OK;
    }

    static boolean isUnderReplicated(PartitionImage partition) {
        return partition.isr().size() < partition.replicas().size();
    }

    static boolean isUnderMinIsr(PartitionImage partition) {
        return partition.isr().size() < partition.effectiveMinIsr();
    }

    static boolean hasOtherThanPreferredLeader(PartitionImage partition) {
        return partition.hasLeader()
                && partition.leader() != partition.replicas().get(0);
    }

    private static List<TopicImage> topics(
            MetadataImage image, ListPartitionsRequest request, ListPartitionsResponse.Builder answer) {
        if (request.getTopicsCount() == 0) {
            return image.topics().all().stream()
                    .filter(topic -> request.getIncludeInternal() || !topic.internal())
                    .sorted(Comparator.comparing(TopicImage::name))
                    .toList();
        }
        List<TopicImage> named = new ArrayList<>();
        for (String name : request.getTopicsList().stream().distinct().sorted().toList()) {
            Optional<TopicImage> topic = image.topic(name);
            topic.ifPresentOrElse(named::add, () -> answer.addErrors(TopicDescriptions.unknownTopic(name)));
        }
        return named;
    }

    private static boolean wanted(PartitionImage partition, ListPartitionsRequest request) {
        if (request.getLeader() != 0 && request.getLeader() != partition.leader()) {
            return false;
        }
        if (request.getNodeId() != 0 && !partition.replicas().contains(request.getNodeId())) {
            return false;
        }
        return request.getFiltersCount() == 0
                || request.getFiltersList().stream().anyMatch(filter -> holds(filter, partition));
    }

    private static boolean holds(PartitionFilter filter, PartitionImage partition) {
        return switch (filter) {
            case PARTITION_FILTER_UNDER_REPLICATED -> isUnderReplicated(partition);
            case PARTITION_FILTER_UNDER_MIN_ISR -> isUnderMinIsr(partition);
            case PARTITION_FILTER_AT_MIN_ISR ->
                partition.isr().size() == partition.effectiveMinIsr() && isUnderReplicated(partition);
            case PARTITION_FILTER_OFFLINE -> !partition.hasLeader();
            case PARTITION_FILTER_NOT_PREFERRED_LEADER -> hasOtherThanPreferredLeader(partition);
            case PARTITION_FILTER_UNSPECIFIED, UNRECOGNIZED ->
                throw invalid("filters has an element that this node does not know");
        };
    }

    private static int pageSize(int asked) {
        if (asked < 0 || asked > MAX_PAGE_SIZE) {
            throw invalid("page_size must be 0 to %d, but is %d".formatted(MAX_PAGE_SIZE, asked));
        }
        return asked == 0 ? MAX_PAGE_SIZE : asked;
    }

    private static RuntimeException invalid(String message) {
        return ErrorReasons.toStatus(ErrorReasons.error(ErrorReason.ERROR_REASON_INVALID_REQUEST, message));
    }

    /** The last partition of a page. */
    private record Place(String topic, int partition) {

        private static final Place BEGINNING = new Place("", -1);

        static Place of(String token) {
            if (token.isEmpty()) {
                return BEGINNING;
            }
            try {
                String text = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
                int colon = text.lastIndexOf(':');
                return new Place(text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
            } catch (IllegalArgumentException | StringIndexOutOfBoundsException e) {
                throw invalid("page_token is not one that a node gave out: " + token);
            }
        }

        boolean isBefore(String otherTopic, int otherPartition) {
            int order = topic.compareTo(otherTopic);
            return order < 0 || (order == 0 && partition < otherPartition);
        }

        String token() {
            byte[] text = (topic + ":" + partition).getBytes(StandardCharsets.UTF_8);
            return Base64.getUrlEncoder().withoutPadding().encodeToString(text);
        }
    }
}
