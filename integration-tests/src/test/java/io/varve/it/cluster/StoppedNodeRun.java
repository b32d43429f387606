// SPDX-License-Identifier: Apache-2.0
package io.varve.it.cluster;

import io.varve.client.NewTopic;
import io.varve.client.TopicPartition;
import io.varve.client.VarveClient;
import io.varve.it.load.SteadyLoad;
import io.varve.it.process.ClusterProcesses;
import io.varve.it.process.Pauses;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * Four nodes and two topics under load: one has no replica on node 4, of the other each partition has. How long the first one's records take, with node 4
 * stopped (SIGSTOP) and running, in turns. Exit code 1 when a send failed. Started by {@code dev/failover-run stop-other ROUNDS}. Confined to one thread.
 */
public final class StoppedNodeRun {
    private static final int NODES = 4;
    private static final int VICTIM = 4;
    private static final Duration WINDOW = Duration.ofSeconds(15);
    private static final Duration SETTLING = Duration.ofSeconds(3);
    private static final Duration WARM_UP = Duration.ofSeconds(40);
    private static final SteadyLoad.Settings LOAD = new SteadyLoad.Settings(1, 500, 500);
    private static final List<List<Integer>> APART = List.of(List.of(1, 2, 3), List.of(2, 3, 1), List.of(3, 1, 2));
    private static final List<List<Integer>> TOUCHED = List.of(List.of(4, 1, 2), List.of(1, 4, 3), List.of(2, 3, 4));

    private StoppedNodeRun() {}

    public static void main(String[] args) throws IOException {
        int rounds = Integer.parseInt(args[0]);
        Path directory = Files.createTempDirectory("varve-stop-other-");
        boolean failed;
        try (ClusterProcesses nodes = ClusterProcesses.format(directory, NODES)) {
            nodes.startAll();
            try (VarveClient apartClient =
                            VarveClient.builder().bootstrap(nodes.bootstrap()).build();
                    VarveClient touchedClient =
                            VarveClient.builder().bootstrap(nodes.bootstrap()).build();
                    SteadyLoad apart = load(apartClient, "apart", APART);
                    SteadyLoad touched = load(touchedClient, "touched", TOUCHED)) {
                ClusterView view = new ClusterView(touchedClient, "touched");
                Pauses.of(WARM_UP);
                List<Double> ratios = new ArrayList<>();
                for (int round = 1; round <= rounds; round++) {
                    long running = p99Micros(apart);
                    nodes.freeze(VICTIM);
                    long stopped = p99Micros(apart);
                    nodes.thaw(VICTIM);
                    view.awaitInSync();
                    view.balance();
                    Pauses.of(SETTLING);
                    ratios.add((double) stopped / running);
                    System.out.printf(
                            "%d  p99 of the topic apart: %d us with all nodes, %d us with node %d stopped, ratio %.2f%n",
                            round, running, stopped, VICTIM, (double) stopped / running);
                }
                ratios.sort(null);
                System.out.printf("median ratio %.2f of %s%n", ratios.get(ratios.size() / 2), ratios);
                failed = !apart.failures().isEmpty() || !touched.failures().isEmpty();
                System.out.println(
                        apart.acknowledged() + touched.acknowledged() + " records acknowledged, failures " + failed);
            }
        }
        Directories.delete(directory);
        System.exit(failed ? 1 : 0);
    }

    private static SteadyLoad load(VarveClient client, String topic, List<List<Integer>> assignments) {
        new ClusterView(client, topic).awaitAlive(NODES);
        client.admin().createTopic(NewTopic.assigned(topic, assignments)).join();
        List<TopicPartition> partitions = IntStream.range(0, assignments.size())
                .mapToObj(p -> TopicPartition.of(topic, p))
                .toList();
        return new SteadyLoad(client, partitions, LOAD, 1);
    }

    private static long p99Micros(SteadyLoad load) {
        load.partitions().forEach(partition -> load.times(partition).restart());
        Pauses.of(WINDOW);
        long[] all = load.partitions().stream()
                .flatMapToLong(partition -> load.times(partition).latenciesNanos())
                .sorted()
                .toArray();
        return TimeUnit.NANOSECONDS.toMicros(all[(int) (all.length * 0.99)]);
    }
}
