// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.topic;

import io.varve.cli.ConnectionOptions;
import io.varve.cli.Console;
import io.varve.cli.ItemFailures;
import io.varve.cli.NodeIds;
import io.varve.cli.OutputOptions;
import io.varve.cli.ProtoJson;
import io.varve.cli.Table;
import io.varve.cli.Units;
import io.varve.client.PartitionDescription;
import io.varve.client.TopicDescription;
import io.varve.client.VarveClient;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "describe", aliases = "get", description = "Show topics with their partitions.")
final class TopicDescribe implements Callable<Integer> {
    private final Console console;

    @Mixin
    private ConnectionOptions connection = new ConnectionOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Parameters(paramLabel = "TOPIC", arity = "1..*", description = "Names.")
    private List<String> names = List.of();

    @Option(names = "--configs", description = "Also the configs that were never set.")
    private boolean allConfigs;

    TopicDescribe(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        List<TopicDescription> topics;
        try (VarveClient client = connection.client(console)) {
            topics = client.admin().describeTopics(names).join();
        }
        ItemFailures failures = new ItemFailures();
        StringBuilder text = new StringBuilder();
        int described = 0;
        for (TopicDescription topic : topics) {
            if (failures.note(topic.error())) {
                text.append(described++ == 0 ? "" : "\n").append(render(topic));
            }
        }
        if (output.json() && (described > 0 || topics.size() > 1)) {
            console.println(ProtoJson.of(TopicAnswers.describe(topics)));
        } else {
            console.print(text.toString());
        }
        return failures.finish(output.json(), console);
    }

    private String render(TopicDescription topic) {
        long records = 0;
        long bytes = 0;
        Table table = new Table(
                ">PARTITION",
                ">LEADER",
                ">EPOCH",
                "REPLICAS",
                "ISR",
                ">START",
                ">HW",
                ">LEO",
                ">FLUSHED",
                ">SIZE",
                "STATUS");
        for (PartitionDescription partition : topic.partitions()) {
            records += partition.offsets().highWatermark() - partition.offsets().logStartOffset();
            bytes += partition.sizeBytes();
            table.row(
                    partition.partition(),
                    partition.leader() == 0 ? "none" : partition.leader(),
                    partition.leaderEpoch(),
                    NodeIds.text(partition.replicaSets().replicas()),
                    NodeIds.text(partition.replicaSets().isr()),
                    partition.offsets().logStartOffset(),
                    partition.offsets().highWatermark(),
                    partition.offsets().logEndOffset(),
                    partition.offsets().flushedEndOffset(),
                    Units.humanBytes(partition.sizeBytes()),
                    status(partition));
        }
        String head = "TOPIC %s   ID %s   PARTITIONS %d   RF %d   MIN-ISR %d   DURABILITY %s%n"
                .formatted(
                        topic.name(),
                        topic.topicId(),
                        topic.partitions().size(),
                        topic.replicationFactor(),
                        topic.minInsyncReplicas(),
                        topic.durability());
        String totals = "RECORDS %s   SIZE %s%n".formatted(Units.grouped(records), Units.humanBytes(bytes));
        String configs = topic.configs().stream()
                .filter(config -> allConfigs || !config.isDefault())
                .map(config -> "CONFIG %s=%s%s%n"
                        .formatted(config.name(), config.value(), config.isDefault() ? "   (default)" : ""))
                .collect(Collectors.joining());
        return head + totals + configs + table.render();
    }

    /** What the leader says of itself, unless that is well and a follower is not. */
    private static String status(PartitionDescription partition) {
        List<Integer> missing = new ArrayList<>(partition.replicaSets().replicas());
        missing.removeAll(partition.replicaSets().isr());
        return partition.status().equals("ok") && !missing.isEmpty()
                ? "under-replicated (" + NodeIds.text(missing) + ")"
                : partition.status();
    }
}
