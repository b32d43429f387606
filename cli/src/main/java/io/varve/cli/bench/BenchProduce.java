// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.bench;

import io.varve.cli.AcksOption;
import io.varve.cli.CommandFailure;
import io.varve.cli.ConnectionOptions;
import io.varve.cli.Console;
import io.varve.cli.ExitStatus;
import io.varve.cli.OutputOptions;
import io.varve.cli.Units;
import io.varve.client.Acks;
import io.varve.client.BufferFull;
import io.varve.client.Codec;
import io.varve.client.Producer;
import io.varve.client.TopicDescription;
import io.varve.client.VarveClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "produce",
        description = {
            "Produce random records as fast as they are taken, and report throughput, latency and processor time.",
            "Latency runs from the send to the acknowledgement. Without --rate it is mostly the wait in the producer's"
                    + " own buffer.",
        })
final class BenchProduce implements Callable<Integer> {
    private final Console console;

    @Mixin
    private ConnectionOptions connection = new ConnectionOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Mixin
    private CpuMeter.NodeOptions nodes = new CpuMeter.NodeOptions();

    @Mixin
    private Load load = new Load();

    @Option(
            names = "--topic",
            paramLabel = "TOPIC",
            defaultValue = "bench",
            description = "Topic; made if it is not there (default: ${DEFAULT-VALUE}).")
    private String topic = "bench";

    @Option(
            names = "--partitions",
            paramLabel = "N",
            defaultValue = "1",
            description = "Partitions of a topic that is made (default: ${DEFAULT-VALUE}).")
    private int partitions = 1;

    @Option(
            names = "--replicas",
            paramLabel = "N",
            defaultValue = "0",
            description = "Replicas of a topic that is made; 0 is the cluster's default (default: ${DEFAULT-VALUE}).")
    private int replicas;

    @Option(
            names = "--durability",
            paramLabel = "flushed|written",
            defaultValue = "flushed",
            description = "Durability of a topic that is made (default: ${DEFAULT-VALUE}).")
    private String durability = "flushed";

    @Option(
            names = "--producers",
            paramLabel = "N",
            defaultValue = "1",
            description = "Producers, each with a connection of its own (default: ${DEFAULT-VALUE}).")
    private int producers = 1;

    /** What each producer does. */
    static final class Load {
        @Option(
                names = "--records",
                paramLabel = "N",
                defaultValue = "1m",
                converter = Units.Count.class,
                description = "Records in all (default: ${DEFAULT-VALUE}).")
        long records = 1_000_000;

        @Option(
                names = "--warmup",
                paramLabel = "N",
                defaultValue = "0",
                converter = Units.Count.class,
                description = "Records sent before that are not measured (default: ${DEFAULT-VALUE}).")
        long warmup;

        @Option(
                names = "--size",
                paramLabel = "SIZE",
                defaultValue = "1KiB",
                converter = Units.ByteSize.class,
                description = "Size of a value (default: ${DEFAULT-VALUE}).")
        long size = 1024;

        @Option(
                names = "--rate",
                paramLabel = "N",
                defaultValue = "0",
                converter = Units.Count.class,
                description = "Records per second in all; 0 is as fast as possible (default: ${DEFAULT-VALUE}).")
        long rate;

        @Option(
                names = "--batch-size",
                paramLabel = "SIZE",
                defaultValue = "64KiB",
                converter = Units.ByteSize.class,
                description = "Size at which a batch is sent (default: ${DEFAULT-VALUE}).")
        long batchSize = 64 << 10;

        @Option(
                names = "--linger",
                paramLabel = "TIME",
                defaultValue = "2ms",
                converter = Units.Time.class,
                description = "How long a batch waits for more (default: ${DEFAULT-VALUE}).")
        Duration linger = Duration.ofMillis(2);

        @Option(
                names = "--buffer",
                paramLabel = "SIZE",
                defaultValue = "8MiB",
                converter = Units.ByteSize.class,
                description = "Bytes under way per producer (default: ${DEFAULT-VALUE}).")
        long buffer = 8 << 20;

        @Option(
                names = "--acks",
                paramLabel = "0|1|all",
                defaultValue = "all",
                converter = AcksOption.class,
                description = "Who must have a record before it counts (default: ${DEFAULT-VALUE}).")
        Acks acks = Acks.ALL;

        @Option(
                names = {"-z", "--compression"},
                paramLabel = "CODEC",
                defaultValue = "none",
                description = "none, gzip, snappy, lz4 or zstd (default: ${DEFAULT-VALUE}).")
        Codec codec = Codec.NONE;
    }

    BenchProduce(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws InterruptedException {
        if (producers < 1 || load.records < producers || load.size < 1) {
            throw CommandFailure.usage(
                    "bench needs at least one producer, one record for each, and one byte per record",
                    "see varve bench produce --help");
        }
        List<VarveClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < producers; i++) {
                clients.add(connection.client(console));
            }
            TopicDescription described =
                    BenchTopic.describeOrCreate(clients.get(0), topic, partitions, replicas, durability);
            List<Producer<byte[], byte[]>> all =
                    clients.stream().map(this::producer).toList();
            ProduceLoad run = new ProduceLoad(console, all, topic, load);
            BenchReport report = run.run(nodes.pids(connection.bootstrap(console)), setting(described));
            if (output.json()) {
                console.println(report.asJson());
            } else {
                console.print(report.asText());
            }
            run.firstFailure().ifPresent(failure -> {
                throw failure;
            });
            return ExitStatus.OK.code();
        } finally {
            clients.forEach(VarveClient::close);
        }
    }

    private Producer<byte[], byte[]> producer(VarveClient client) {
        return client.producer()
                .acks(load.acks)
                .batchSize(Math.toIntExact(load.batchSize))
                .linger(load.linger)
                .bufferMemory(load.buffer)
                .compression(load.codec)
                .onBufferFull(BufferFull.BLOCK)
                .build();
    }

    private Map<String, Object> setting(TopicDescription described) {
        Map<String, Object> setting = new LinkedHashMap<>();
        setting.put("topic", topic);
        setting.put("partitions", described.partitions().size());
        setting.put("replicationFactor", described.replicationFactor());
        setting.put("durability", described.durability());
        setting.put("producers", producers);
        setting.put("size", load.size);
        setting.put("batchSize", load.batchSize);
        setting.put("lingerMillis", load.linger.toMillis());
        setting.put("buffer", load.buffer);
        setting.put("acks", load.acks.toString());
        setting.put("compression", load.codec.name().toLowerCase(java.util.Locale.ROOT));
        setting.put("rate", load.rate);
        return setting;
    }
}
