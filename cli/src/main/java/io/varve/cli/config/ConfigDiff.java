// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.varve.cli.ConnectionOptions;
import io.varve.cli.Console;
import io.varve.cli.OutputOptions;
import io.varve.cli.Table;
import io.varve.client.AdminConfigs;
import io.varve.client.VarveClient;
import io.varve.proto.v1.ConfigValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "diff", description = "Show where two topics, or two nodes, differ in what is in force.")
final class ConfigDiff implements Callable<Integer> {
    private final Console console;

    @Mixin
    private ConnectionOptions connection = new ConnectionOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Parameters(index = "0", paramLabel = "topic|broker", converter = Kind.Converter.class, description = "Of what.")
    private Kind kind = Kind.TOPIC;

    @Parameters(index = "1", paramLabel = "NAME", description = "The first one.")
    private String first = "";

    @Parameters(index = "2", paramLabel = "NAME", description = "The second one.")
    private String second = "";

    /** A value of either; empty for one that only the other has. */
    private record Difference(String name, String first, String second) {}

    ConfigDiff(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        List<Difference> differences;
        try (VarveClient client = connection.client(console)) {
            AdminConfigs configs = client.admin().configs();
            differences = differences(ConfigLookup.of(configs, kind, first), ConfigLookup.of(configs, kind, second));
        }
        if (output.json()) {
            console.println(json(differences));
            return 0;
        }
        Table table = new Table("CONFIG", first, second);
        differences.forEach(one -> table.row(one.name(), Table.orDash(one.first()), Table.orDash(one.second())));
        console.print(differences.isEmpty() ? "no difference\n" : table.render());
        return 0;
    }

    private static List<Difference> differences(Map<String, ConfigValue> a, Map<String, ConfigValue> b) {
        TreeSet<String> names = new TreeSet<>(a.keySet());
        names.addAll(b.keySet());
        List<Difference> differences = new ArrayList<>();
        for (String name : names) {
            Difference one = new Difference(name, value(a, name), value(b, name));
            if (!one.first().equals(one.second())) {
                differences.add(one);
            }
        }
        return differences;
    }

    private static String value(Map<String, ConfigValue> values, String name) {
        return Optional.ofNullable(values.get(name)).map(ConfigValue::getValue).orElse("");
    }

    private static String json(List<Difference> differences) {
        try {
            return new ObjectMapper()
                    .writerWithDefaultPrettyPrinter()
                    .writeValueAsString(Map.of(
                            "differences",
                            differences.stream()
                                    .map(one ->
                                            Map.of("name", one.name(), "first", one.first(), "second", one.second()))
                                    .toList()));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a map of strings is always JSON", e);
        }
    }
}
