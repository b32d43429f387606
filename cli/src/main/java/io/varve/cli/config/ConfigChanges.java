// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.config;

import io.varve.cli.CommandFailure;
import io.varve.cli.Console;
import io.varve.cli.ItemFailures;
import io.varve.cli.ProtoJson;
import io.varve.cli.Table;
import io.varve.client.VarveClient;
import io.varve.proto.v1.AlterTopicConfigsRequest;
import io.varve.proto.v1.AlterTopicConfigsResponse;
import io.varve.proto.v1.ChangedConfig;
import io.varve.proto.v1.ConfigSource;
import io.varve.proto.v1.TopicConfigResult;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Changes of topics' configs, as the command line asks for them. Immutable.
 *
 * @param set names and values
 * @param unset names of those that go back to their defaults
 * @param dryRun only looks whether it would work
 */
public record ConfigChanges(List<String> topics, Map<String, String> set, List<String> unset, boolean dryRun) {

    /** @param assignments as {@code KEY=VALUE} */
    public static ConfigChanges of(List<String> topics, List<String> assignments, List<String> unset, boolean dryRun) {
        Map<String, String> set = new LinkedHashMap<>();
        for (String assignment : assignments) {
            int equals = assignment.indexOf('=');
            if (equals < 1) {
                throw CommandFailure.usage(
                        "'" + assignment + "' is not KEY=VALUE", "write for example retention.ms=86400000");
            }
            String name = assignment.substring(0, equals).strip();
            if (set.putIfAbsent(name, assignment.substring(equals + 1).strip()) != null) {
                throw CommandFailure.usage(name + " is set twice", "say it once");
            }
        }
        return new ConfigChanges(topics, set, unset, dryRun);
    }

    /** Makes them, prints what has changed, and returns the exit code. */
    public int make(VarveClient client, boolean json, Console console) {
        AlterTopicConfigsRequest.Builder request =
                AlterTopicConfigsRequest.newBuilder().setValidateOnly(dryRun);
        topics.stream()
                .distinct()
                .forEach(topic -> request.addChangesBuilder()
                        .setTopic(topic)
                        .putAllSet(set)
                        .addAllUnset(unset));
        AlterTopicConfigsResponse answer =
                client.admin().configs().alterTopics(request.build()).join();
        ItemFailures failures = new ItemFailures();
        Table table = new Table("TOPIC", "CONFIG", "BEFORE", dryRun ? "WOULD BE" : "NOW", "TAKES EFFECT");
        int changed = 0;
        for (TopicConfigResult result : answer.getResultsList()) {
            if (failures.note(result.hasError(), result.getError())) {
                changed++;
                result.getConfigsList().forEach(config -> row(table, result.getTopic(), config));
            }
        }
        if (json && (changed > 0 || answer.getResultsCount() > 1)) {
            console.println(ProtoJson.of(answer));
        } else if (changed > 0) {
            console.print(table.render());
        }
        return failures.finish(json, console);
    }

    private static void row(Table table, String topic, ChangedConfig config) {
        boolean isDefault = config.getSource() == ConfigSource.CONFIG_SOURCE_DEFAULT;
        boolean same = config.getBefore().equals(config.getAfter());
        table.row(
                topic,
                config.getName(),
                config.getBefore(),
                config.getAfter() + (isDefault ? " (default)" : ""),
                same ? "it was so before" : config.getTakesEffect());
    }
}
