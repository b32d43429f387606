// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.partition;

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

@Command(name = "transfer-leader", description = "Make another in-sync replica the leader. Loses no record.")
final class TransferLeader implements Callable<Integer> {
    private final Console console;

    @Mixin
    private ConnectionOptions connection = new ConnectionOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Parameters(
            paramLabel = "TOPIC:PARTITION",
            arity = "1..*",
            converter = PartitionName.Converter.class,
            description = "Partitions.")
    private List<PartitionName> names = List.of();

    @Option(names = "--to", paramLabel = "ID", required = true, description = "The node that is to lead.")
    private int target;

    TransferLeader(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        ElectLeadersRequest.Builder request =
                ElectLeadersRequest.newBuilder().setType(ElectionType.ELECTION_TYPE_TRANSFER);
        for (PartitionName name : names) {
            TopicPartition partition = name.single();
            request.addPartitions(PartitionElection.newBuilder()
                    .setTopic(partition.topic())
                    .setPartition(partition.partition())
                    .setTarget(target));
        }
        ElectLeadersResponse answer;
        try (VarveClient client = connection.client(console)) {
            answer = client.admin().cluster().electLeaders(request.build()).join();
        }
        return ElectionReport.print(answer, output, console);
    }
}
