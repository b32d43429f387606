// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.config;

import io.varve.cli.Console;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "set", description = "Set configs of a topic, on all nodes and without a restart: all of them or none.")
final class ConfigSet extends TopicConfigCommand {

    @Parameters(
            index = "2..*",
            arity = "1..*",
            paramLabel = "KEY=VALUE",
            description = "For example retention.ms=86400000.")
    private List<String> assignments = List.of();

    ConfigSet(Console console) {
        super(console);
    }

    @Override
    ConfigChanges changes(String topic, boolean dryRun) {
        return ConfigChanges.of(List.of(topic), assignments, List.of(), dryRun);
    }
}
