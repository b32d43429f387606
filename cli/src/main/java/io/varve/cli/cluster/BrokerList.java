// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.cluster;

import io.varve.cli.ConnectionOptions;
import io.varve.cli.Console;
import io.varve.cli.ExitStatus;
import io.varve.cli.OutputOptions;
import io.varve.cli.ProtoJson;
import io.varve.cli.Table;
import io.varve.cli.Units;
import io.varve.client.VarveClient;
import io.varve.proto.v1.ListNodesResponse;
import io.varve.proto.v1.NodeDisk;
import io.varve.proto.v1.NodeListing;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "list", aliases = "ls", description = "Show the nodes and what each of them does.")
final class BrokerList implements Callable<Integer> {
    private final Console console;

    @Mixin
    private ConnectionOptions connection = new ConnectionOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    BrokerList(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        ListNodesResponse nodes;
        try (VarveClient client = connection.client(console)) {
            nodes = client.admin().cluster().listNodes().join();
        }
        console.print(output.json() ? ProtoJson.of(nodes) + "\n" : render(nodes));
        return ExitStatus.OK.code();
    }

    static String render(ListNodesResponse nodes) {
        Table table = new Table(
                ">BROKER", "ADDRESS", "RACK", "STATUS", "QUORUM", ">LEADERS", ">REPLICAS", ">IN-SYNC", "DISK");
        for (NodeListing node : nodes.getNodesList()) {
            table.row(
                    node.getId(),
                    node.getHost().isEmpty() ? "-" : node.getHost() + ":" + node.getPort(),
                    node.getRack().isEmpty() ? "-" : node.getRack(),
                    status(node),
                    node.getId() == nodes.getControllerId() ? "controller" : node.getVoter() ? "voter" : "observer",
                    node.getLeaders(),
                    node.getReplicas(),
                    node.getInSyncReplicas(),
                    disk(node));
        }
        return table.render();
    }

    /** What is free, and the state unless it is well. */
    private static String disk(NodeListing node) {
        if (!node.hasDisk()) {
            return "-";
        }
        NodeDisk disk = node.getDisk();
        String free = Units.humanBytes(disk.getFreeBytes()) + " free";
        return switch (disk.getStatus()) {
            case NODE_DISK_STATUS_NEARLY_FULL -> "nearly full, " + free;
            case NODE_DISK_STATUS_FULL -> "full, " + free;
            case NODE_DISK_STATUS_OFFLINE -> "failed";
            default -> free;
        };
    }

    private static String status(NodeListing node) {
        return node.getStatus()
                .name()
                .replace("NODE_STATUS_", "")
                .toLowerCase(Locale.ROOT)
                .replace('_', '-');
    }
}
