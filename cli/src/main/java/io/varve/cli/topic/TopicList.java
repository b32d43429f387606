// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.topic;

import io.varve.cli.CommandFailure;
import io.varve.cli.ConnectionOptions;
import io.varve.cli.Console;
import io.varve.cli.ExitStatus;
import io.varve.cli.OutputOptions;
import io.varve.cli.ProtoJson;
import io.varve.cli.Table;
import io.varve.client.TopicListing;
import io.varve.client.VarveClient;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "list", aliases = "ls", description = "List topics by name.")
final class TopicList implements Callable<Integer> {
    private final Console console;

    @Mixin
    private ConnectionOptions connection = new ConnectionOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Option(
            names = {"-r", "--regex"},
            paramLabel = "REGEX",
            defaultValue = "",
            description = "Only topics in whose name this regular expression is found.")
    private String regex = "";

    @Option(names = "--internal", description = "Also the cluster's own topics, whose names begin with __.")
    private boolean internal;

    TopicList(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Pattern pattern = pattern();
        List<TopicListing> topics;
        try (VarveClient client = connection.client(console)) {
            topics = client.admin().listTopics(internal).join();
        }
        List<TopicListing> chosen = topics.stream()
                .filter(topic -> pattern.matcher(topic.name()).find())
                .toList();
        if (output.json()) {
            console.println(ProtoJson.of(TopicAnswers.list(chosen)));
            return ExitStatus.OK.code();
        }
        Table table = new Table("TOPIC", ">PARTITIONS", ">REPLICAS", "DURABILITY");
        chosen.forEach(
                topic -> table.row(topic.name(), topic.partitions(), topic.replicationFactor(), topic.durability()));
        console.print(table.render());
        return ExitStatus.OK.code();
    }

    private Pattern pattern() {
        try {
            return Pattern.compile(regex);
        } catch (PatternSyntaxException e) {
            throw CommandFailure.usage(
                    "'" + regex + "' is not a regular expression: " + e.getDescription(),
                    "see varve topic list --help");
        }
    }
}
