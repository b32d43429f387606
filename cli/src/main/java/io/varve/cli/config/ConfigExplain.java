// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.config;

import io.varve.cli.ConnectionOptions;
import io.varve.cli.Console;
import io.varve.cli.OutputOptions;
import io.varve.cli.ProtoJson;
import io.varve.cli.Table;
import io.varve.client.VarveClient;
import io.varve.proto.v1.ConfigKey;
import io.varve.proto.v1.ListConfigKeysResponse;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "explain",
        description = "Say what a config or setting means, which values it has, and when a change counts.")
final class ConfigExplain implements Callable<Integer> {
    private final Console console;

    @Mixin
    private ConnectionOptions connection = new ConnectionOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Parameters(arity = "0..*", paramLabel = "KEY", description = "For example retention.ms (default: a list of all).")
    private List<String> keys = List.of();

    ConfigExplain(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        ListConfigKeysResponse all;
        try (VarveClient client = connection.client(console)) {
            all = client.admin().configs().keys().join();
        }
        TreeSet<String> known = new TreeSet<>();
        all.getTopicKeysList().forEach(key -> known.add(key.getName()));
        all.getNodeKeysList().forEach(key -> known.add(key.getName()));
        ConfigLookup.requireKnown(keys, known, "config or setting");
        ListConfigKeysResponse chosen = ListConfigKeysResponse.newBuilder()
                .addAllTopicKeys(chosen(all.getTopicKeysList()))
                .addAllNodeKeys(chosen(all.getNodeKeysList()))
                .build();
        if (output.json()) {
            console.println(ProtoJson.of(chosen));
        } else if (keys.isEmpty()) {
            console.print(table(chosen));
        } else {
            StringBuilder text = new StringBuilder();
            chosen.getTopicKeysList()
                    .forEach(key ->
                            explain(text, key, "topic", "varve topic alter TOPIC --set " + key.getName() + "=…"));
            chosen.getNodeKeysList().forEach(key -> explain(text, key, "node", "in the file of the node"));
            console.print(text.toString());
        }
        return 0;
    }

    private List<ConfigKey> chosen(List<ConfigKey> all) {
        return all.stream()
                .filter(key -> keys.isEmpty() || keys.contains(key.getName()))
                .toList();
    }

    private static String table(ListConfigKeysResponse keys) {
        Table table = new Table("OF", "CONFIG", "DEFAULT", "UNIT", "ALLOWED");
        keys.getTopicKeysList().forEach(key -> row(table, "topic", key));
        keys.getNodeKeysList().forEach(key -> row(table, "node", key));
        return table.render();
    }

    private static void row(Table table, String of, ConfigKey key) {
        table.row(
                of, key.getName(), Table.orDash(key.getDefaultValue()), Table.orDash(key.getUnit()), key.getAllowed());
    }

    private static void explain(StringBuilder text, ConfigKey key, String of, String how) {
        String unit = key.getUnit().isEmpty() ? "" : " " + key.getUnit();
        text.append(text.isEmpty() ? "" : "\n")
                .append("%s   (%s)%n  %s%n".formatted(key.getName(), of, key.getMeaning()));
        text.append("  DEFAULT       %s%n"
                .formatted(key.getDefaultValue().isEmpty() ? "depends" : key.getDefaultValue() + unit));
        text.append("  ALLOWED       %s%s%n".formatted(key.getAllowed(), unit));
        text.append("  CHANGE        %s%n".formatted(key.getTakesEffect().startsWith("never") ? "-" : how));
        text.append("  TAKES EFFECT  %s%n".formatted(key.getTakesEffect()));
    }
}
