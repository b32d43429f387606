// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.config;

import io.varve.cli.CommandFailure;
import io.varve.cli.ExitStatus;
import io.varve.cli.Failures;
import io.varve.cli.Nearest;
import io.varve.client.AdminConfigs;
import io.varve.proto.v1.ConfigValue;
import io.varve.proto.v1.TopicConfigs;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Asks for what is in force. Stateless. */
final class ConfigLookup {
    private ConfigLookup() {}

    /** By name, in their order. */
    static Map<String, ConfigValue> of(AdminConfigs configs, Kind kind, String name) {
        List<ConfigValue> found;
        if (kind == Kind.BROKER) {
            found = configs.describeNode(Kind.nodeId(name)).join().getConfigsList();
        } else {
            TopicConfigs topic = configs.describeTopics(List.of(name)).join().getTopics(0);
            if (topic.hasError()) {
                throw Failures.of(topic.getError());
            }
            found = topic.getConfigsList();
        }
        Map<String, ConfigValue> byName = new LinkedHashMap<>();
        found.forEach(value -> byName.put(value.getName(), value));
        return byName;
    }

    /** Fails with all that are not there, and what each was probably meant to be. */
    static void requireKnown(Collection<String> wanted, Collection<String> known, String what) {
        List<String> problems = new ArrayList<>();
        for (String name : wanted) {
            if (!known.contains(name)) {
                problems.add("there is no " + what + " " + name
                        + Nearest.of(name, known)
                                .map(nearest -> ", did you mean " + nearest + "?")
                                .orElse(""));
            }
        }
        if (!problems.isEmpty()) {
            throw new CommandFailure(
                    ExitStatus.NOT_FOUND,
                    "INVALID_CONFIG",
                    String.join("; ", problems),
                    "varve config explain shows all there are");
        }
    }
}
