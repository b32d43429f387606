// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.topic;

import io.varve.cli.CommandFailure;
import io.varve.cli.ConnectionOptions;
import io.varve.cli.Console;
import io.varve.cli.OutputOptions;
import io.varve.cli.config.ConfigChanges;
import io.varve.client.VarveClient;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "alter", description = "Change configs of topics, on all nodes and without a restart.")
final class TopicAlter implements Callable<Integer> {
    private final Console console;

    @Mixin
    private ConnectionOptions connection = new ConnectionOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Parameters(paramLabel = "TOPIC", arity = "1..*", description = "Names; all changes of a topic are made, or none.")
    private List<String> names = List.of();

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description =
                    "A topic config, such as retention.ms=86400000; may be repeated. varve config explain tells which"
                            + " there are.")
    private List<String> set = List.of();

    @Option(
            names = "--unset",
            paramLabel = "KEY",
            description = "A topic config that is to go back to its default; may be repeated.")
    private List<String> unset = List.of();

    @Option(names = "--dry-run", description = "Check everything, change nothing.")
    private boolean dryRun;

    TopicAlter(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        if (set.isEmpty() && unset.isEmpty()) {
            throw CommandFailure.usage("nothing is to be changed", "add --set KEY=VALUE or --unset KEY");
        }
        ConfigChanges changes = ConfigChanges.of(names, set, unset, dryRun);
        try (VarveClient client = connection.client(console)) {
            return changes.make(client, output.json(), console);
        }
    }
}
