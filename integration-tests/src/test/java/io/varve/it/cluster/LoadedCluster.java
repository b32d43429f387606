// SPDX-License-Identifier: Apache-2.0
package io.varve.it.cluster;

import io.varve.client.NewTopic;
import io.varve.client.TopicPartition;
import io.varve.client.VarveClient;
import io.varve.it.history.AcknowledgedRecordsChecker;
import io.varve.it.history.ConsumedRecord;
import io.varve.it.history.Finding;
import io.varve.it.history.LiveReads;
import io.varve.it.history.ReplicaLogs;
import io.varve.it.load.LiveReader;
import io.varve.it.load.ReadBack;
import io.varve.it.load.SteadyLoad;
import io.varve.it.process.ClusterProcesses;
import io.varve.it.process.Pauses;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Three nodes, a topic whose partitions are on all of them, producers and consumers that go on through whatever happens, and the judgement at the end.
 * Confined to one thread.
 */
public final class LoadedCluster implements AutoCloseable {
    public static final String TOPIC = "events";
    public static final int NODES = 3;
    /** With more than 32 a node's logs flush together, through its journal. */
    private static final int PARTITIONS = Integer.getInteger("varve.run.partitions", 6);

    private static final int READERS = 2;
    private static final int FIRST_RECORDS = 200;
    private static final Duration LOOK = Duration.ofMillis(5);
    private static final Duration PROGRESS_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(30);

    private final ClusterProcesses nodes;
    private final VarveClient client;
    private final ClusterView view;
    private final SteadyLoad load;
    private final List<LiveReader> readers = new ArrayList<>();

    /**
     * What the end showed.
     *
     * @param findings broken promises
     * @param failures of sends and of polls
     */
    public record Verdict(
            long acknowledged, List<Finding> findings, List<Throwable> failures, List<String> errorLines) {}

    private LoadedCluster(ClusterProcesses nodes, VarveClient client, SteadyLoad load) {
        this.nodes = nodes;
        this.client = client;
        this.view = new ClusterView(client, TOPIC);
        this.load = load;
    }

    /** Returns when records are acknowledged. */
    public static LoadedCluster start(Path directory, SteadyLoad.Settings settings, long seed) throws IOException {
        return start(ClusterProcesses.format(directory, NODES), settings, seed);
    }

    /** The same on nodes that were formatted and do not run yet. Takes them over. */
    public static LoadedCluster start(ClusterProcesses nodes, SteadyLoad.Settings settings, long seed)
            throws IOException {
        try {
            nodes.startAll();
            VarveClient client =
                    VarveClient.builder().bootstrap(nodes.bootstrap()).build();
            new ClusterView(client, TOPIC).awaitAlive(NODES);
            client.admin()
                    .createTopic(NewTopic.of(TOPIC, PARTITIONS, NODES).config("min.insync.replicas", 2))
                    .join();
            List<TopicPartition> partitions = IntStream.range(0, PARTITIONS)
                    .mapToObj(p -> TopicPartition.of(TOPIC, p))
                    .toList();
            LoadedCluster cluster =
                    new LoadedCluster(nodes, client, new SteadyLoad(client, partitions, settings, seed));
            for (int number = 1; number <= READERS; number++) {
                cluster.readers.add(new LiveReader("reader-" + number, client, partitions));
            }
            cluster.awaitAcknowledged(FIRST_RECORDS);
            cluster.view.awaitInSync();
            return cluster;
        } catch (IOException | RuntimeException | AssertionError e) {
            nodes.close();
            throw e;
        }
    }

    public ClusterProcesses nodes() {
        return nodes;
    }

    public VarveClient client() {
        return client;
    }

    public ClusterView view() {
        return view;
    }

    public SteadyLoad load() {
        return load;
    }

    /** The folder of a partition's log on a node. */
    public Path log(int node, TopicPartition partition) {
        String topicId = client.admin().describeTopic(partition.topic()).join().topicId();
        return nodes.files(node).dataDirectory().resolve("logs").resolve(topicId + "-" + partition.partition());
    }

    /** Partitions led by this node. */
    public List<TopicPartition> ledBy(int node) {
        return view.leaders().entrySet().stream()
                .filter(leader -> leader.getValue() == node)
                .map(Map.Entry::getKey)
                .toList();
    }

    /** Returns when so many records more were acknowledged. */
    public void awaitAcknowledged(long more) {
        long target = load.acknowledged() + more;
        long deadline = System.nanoTime() + PROGRESS_TIMEOUT.toNanos();
        while (load.acknowledged() < target) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("not within %s: %d records acknowledged after %d; failures %s; %s"
                        .formatted(PROGRESS_TIMEOUT, more, load.acknowledged(), load.failures(), view.describe()));
            }
            Pauses.of(LOOK);
        }
    }

    /**
     * For each of these partitions, how long after the given moment a record was acknowledged that was sent after it; waits for that.
     *
     * @return nanoseconds
     */
    public Map<TopicPartition, Long> awaitTakeover(List<TopicPartition> partitions, long sinceNanos) {
        Map<TopicPartition, Long> found = new LinkedHashMap<>();
        long deadline = System.nanoTime() + PROGRESS_TIMEOUT.toNanos();
        while (found.size() < partitions.size()) {
            for (TopicPartition partition : partitions) {
                if (!found.containsKey(partition)) {
                    load.times(partition)
                            .firstAckOfRecordSentFrom(sinceNanos)
                            .ifPresent(at -> found.put(partition, at - sinceNanos));
                }
            }
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError(
                        "not within %s: a record acknowledged in each of %s, but in %s; failures %s; %s"
                                .formatted(
                                        PROGRESS_TIMEOUT,
                                        partitions,
                                        found.keySet(),
                                        load.failures(),
                                        view.describe()));
            }
            Pauses.of(LOOK);
        }
        return found;
    }

    /** Ends the load, reads everything, stops all nodes, and compares. */
    public Verdict judge() throws IOException {
        nodes.startAll();
        load.close();
        view.awaitInSync();
        Map<TopicPartition, List<ConsumedRecord>> log = ReadBack.all(client, Set.copyOf(load.partitions()));
        Map<TopicPartition, Long> ends = new LinkedHashMap<>();
        log.forEach((partition, records) -> ends.put(partition, (long) records.size()));
        List<Finding> findings = new ArrayList<>();
        List<Throwable> failures = new ArrayList<>(load.failures());
        log.forEach((partition, records) -> findings.addAll(
                AcknowledgedRecordsChecker.check(partition.toString(), load.histories(partition), records)));
        for (LiveReader reader : readers) {
            reader.await(ends, DRAIN_TIMEOUT);
            reader.close();
            failures.addAll(reader.failures());
            log.forEach((partition, records) -> findings.addAll(
                    LiveReads.check(partition.toString(), reader.name(), reader.read(partition), records)));
        }
        String topicId = client.admin().describeTopic(TOPIC).join().topicId();
        client.close();
        nodes.stopAll();
        for (TopicPartition partition : load.partitions()) {
            Map<Integer, Path> folders = new LinkedHashMap<>();
            for (int id : nodes.ids()) {
                folders.put(
                        id,
                        nodes.files(id).dataDirectory().resolve("logs").resolve(topicId + "-" + partition.partition()));
            }
            findings.addAll(ReplicaLogs.compare(partition.toString(), folders, ends.getOrDefault(partition, 0L)));
        }
        return new Verdict(load.acknowledged(), findings, failures, nodes.errorLines());
    }

    /** Leaves no process and no thread. */
    @Override
    public void close() {
        nodes.close();
        load.abandon();
        readers.forEach(LiveReader::close);
        client.close();
    }
}
