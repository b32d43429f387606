// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.config;

import io.varve.cli.ConnectionOptions;
import io.varve.cli.Console;
import io.varve.cli.OutputOptions;
import io.varve.client.VarveClient;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "unset", description = "Let configs of a topic go back to their defaults: all of them or none.")
final class ConfigUnset implements Callable<Integer> {
    private final Console console;

    @Mixin
    private ConnectionOptions connection = new ConnectionOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Parameters(index = "0", paramLabel = "topic", converter = Kind.Converter.class, description = "Of what.")
    private Kind kind = Kind.TOPIC;

    @Parameters(index = "1", paramLabel = "NAME", description = "The topic.")
    private String name = "";

    @Parameters(index = "2..*", arity = "1..*", paramLabel = "KEY", description = "For example retention.ms.")
    private List<String> keys = List.of();

    @Option(names = "--dry-run", description = "Check everything, change nothing.")
    private boolean dryRun;

    ConfigUnset(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        kind.requireChangeable(name);
        ConfigChanges changes = ConfigChanges.of(List.of(name), List.of(), keys, dryRun);
        try (VarveClient client = connection.client(console)) {
            return changes.make(client, output.json(), console);
        }
    }
}
