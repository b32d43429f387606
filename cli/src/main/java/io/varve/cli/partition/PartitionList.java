// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.partition;

import io.varve.cli.ConnectionOptions;
import io.varve.cli.Console;
import io.varve.cli.ItemFailures;
import io.varve.cli.NodeIds;
import io.varve.cli.OutputOptions;
import io.varve.cli.ProtoJson;
import io.varve.cli.Table;
import io.varve.client.VarveClient;
import io.varve.proto.v1.Error;
import io.varve.proto.v1.ListPartitionsRequest;
import io.varve.proto.v1.ListPartitionsResponse;
import io.varve.proto.v1.PartitionFilter;
import io.varve.proto.v1.PartitionListing;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "list",
        aliases = "ls",
        description = "Show partitions: who holds, leads and is in sync.",
        footer = {"", "With several of the conditions a partition is shown that any one of them holds for."})
final class PartitionList implements Callable<Integer> {
    private final Console console;

    @Mixin
    private ConnectionOptions connection = new ConnectionOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Parameters(paramLabel = "TOPIC", arity = "0..*", description = "Names; none for all topics.")
    private List<String> topics = List.of();

    @Option(names = "--under-replicated", description = "Fewer in sync than there are replicas.")
    private boolean underReplicated;

    @Option(names = "--under-min-isr", description = "Fewer in sync than min.insync.replicas.")
    private boolean underMinIsr;

    @Option(names = "--at-min-isr", description = "Just min.insync.replicas in sync, of more replicas.")
    private boolean atMinIsr;

    @Option(names = "--offline", description = "Without a leader.")
    private boolean offline;

    @Option(names = "--not-preferred", description = "Led by another node than the first replica.")
    private boolean notPreferred;

    @Option(names = "--leader", paramLabel = "ID", description = "Only those that this node leads.")
    private int leader;

    @Option(names = "--broker", paramLabel = "ID", description = "Only those that this node holds.")
    private int broker;

    @Option(names = "--internal", description = "Also those of topics that are the cluster's own.")
    private boolean internal;

    PartitionList(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        ListPartitionsResponse answer;
        try (VarveClient client = connection.client(console)) {
            answer = client.admin().cluster().listPartitions(request()).join();
        }
        ItemFailures failures = new ItemFailures();
        for (Error error : answer.getErrorsList()) {
            failures.note(true, error);
        }
        for (int found = answer.getErrorsCount(); found < topics.size(); found++) {
            failures.note(false, Error.getDefaultInstance());
        }
        if (output.json() && (topics.size() > 1 || answer.getErrorsCount() == 0)) {
            console.println(ProtoJson.of(answer));
        } else if (!output.json() && (answer.getErrorsCount() < topics.size() || topics.isEmpty())) {
            console.print(render(answer.getPartitionsList()));
        }
        return failures.finish(output.json(), console);
    }

    private ListPartitionsRequest request() {
        ListPartitionsRequest.Builder request = ListPartitionsRequest.newBuilder()
                .addAllTopics(topics)
                .setLeader(leader)
                .setNodeId(broker)
                .setIncludeInternal(internal);
        add(underReplicated, PartitionFilter.PARTITION_FILTER_UNDER_REPLICATED, request);
        add(underMinIsr, PartitionFilter.PARTITION_FILTER_UNDER_MIN_ISR, request);
        add(atMinIsr, PartitionFilter.PARTITION_FILTER_AT_MIN_ISR, request);
        add(offline, PartitionFilter.PARTITION_FILTER_OFFLINE, request);
        add(notPreferred, PartitionFilter.PARTITION_FILTER_NOT_PREFERRED_LEADER, request);
        return request.build();
    }

    private static void add(boolean wanted, PartitionFilter filter, ListPartitionsRequest.Builder request) {
        if (wanted) {
            request.addFilters(filter);
        }
    }

    static String render(List<PartitionListing> partitions) {
        Table table =
                new Table("TOPIC", ">PARTITION", ">LEADER", ">EPOCH", "REPLICAS", "ISR", "ELR", ">MIN-ISR", "STATUS");
        for (PartitionListing partition : partitions) {
            table.row(
                    partition.getTopic(),
                    partition.getPartition(),
                    partition.getLeader() == 0 ? "none" : partition.getLeader(),
                    partition.getLeaderEpoch(),
                    NodeIds.text(partition.getReplicasList()),
                    NodeIds.text(partition.getIsrList()),
                    NodeIds.text(partition.getElrList()),
                    partition.getMinInsyncReplicas(),
                    partition.getStatus());
        }
        return table.render();
    }
}
