// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.records;

import io.varve.cli.CommandFailure;
import io.varve.cli.ConnectionOptions;
import io.varve.cli.Console;
import io.varve.cli.ExitStatus;
import io.varve.cli.Units;
import io.varve.client.VarveClient;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "consume",
        description = {
            "Print the records of topics: the bytes of each value and a line feed, unless -f or -o says otherwise.",
            "Begins at the beginning, and ends where the topic ended when the command started, unless -F.",
        },
        footer = {
            "",
            "Positions: beginning, end, an offset, @2026-01-31T12:00:00Z, @2026-01-31 (UTC), @-1h,",
            "@1767225600000 (ms). A time means the first record at or after it.",
            "",
            "Formats (-f):",
            "  %%t topic   %%k key   %%v value   %%h headers   %%p partition   %%o offset   %%e leader epoch   %%i count",
            "  %%d timestamp in ms, %%d{rfc3339}, %%d{seconds}   %%T %%K %%V lengths   %%H number of headers",
            "  %%[ start of the partition, %%] its high watermark, %%| its last stable offset, at start",
            "  %%v{hex} %%v{base64}, the same for %%k   %%h{%%k=%%v,} for each header   \\n \\t \\r \\0 \\\\ \\xHH   %%%%",
            "",
            "  varve consume orders --from @-1h -f '%%p:%%o %%d{rfc3339} %%k %%v\\n'",
            "  varve consume orders --from end -F -o jsonl",
        })
public final class ConsumeCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private ConnectionOptions connection = new ConnectionOptions();

    @Parameters(paramLabel = "TOPIC", arity = "1..*", description = "Names of topics.")
    private List<String> topics = List.of();

    @Option(
            names = "--from",
            paramLabel = "POSITION",
            defaultValue = "beginning",
            description = "Where to begin (default: ${DEFAULT-VALUE}).")
    private String from = "beginning";

    @Option(
            names = "--to",
            paramLabel = "POSITION",
            description = "Where to end, exclusive (default: the end as it is now).")
    private @Nullable String to;

    @Option(
            names = {"-n", "--num"},
            paramLabel = "N",
            converter = Units.Count.class,
            description = "End after N records.")
    private @Nullable Long limit;

    @Option(
            names = {"-F", "--follow"},
            description = "Wait for more records at the end, until Ctrl-C.")
    private boolean follow;

    @Option(
            names = {"-p", "--partitions"},
            paramLabel = "N[,N...]",
            split = ",",
            hideParamSyntax = true,
            description = "Only these partitions.")
    private List<Integer> partitions = List.of();

    @Option(
            names = {"-f", "--format"},
            paramLabel = "FORMAT",
            description = "How to print a record, see below.")
    private @Nullable String format;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "raw|json|jsonl",
            defaultValue = "raw",
            description = "raw: values; jsonl: one JSON object per line; json: one array (default: ${DEFAULT-VALUE}).")
    private Style style = Style.RAW;

    enum Style {
        RAW,
        JSON,
        JSONL;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public ConsumeCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        if (follow && to != null) {
            throw CommandFailure.usage("--follow has no end, --to " + to + " is one", "leave one of them away");
        }
        if (format != null && style != Style.RAW) {
            throw CommandFailure.usage("--format does not go with --output " + style, "leave one of them away");
        }
        ReadPlan.Request request;
        RecordPrinter printer;
        try {
            Instant now = Instant.now();
            request = new ReadPlan.Request(
                    topics,
                    partitions,
                    Position.parse(from, now),
                    to == null ? new Position.End() : Position.parse(to, now),
                    follow);
            printer = printer();
        } catch (InvalidFormatException e) {
            throw CommandFailure.usage(String.valueOf(e.getMessage()), "see varve consume --help");
        }
        try (VarveClient client = connection.client(console)) {
            ReadPlan plan = ReadPlan.make(client, request);
            plan.notices().forEach(notice -> console.err().println("note: " + notice));
            new Reading(console, plan, printer, limit == null ? Long.MAX_VALUE : limit, connection.timeout())
                    .run(client);
        }
        return ExitStatus.OK.code();
    }

    private RecordPrinter printer() throws IOException {
        if (format != null) {
            return RecordPrinter.formatted(RecordFormat.parse(format), console.out());
        }
        return switch (style) {
            case RAW -> RecordPrinter.raw(console.out());
            case JSON -> JsonPrinter.array(console.out());
            case JSONL -> JsonPrinter.lines(console.out());
        };
    }
}
