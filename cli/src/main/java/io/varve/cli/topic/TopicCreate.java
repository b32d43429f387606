// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.topic;

import io.varve.cli.CommandFailure;
import io.varve.cli.ConnectionOptions;
import io.varve.cli.Console;
import io.varve.cli.ItemFailures;
import io.varve.cli.OutputOptions;
import io.varve.cli.ProtoJson;
import io.varve.cli.Table;
import io.varve.client.Admin;
import io.varve.client.CreateTopicResult;
import io.varve.client.NewTopic;
import io.varve.client.VarveClient;
import io.varve.client.VarveException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "create", description = "Create topics.")
final class TopicCreate implements Callable<Integer> {
    private final Console console;

    @Mixin
    private ConnectionOptions connection = new ConnectionOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Parameters(paramLabel = "TOPIC", arity = "1..*", description = "Names.")
    private List<String> names = List.of();

    @Option(
            names = {"-p", "--partitions"},
            paramLabel = "N",
            description = "Partitions of each topic (default: 1).")
    private @Nullable Integer partitions;

    @Option(
            names = {"-r", "--replicas", "--replication-factor"},
            paramLabel = "N",
            description = "Copies of each record (default: as many as there are nodes, up to 3).")
    private @Nullable Integer replicas;

    @Option(
            names = "--assignment",
            paramLabel = "ID,ID[:ID,ID...]",
            converter = Assignment.class,
            description = "The nodes that keep each partition, the preferred leader first, such as 1,2,3:2,3,1 for two"
                    + " partitions; in place of -p and -r.")
    private List<List<Integer>> assignment = List.of();

    @Option(
            names = {"-c", "--config"},
            paramLabel = "KEY=VALUE",
            description = "A topic config by its Kafka name, such as retention.ms=86400000, or"
                    + " durability=written; may be repeated.")
    private Map<String, String> configs = new LinkedHashMap<>();

    @Option(names = "--if-not-exists", description = "A topic that is there already is no mistake.")
    private boolean ifNotExists;

    @Option(names = "--dry-run", description = "Check everything, create nothing.")
    private boolean dryRun;

    TopicCreate(Console console) {
        this.console = console;
    }

    private NewTopic topic(String name) {
        return assignment.isEmpty()
                ? new NewTopic(name, partitions == null ? 1 : partitions, replicas == null ? 0 : replicas, configs)
                : new NewTopic(name, 0, 0, configs, assignment);
    }

    @Override
    public Integer call() {
        if (!assignment.isEmpty() && (partitions != null || replicas != null)) {
            throw CommandFailure.usage(
                    "--assignment says how many partitions and replicas there are", "leave -p and -r away");
        }
        List<NewTopic> topics = names.stream().map(this::topic).toList();
        List<CreateTopicResult> results;
        try (VarveClient client = connection.client(console)) {
            Admin admin = client.admin();
            results = (dryRun ? admin.validateTopics(topics) : admin.createTopics(topics)).join();
        }
        ItemFailures failures = new ItemFailures();
        Table table = new Table("TOPIC", ">PARTITIONS", ">REPLICAS", "STATUS");
        int rows = 0;
        for (CreateTopicResult result : results) {
            boolean existed = ifNotExists && exists(result.error());
            if (failures.note(existed ? Optional.empty() : result.error())) {
                String status = existed ? "exists" : dryRun ? "would be created" : "created";
                table.row(
                        result.name(),
                        existed ? "-" : result.partitions(),
                        existed ? "-" : result.replicationFactor(),
                        status);
                rows++;
            }
        }
        if (output.json() && (rows > 0 || results.size() > 1)) {
            console.println(ProtoJson.of(TopicAnswers.create(results)));
        } else if (rows > 0) {
            console.print(table.render());
        }
        return failures.finish(output.json(), console);
    }

    private static boolean exists(Optional<VarveException> error) {
        return error.isPresent() && error.get().reason().equals("TOPIC_ALREADY_EXISTS");
    }
}
