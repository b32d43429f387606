// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.partition;

import io.varve.cli.ConnectionOptions;
import io.varve.cli.Console;
import io.varve.cli.ItemFailures;
import io.varve.cli.OutputOptions;
import io.varve.cli.PartitionName;
import io.varve.cli.ProtoJson;
import io.varve.cli.WatchOptions;
import io.varve.client.AdminCluster;
import io.varve.client.TopicPartition;
import io.varve.client.VarveClient;
import io.varve.proto.v1.DescribePartitionResponse;
import io.varve.proto.v1.ListPartitionsRequest;
import io.varve.proto.v1.ListPartitionsResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "state", description = "Show partitions as their leaders see them: how far each replica is.")
final class PartitionShow implements Callable<Integer> {
    private final Console console;

    @Mixin
    private ConnectionOptions connection = new ConnectionOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Mixin
    private WatchOptions watch = new WatchOptions();

    @Parameters(
            paramLabel = "TOPIC[:PARTITION]",
            converter = PartitionName.Converter.class,
            description = "A partition, or all of a topic.")
    private PartitionName name = new PartitionName("", java.util.OptionalInt.empty());

    PartitionShow(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        try (VarveClient client = connection.client(console)) {
            AdminCluster admin = client.admin().cluster();
            return watch.run(console, () -> show(admin));
        }
    }

    private int show(AdminCluster admin) {
        List<CompletableFuture<DescribePartitionResponse>> asked =
                partitions(admin).stream().map(admin::describePartition).toList();
        ItemFailures failures = new ItemFailures();
        List<String> reports = new ArrayList<>();
        for (CompletableFuture<DescribePartitionResponse> future : asked) {
            DescribePartitionResponse answer = future.join();
            failures.note(answer.hasError(), answer.getError());
            if (output.json()) {
                reports.add(ProtoJson.of(answer));
            } else if (answer.hasMetadata()) {
                reports.add(StateReport.render(answer));
            }
        }
        if (!output.json()) {
            console.print(String.join("\n", reports));
        } else if (name.partition().isEmpty()) {
            console.println("[" + String.join(", ", reports) + "]");
        } else if (failures.isEmpty()) {
            console.println(reports.get(0));
        }
        return failures.finish(output.json(), console);
    }

    private List<TopicPartition> partitions(AdminCluster admin) {
        if (name.partition().isPresent()) {
            return List.of(name.single());
        }
        ListPartitionsResponse all = admin.listPartitions(ListPartitionsRequest.newBuilder()
                        .addTopics(name.topic())
                        .build())
                .join();
        if (all.getErrorsCount() > 0) {
            throw io.varve.cli.Failures.of(all.getErrors(0));
        }
        return all.getPartitionsList().stream()
                .map(partition -> TopicPartition.of(partition.getTopic(), partition.getPartition()))
                .toList();
    }
}
