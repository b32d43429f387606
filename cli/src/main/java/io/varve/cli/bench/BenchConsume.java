// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.bench;

import io.varve.cli.CommandFailure;
import io.varve.cli.ConnectionOptions;
import io.varve.cli.Console;
import io.varve.cli.ExitStatus;
import io.varve.cli.Failures;
import io.varve.cli.Interruption;
import io.varve.cli.OutputOptions;
import io.varve.cli.Progress;
import io.varve.cli.Throughput;
import io.varve.cli.Units;
import io.varve.client.Consumer;
import io.varve.client.ConsumerRecord;
import io.varve.client.ConsumerRecords;
import io.varve.client.TopicDescription;
import io.varve.client.TopicPartition;
import io.varve.client.VarveClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "consume", description = "Read a topic from its beginning, and report throughput and processor time.")
final class BenchConsume implements Callable<Integer> {
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration FAREWELL = Duration.ofSeconds(5);
    private static final int RECORDS_PER_POLL = 5_000;

    private final Console console;

    @Mixin
    private ConnectionOptions connection = new ConnectionOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Mixin
    private CpuMeter.NodeOptions nodes = new CpuMeter.NodeOptions();

    @Option(
            names = "--topic",
            paramLabel = "TOPIC",
            defaultValue = "bench",
            description = "Topic (default: ${DEFAULT-VALUE}).")
    private String topic = "bench";

    @Option(
            names = "--records",
            paramLabel = "N",
            converter = Units.Count.class,
            description = "Records to read (default: all there are).")
    private long records = Long.MAX_VALUE;

    @Option(
            names = "--prefetch",
            paramLabel = "SIZE",
            defaultValue = "8MiB",
            converter = Units.ByteSize.class,
            description = "Bytes that the node may send ahead (default: ${DEFAULT-VALUE}).")
    private long prefetch = 8 << 20;

    BenchConsume(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        try (VarveClient client = connection.client(console)) {
            TopicDescription described =
                    client.admin().describeTopics(List.of(topic)).join().get(0);
            described.error().ifPresent(error -> {
                throw Failures.of(error);
            });
            long there = described.partitions().stream()
                    .mapToLong(partition -> partition.offsets().highWatermark()
                            - partition.offsets().logStartOffset())
                    .sum();
            if (there == 0) {
                throw new CommandFailure(
                        ExitStatus.CONFLICT,
                        "TOPIC_EMPTY",
                        "topic " + topic + " holds no records",
                        "varve bench produce --topic " + topic + " fills it");
            }
            List<TopicPartition> partitions = described.partitions().stream()
                    .map(partition -> new TopicPartition(topic, partition.partition()))
                    .toList();
            BenchReport report = read(client, partitions, Math.min(records, there));
            console.print(output.json() ? report.asJson() + "\n" : report.asText());
            return ExitStatus.OK.code();
        }
    }

    private BenchReport read(VarveClient client, List<TopicPartition> partitions, long wanted) {
        AtomicBoolean stopped = new AtomicBoolean();
        try (Consumer<byte[], byte[]> consumer = client.consumer()
                        .prefetch(prefetch)
                        .maxPollRecords(RECORDS_PER_POLL)
                        .build();
                Interruption interruption = Interruption.stopsBy(() -> stopped.set(true), FAREWELL);
                Progress progress = Progress.of(console, topic, wanted)) {
            CpuMeter cpu = CpuMeter.start(nodes.pids(connection.bootstrap(console)), console);
            long startNanos = System.nanoTime();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long read = 0;
            long bytes = 0;
            long lastNanos = startNanos;
            while (read < wanted && !stopped.get()) {
                ConsumerRecords<byte[], byte[]> polled = consumer.poll(POLL);
                for (ConsumerRecord<byte[], byte[]> each : polled) {
                    bytes += (each.key() == null ? 0 : each.key().length)
                            + (each.value() == null ? 0 : each.value().length);
                }
                read += polled.count();
                progress.stepTo(read);
                lastNanos = polled.isEmpty() ? lastNanos : System.nanoTime();
                if (System.nanoTime() - lastNanos > connection.timeout().toNanos()) {
                    throw new CommandFailure(
                            ExitStatus.UNAVAILABLE,
                            "REQUEST_TIMED_OUT",
                            "no record of " + topic + " for "
                                    + Units.seconds(connection.timeout().toMillis() / 1e3) + ", after " + read + " of "
                                    + wanted,
                            "is the node up?");
                }
            }
            Throughput throughput = Throughput.since(startNanos, read, bytes);
            return new BenchReport(
                    throughput,
                    0,
                    consumer.metrics().reconnects(),
                    Optional.empty(),
                    cpu.stop(bytes),
                    Map.of("topic", topic, "partitions", partitions.size(), "prefetch", prefetch));
        }
    }
}
