// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.config;

import io.varve.cli.ConnectionOptions;
import io.varve.cli.Console;
import io.varve.cli.OutputOptions;
import io.varve.cli.ProtoJson;
import io.varve.cli.Table;
import io.varve.client.VarveClient;
import io.varve.proto.v1.ConfigValue;
import io.varve.proto.v1.DescribeNodeConfigsResponse;
import io.varve.proto.v1.DescribeTopicConfigsResponse;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "get",
        aliases = "describe",
        description = "Show what is in force for a topic or a node, where it comes from, and whether it can change.")
final class ConfigGet implements Callable<Integer> {
    private final Console console;

    @Mixin
    private ConnectionOptions connection = new ConnectionOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Parameters(index = "0", paramLabel = "topic|broker", converter = Kind.Converter.class, description = "Of what.")
    private Kind kind = Kind.TOPIC;

    @Parameters(index = "1", paramLabel = "NAME", description = "The topic, or the number of the node.")
    private String name = "";

    @Parameters(index = "2..*", paramLabel = "KEY", description = "Only these (default: all).")
    private List<String> keys = List.of();

    ConfigGet(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Map<String, ConfigValue> found;
        try (VarveClient client = connection.client(console)) {
            found = ConfigLookup.of(client.admin().configs(), kind, name);
        }
        ConfigLookup.requireKnown(keys, found.keySet(), kind == Kind.TOPIC ? "topic config" : "setting");
        List<ConfigValue> shown = found.values().stream()
                .filter(value -> keys.isEmpty() || keys.contains(value.getName()))
                .toList();
        if (output.json()) {
            console.println(json(shown));
            return 0;
        }
        Table table = new Table("CONFIG", "VALUE", "UNIT", "SOURCE", "DEFAULT", "CHANGE");
        for (ConfigValue value : shown) {
            table.row(
                    value.getName(),
                    Table.orDash(value.getValue()),
                    Table.orDash(value.getUnit()),
                    source(value),
                    Table.orDash(value.getDefaultValue()),
                    change(value));
        }
        console.print(table.render());
        return 0;
    }

    private String json(List<ConfigValue> shown) {
        if (kind == Kind.BROKER) {
            return ProtoJson.of(DescribeNodeConfigsResponse.newBuilder()
                    .setNodeId(Kind.nodeId(name))
                    .addAllConfigs(shown));
        }
        var answer = DescribeTopicConfigsResponse.newBuilder();
        answer.addTopicsBuilder().setTopic(name).addAllConfigs(shown);
        return ProtoJson.of(answer);
    }

    private static String source(ConfigValue value) {
        return switch (value.getSource()) {
            case CONFIG_SOURCE_DEFAULT -> "default";
            case CONFIG_SOURCE_TOPIC -> "topic";
            default -> Table.orDash(value.getOrigin());
        };
    }

    private String change(ConfigValue value) {
        return !value.getFixed() ? "live" : kind == Kind.BROKER ? "restart" : "never";
    }
}
