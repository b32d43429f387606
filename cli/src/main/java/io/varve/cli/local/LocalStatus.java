// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.varve.cli.CommandFailure;
import io.varve.cli.Console;
import io.varve.cli.ExitStatus;
import io.varve.cli.OutputOptions;
import io.varve.cli.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "status", description = "Show the nodes of the local cluster.")
final class LocalStatus implements Callable<Integer> {
    private final Console console;

    @Mixin
    private LocalCommand.DirectoryOption directory = new LocalCommand.DirectoryOption();

    @Mixin
    private OutputOptions output = new OutputOptions();

    LocalStatus(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws JsonProcessingException {
        LocalDirectory local = directory.open();
        List<LocalNode> nodes = local.nodes();
        if (nodes.isEmpty()) {
            throw noCluster(local, directory);
        }
        if (output.json()) {
            List<Map<String, Object>> all = new ArrayList<>();
            nodes.forEach(node -> all.add(asMap(node, local)));
            console.println(
                    new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(Map.of("nodes", all)));
            return ExitStatus.OK.code();
        }
        Table table = new Table(">NODE", "STATE", ">PID", "PUBLIC", "PEER", "RAFT", "HTTP", "DIRECTORY");
        for (LocalNode node : nodes) {
            Map<String, String> addresses = node.addresses().all();
            table.row(
                    node.id(),
                    NodeState.of(node),
                    node.isAlive() ? node.pid() : "-",
                    String.valueOf(addresses.get("public")),
                    String.valueOf(addresses.get("peer")),
                    String.valueOf(addresses.get("raft")),
                    String.valueOf(addresses.get("http")),
                    local.nodeDirectory(node.id()));
        }
        console.print(table.render());
        return ExitStatus.OK.code();
    }

    /** The pid is 0 when the node is stopped. */
    private static Map<String, Object> asMap(LocalNode node, LocalDirectory local) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("id", node.id());
        map.put("pid", node.isAlive() ? node.pid() : 0);
        map.put("state", NodeState.of(node).toString());
        map.put("addresses", node.addresses().all());
        map.put("directory", local.nodeDirectory(node.id()).toString());
        map.put("log", local.log(node.id()).toString());
        return map;
    }

    static CommandFailure noCluster(LocalDirectory local, LocalCommand.DirectoryOption directory) {
        return new CommandFailure(
                ExitStatus.NOT_FOUND,
                "NO_LOCAL_CLUSTER",
                "there is no local cluster in " + local.root(),
                "varve local up" + directory.argument() + " makes one; --dir names another place");
    }
}
