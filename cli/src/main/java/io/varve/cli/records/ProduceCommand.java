// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.records;

import io.varve.cli.AcksOption;
import io.varve.cli.CommandFailure;
import io.varve.cli.ConnectionOptions;
import io.varve.cli.Console;
import io.varve.cli.ExitStatus;
import io.varve.cli.Failures;
import io.varve.client.Acks;
import io.varve.client.BufferFull;
import io.varve.client.Codec;
import io.varve.client.Header;
import io.varve.client.Producer;
import io.varve.client.ProducerRecord;
import io.varve.client.RecordMetadata;
import io.varve.client.TopicDescription;
import io.varve.client.VarveClient;
import io.varve.client.VarveException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "produce",
        description = {
            "Append records to a topic: one VALUE, or each line of a file or of standard input.",
            "Bytes are taken as they are; a carriage return belongs to the record. Exit code 0 means that every"
                    + " record was acknowledged.",
        },
        footer = {
            "",
            "Formats (-f) say how input is cut into records:",
            "  %%k key   %%v value   %%p partition   %%d timestamp in ms   %%K %%V length of what follows",
            "  \\n \\t \\r \\0 \\\\ \\xHH   %%%% a percent sign",
            "",
            "  varve produce orders -k order-1 '{\"id\":1}'",
            "  varve produce logs --from-file /var/log/syslog",
            "  printf 'k1\\tv1\\n' | varve produce orders -f '%%k\\t%%v\\n'",
        })
public final class ProduceCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private ConnectionOptions connection = new ConnectionOptions();

    @Parameters(index = "0", paramLabel = "TOPIC", description = "Name of the topic.")
    private String topic = "";

    @Parameters(index = "1", arity = "0..1", paramLabel = "VALUE", description = "The value of a single record.")
    private @Nullable String value;

    @Option(
            names = {"-k", "--key"},
            paramLabel = "KEY",
            description = "Key of every record whose format has none.")
    private @Nullable String key;

    @Option(
            names = {"-H", "--header"},
            paramLabel = "KEY=VALUE",
            description = "A header of every record; may be repeated.")
    private List<String> headers = new ArrayList<>();

    @Option(
            names = {"-p", "--partition"},
            paramLabel = "N",
            description = "The partition (default: by the key; without a key, spread).")
    private @Nullable Integer partition;

    @Option(
            names = "--acks",
            paramLabel = "0|1|all",
            defaultValue = "all",
            converter = AcksOption.class,
            description = "Who must have a record before it counts (default: ${DEFAULT-VALUE}).")
    private Acks acks = Acks.ALL;

    @Option(names = "--from-file", paramLabel = "FILE", description = "Read records from a file; - is standard input.")
    private @Nullable Path file;

    @Option(
            names = {"-f", "--format"},
            paramLabel = "FORMAT",
            description = "How input is cut into records (default: '%%v\\n', a line is a record).")
    private @Nullable String format;

    @Option(
            names = {"-z", "--compression"},
            paramLabel = "CODEC",
            defaultValue = "none",
            description = "none, gzip, snappy, lz4 or zstd (default: ${DEFAULT-VALUE}).")
    private Codec codec = Codec.NONE;

    public ProduceCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        InputFormat inputFormat = inputFormat();
        List<Header> parsedHeaders =
                headers.stream().map(ProduceCommand::header).toList();
        try (RecordInput input = value == null ? RecordInput.open(file, console) : RecordInput.none();
                VarveClient client = connection.client(console)) {
            checkTopic(client);
            Producer<byte[], byte[]> producer = client.producer()
                    .acks(acks)
                    .compression(codec)
                    .onBufferFull(BufferFull.BLOCK)
                    .build();
            RecordTemplate template = new RecordTemplate(topic, partition, bytes(key), parsedHeaders);
            if (value != null) {
                return one(producer, template.of(bytes(value)));
            }
            new BulkProduce(console, producer, template, acks).run(inputFormat.read(input.stream()), input);
            return ExitStatus.OK.code();
        }
    }

    private int one(Producer<byte[], byte[]> producer, ProducerRecord<byte[], byte[]> single) {
        RecordMetadata stored = producer.sendSync(single);
        String offset = stored.hasOffset() ? "offset " + stored.offset() : "not acknowledged (acks=0)";
        console.println(stored.topic() + "  partition " + stored.partition() + "  " + offset + "  "
                + RecordFormat.rfc3339(stored.timestampMs()));
        return ExitStatus.OK.code();
    }

    private InputFormat inputFormat() {
        if (value != null && (file != null || format != null)) {
            throw CommandFailure.usage(
                    "a VALUE cannot go with " + (file != null ? "--from-file" : "--format"), "leave one of them away");
        }
        try {
            return format == null ? InputFormat.LINES : InputFormat.parse(format);
        } catch (InvalidFormatException e) {
            throw CommandFailure.usage(String.valueOf(e.getMessage()), "see varve produce --help");
        }
    }

    private static Header header(String text) {
        int equals = text.indexOf('=');
        if (equals < 1) {
            throw CommandFailure.usage("the header '" + text + "' is not KEY=VALUE", "for example -H source=cli");
        }
        return Header.of(text.substring(0, equals), text.substring(equals + 1));
    }

    /** Before the first record is read, because a producer would go on asking for a topic until its delivery timeout. */
    private void checkTopic(VarveClient client) {
        TopicDescription described = TopicLookup.describe(client, topic);
        int count = described.partitions().size();
        if (partition != null && (partition < 0 || partition >= count)) {
            throw TopicLookup.noSuchPartition(topic, partition, count);
        }
    }

    private static byte @Nullable [] bytes(@Nullable String text) {
        return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }

    /** How a failure of one of many records is told. */
    static CommandFailure failureOf(long number, VarveException error, String source) {
        CommandFailure failure = Failures.of(error);
        return failure.withMessage("record " + Long.toString(number) + " of " + source + ": " + failure.message());
    }
}
