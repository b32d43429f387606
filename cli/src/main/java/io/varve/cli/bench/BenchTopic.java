// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.bench;

import io.varve.cli.Failures;
import io.varve.client.Admin;
import io.varve.client.NewTopic;
import io.varve.client.TopicDescription;
import io.varve.client.VarveClient;
import java.util.List;
import java.util.Map;

/** The topic under load. Stateless. */
final class BenchTopic {
    private BenchTopic() {}

    /** The topic as it is, or made now. One that exists keeps its partitions, replicas and durability, whatever is asked for. */
    static TopicDescription describeOrCreate(
            VarveClient client, String name, int partitions, int replicas, String durability) {
        Admin admin = client.admin();
        List<TopicDescription> described = admin.describeTopics(List.of(name)).join();
        if (described
                .get(0)
                .error()
                .filter(e -> e.reason().equals("UNKNOWN_TOPIC_OR_PARTITION"))
                .isPresent()) {
            admin.createTopic(new NewTopic(name, partitions, replicas, Map.of("durability", durability)))
                    .join();
            described = admin.describeTopics(List.of(name)).join();
        }
        TopicDescription topic = described.get(0);
        topic.error().ifPresent(error -> {
            throw Failures.of(error);
        });
        return topic;
    }
}
