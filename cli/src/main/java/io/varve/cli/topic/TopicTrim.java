// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.topic;

import io.varve.cli.CommandFailure;
import io.varve.cli.Confirmation;
import io.varve.cli.ConnectionOptions;
import io.varve.cli.Console;
import io.varve.cli.ExitStatus;
import io.varve.cli.ItemFailures;
import io.varve.cli.OutputOptions;
import io.varve.cli.PartitionName;
import io.varve.cli.ProtoJson;
import io.varve.cli.Table;
import io.varve.cli.Units;
import io.varve.cli.records.Position;
import io.varve.client.DeleteRecordsResult;
import io.varve.client.TopicPartition;
import io.varve.client.VarveClient;
import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "trim", description = "Delete the records before a position, on all nodes and for good.")
final class TopicTrim implements Callable<Integer> {
    private final Console console;

    @Mixin
    private ConnectionOptions connection = new ConnectionOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Mixin
    private Confirmation confirmation = new Confirmation();

    @Parameters(
            paramLabel = "TOPIC[:PARTITION]",
            arity = "1..*",
            converter = PartitionName.Converter.class,
            description = "A topic, or one partition of it.")
    private List<PartitionName> names = List.of();

    @Option(
            names = "--before",
            required = true,
            paramLabel = "POSITION",
            description = "The first record that stays: end (none does), an offset, @2026-01-31T12:00:00Z or @-1h.")
    private String before = "";

    @Option(names = "--dry-run", description = "Show what would be deleted, delete nothing.")
    private boolean dryRun;

    TopicTrim(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        Position position = position();
        try (VarveClient client = connection.client(console)) {
            TrimPlan plan = TrimPlan.make(client, names, position);
            if (dryRun || plan.records() == 0) {
                return show(plan);
            }
            if (!confirmation.given(console, sentence(plan))) {
                console.println("nothing was done");
                return ExitStatus.OK.code();
            }
            return trim(client, plan);
        }
    }

    private Position position() {
        try {
            return Position.parse(before, Instant.now());
        } catch (IllegalArgumentException e) {
            throw CommandFailure.usage(String.valueOf(e.getMessage()), "see varve topic trim --help");
        }
    }

    /** Nothing is deleted: what would be, or that there is nothing. */
    private int show(TrimPlan plan) {
        if (output.json()) {
            console.println(ProtoJson.of(TopicAnswers.deleteRecords(plan.unchanged())));
            return ExitStatus.OK.code();
        }
        Table table = new Table("PARTITION", ">START", ">WOULD BE", ">RECORDS");
        plan.cuts()
                .forEach((partition, cut) ->
                        table.row(name(partition), cut.start(), cut.before(), Units.grouped(cut.records())));
        console.print(table.render());
        return ExitStatus.OK.code();
    }

    private int trim(VarveClient client, TrimPlan plan) {
        Map<TopicPartition, Long> before = new LinkedHashMap<>();
        plan.cuts().forEach((partition, cut) -> {
            if (cut.records() > 0) {
                before.put(partition, cut.before());
            }
        });
        List<DeleteRecordsResult> results = client.admin().deleteRecords(before).join();
        ItemFailures failures = new ItemFailures();
        Table table = new Table("PARTITION", ">STARTED AT", ">STARTS AT");
        int trimmed = 0;
        for (DeleteRecordsResult result : results) {
            TrimPlan.Cut cut = Objects.requireNonNull(plan.cuts().get(result.partition()));
            if (failures.note(result.error())) {
                table.row(name(result.partition()), cut.start(), result.logStartOffset());
                trimmed++;
            }
        }
        if (output.json() && (trimmed > 0 || results.size() > 1)) {
            console.println(ProtoJson.of(TopicAnswers.deleteRecords(results)));
        } else if (trimmed > 0) {
            console.print(table.render());
        }
        return failures.finish(output.json(), console);
    }

    private static String name(TopicPartition partition) {
        return partition.topic() + ":" + partition.partition();
    }

    private static String sentence(TrimPlan plan) {
        StringBuilder text = new StringBuilder("This deletes " + Units.grouped(plan.records()) + " records for good:");
        plan.cuts().forEach((partition, cut) -> {
            if (cut.records() > 0) {
                text.append(text.charAt(text.length() - 1) == ':' ? " " : ", ")
                        .append("%s from %d up to %d".formatted(name(partition), cut.start(), cut.before() - 1));
            }
        });
        return text.append('.').toString();
    }
}
