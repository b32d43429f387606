// SPDX-License-Identifier: Apache-2.0
package io.varve.it.cluster;

import io.varve.client.NewTopic;
import io.varve.client.Producer;
import io.varve.client.ProducerRecord;
import io.varve.client.VarveClient;
import io.varve.client.VarveException;
import io.varve.it.process.ClusterProcesses;
import io.varve.it.process.Pauses;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One topic of many partitions on three nodes: how long until all have leaders and a record each, and how long until all have leaders again when a node
 * is killed. Exit code 1 when a send failed. Started by {@code dev/failover-run many-partitions ROUNDS [PARTITIONS]}. Confined to one thread.
 */
public final class ManyPartitionsRun {
    private static final int NODES = 3;
    private static final Duration LOOK = Duration.ofMillis(20);
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    private final ClusterProcesses nodes;
    private final VarveClient client;
    private final int partitions;
    private final ConcurrentLinkedQueue<VarveException> failures = new ConcurrentLinkedQueue<>();

    private ManyPartitionsRun(ClusterProcesses nodes, VarveClient client, int partitions) {
        this.nodes = nodes;
        this.client = client;
        this.partitions = partitions;
    }

    public static void main(String[] args) throws IOException {
        int rounds = Integer.parseInt(args[0]);
        int partitions = args.length > 1 ? Integer.parseInt(args[1]) : 1000;
        Path directory = Files.createTempDirectory("varve-many-");
        boolean failed;
        try (ClusterProcesses nodes = ClusterProcesses.format(directory, NODES)) {
            nodes.startAll();
            try (VarveClient client =
                    VarveClient.builder().bootstrap(nodes.bootstrap()).build()) {
                ManyPartitionsRun run = new ManyPartitionsRun(nodes, client, partitions);
                for (int round = 1; round <= rounds; round++) {
                    run.repeat(round);
                }
                failed = !run.failures.isEmpty();
                run.failures.stream().limit(5).forEach(System.out::println);
            }
            nodes.errorLines().forEach(System.out::println);
        }
        Directories.delete(directory);
        System.exit(failed ? 1 : 0);
    }

    private void repeat(int round) throws IOException {
        String topic = "many-" + round;
        ClusterView view = new ClusterView(client, topic);
        view.awaitAlive(NODES);
        long begin = System.nanoTime();
        client.admin()
                .createTopic(NewTopic.of(topic, partitions, NODES).config("min.insync.replicas", 2))
                .join();
        long created = since(begin);
        await(() -> isLedEverywhere(view));
        long led = since(begin);
        try (Producer<byte[], byte[]> producer = client.producer().build()) {
            sendOneToEach(producer, topic);
            long acknowledged = since(begin);
            view.awaitInSync();

            int victim = round % NODES + 1;
            boolean controller = view.controllerId() == victim;
            long killed = System.nanoTime();
            nodes.kill(victim);
            await(() -> isLedEverywhere(view) && !view.leaders().containsValue(victim));
            long ledAgain = since(killed);
            sendOneToEach(producer, topic);
            long acknowledgedAgain = since(killed);
            System.out.printf(
                    "%d  %d partitions x %d: created %d ms, all led %d ms, all took a record %d ms; node %d%s killed: all led %d ms,"
                            + " all took a record %d ms%n",
                    round,
                    partitions,
                    NODES,
                    created,
                    led,
                    acknowledged,
                    victim,
                    controller ? " (controller)" : "",
                    ledAgain,
                    acknowledgedAgain);
        }
        nodes.startAll();
        view.awaitInSync();
        client.admin().deleteTopic(topic).join();
    }

    private boolean isLedEverywhere(ClusterView view) {
        var leaders = view.leaders();
        return leaders.size() == partitions && !leaders.containsValue(0);
    }

    private void sendOneToEach(Producer<byte[], byte[]> producer, String topic) {
        CountDownLatch outcomes = new CountDownLatch(partitions);
        for (int partition = 0; partition < partitions; partition++) {
            producer.send(
                    ProducerRecord.<byte[], byte[]>of(topic, new byte[100]).partition(partition),
                    (stored, failure) -> count(outcomes, failure));
        }
        producer.flush();
        await(() -> outcomes.getCount() == 0);
    }

    private void count(CountDownLatch outcomes, @Nullable VarveException failure) {
        if (failure != null) {
            failures.add(failure);
        }
        outcomes.countDown();
    }

    /** Failures of a question count as not yet. */
    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                if (condition.getAsBoolean()) {
                    return;
                }
            } catch (CompletionException | VarveException e) {
                // asked again
            }
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("not within " + PATIENCE);
            }
            Pauses.of(LOOK);
        }
    }

    private static long since(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
    }
}
