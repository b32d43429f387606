// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.config;

import io.varve.cli.Console;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "unset", description = "Let configs of a topic go back to their defaults: all of them or none.")
final class ConfigUnset extends TopicConfigCommand {

    @Parameters(index = "2..*", arity = "1..*", paramLabel = "KEY", description = "For example retention.ms.")
    private List<String> keys = List.of();

    ConfigUnset(Console console) {
        super(console);
    }

    @Override
    ConfigChanges changes(String topic, boolean dryRun) {
        return ConfigChanges.of(List.of(topic), List.of(), keys, dryRun);
    }
}
