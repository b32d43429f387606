// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.config;

import io.varve.cli.ConnectionOptions;
import io.varve.cli.Console;
import io.varve.cli.OutputOptions;
import io.varve.client.VarveClient;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A command that changes configs of one topic; what it changes are its further parameters. */
abstract class TopicConfigCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private ConnectionOptions connection = new ConnectionOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Parameters(index = "0", paramLabel = "topic", converter = Kind.Converter.class, description = "Of what.")
    private Kind kind = Kind.TOPIC;

    @Parameters(index = "1", paramLabel = "NAME", description = "The topic.")
    private String name = "";

    @Option(names = "--dry-run", description = "Check everything, change nothing.")
    private boolean dryRun;

    TopicConfigCommand(Console console) {
        this.console = console;
    }

    abstract ConfigChanges changes(String topic, boolean dryRun);

    @Override
    public Integer call() {
        kind.requireChangeable(name);
        ConfigChanges changes = changes(name, dryRun);
        try (VarveClient client = connection.client(console)) {
            return changes.make(client, output.json(), console);
        }
    }
}
