// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal;

import io.varve.client.internal.producer.TopicView;
import io.varve.proto.Uuids;
import io.varve.proto.v1.PartitionMetadata;
import io.varve.proto.v1.TopicMetadata;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads metadata answers, in whichever order they list partitions. */
public final class TopicViews {
    private static final TopicView.Leader NO_LEADER = new TopicView.Leader(0, 0);

    private TopicViews() {}

    public static TopicView of(TopicMetadata topic) {
        if (topic.hasError()) {
            return new TopicView(topic.getName(), null, Errors.of(topic.getError()), List.of(), 0);
        }
        TopicView.Leader[] leaders = new TopicView.Leader[topic.getPartitionsCount()];
        Arrays.fill(leaders, NO_LEADER);
        for (PartitionMetadata p : topic.getPartitionsList()) {
            if (p.getPartition() >= 0 && p.getPartition() < leaders.length) {
                leaders[p.getPartition()] = new TopicView.Leader(p.getLeader(), p.getLeaderEpoch());
            }
        }
        return new TopicView(
                topic.getName(),
                Uuids.fromBytes(topic.getTopicId()),
                null,
                Arrays.asList(leaders),
                topic.getMaxMessageBytes());
    }

    /** A partition by its number; null if the topic has none. */
    public static @Nullable PartitionMetadata partition(TopicMetadata topic, int number) {
        for (PartitionMetadata p : topic.getPartitionsList()) {
            if (p.getPartition() == number) {
                return p;
            }
        }
        return null;
    }
}
