// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.records;

import io.varve.cli.CommandFailure;
import io.varve.cli.ExitStatus;
import io.varve.cli.Failures;
import io.varve.client.TopicDescription;
import io.varve.client.VarveClient;
import io.varve.client.VarveException;
import java.util.Map;
import java.util.concurrent.CompletionException;

/** Finds topics before records move, so that a mistyped name is told at once. Stateless. */
public final class TopicLookup {
    private TopicLookup() {}

    public static TopicDescription describe(VarveClient client, String topic) {
        TopicDescription described;
        try {
            described = client.admin().describeTopic(topic).join();
        } catch (CompletionException | VarveException e) {
            throw withWayOut(Failures.of(e), topic);
        }
        if (described.error().isPresent()) {
            throw withWayOut(Failures.of(described.error().get()), topic);
        }
        return described;
    }

    private static CommandFailure withWayOut(CommandFailure failure, String topic) {
        return failure.status() == ExitStatus.NOT_FOUND
                ? failure.withHint("varve topic create " + topic + " makes it, varve topic list shows what is there")
                : failure;
    }

    public static CommandFailure noSuchPartition(String topic, int partition, int count) {
        return new CommandFailure(
                ExitStatus.NOT_FOUND,
                "NOT_FOUND",
                "UNKNOWN_TOPIC_OR_PARTITION",
                "topic " + topic + " has no partition " + partition,
                count == 1 ? "it has partition 0 only" : "it has the partitions 0 to " + (count - 1),
                Map.of("topic", topic, "partition", String.valueOf(partition)));
    }
}
