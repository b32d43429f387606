// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.partition;

import io.varve.cli.CommandFailure;
import io.varve.cli.ConnectionOptions;
import io.varve.cli.Console;
import io.varve.cli.OutputOptions;
import io.varve.cli.PartitionName;
import io.varve.client.TopicPartition;
import io.varve.client.VarveClient;
import io.varve.proto.v1.ElectLeadersRequest;
import io.varve.proto.v1.ElectLeadersResponse;
import io.varve.proto.v1.ElectionType;
import io.varve.proto.v1.PartitionElection;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "elect-preferred",
        description = "Make the first replica of partitions their leader again, where it is in sync.")
final class ElectPreferred implements Callable<Integer> {
    private final Console console;

    @Mixin
    private ConnectionOptions connection = new ConnectionOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Parameters(
            paramLabel = "TOPIC:PARTITION",
            arity = "0..*",
            converter = PartitionName.Converter.class,
            description = "Partitions.")
    private List<PartitionName> names = List.of();

    @Option(names = "--all", description = "Every partition that another node leads.")
    private boolean all;

    ElectPreferred(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        if (all == !names.isEmpty()) {
            throw CommandFailure.usage(
                    "elect-preferred needs partitions or --all" + (all ? ", and not both" : ""),
                    "varve partition list --not-preferred shows those that it would change");
        }
        ElectLeadersRequest.Builder request =
                ElectLeadersRequest.newBuilder().setType(ElectionType.ELECTION_TYPE_PREFERRED);
        for (PartitionName name : names) {
            TopicPartition partition = name.single();
            request.addPartitions(
                    PartitionElection.newBuilder().setTopic(partition.topic()).setPartition(partition.partition()));
        }
        ElectLeadersResponse answer;
        try (VarveClient client = connection.client(console)) {
            answer = client.admin().cluster().electLeaders(request.build()).join();
        }
        if (answer.getResultsCount() == 0 && !output.json()) {
            console.println("every partition has its preferred leader, where that is in sync");
        }
        return ElectionReport.print(answer, output, console);
    }
}
