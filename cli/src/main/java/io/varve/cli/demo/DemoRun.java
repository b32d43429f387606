// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.demo;

import io.varve.cli.CommandFailure;
import io.varve.cli.Console;
import io.varve.cli.ExitStatus;
import io.varve.cli.Failures;
import io.varve.cli.Units;
import io.varve.cli.local.TemporaryCluster;
import io.varve.client.NewTopic;
import io.varve.client.VarveClient;
import io.varve.proto.v1.PartitionListing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** The demo from the first node to the verdict. Confined to one thread; load and reader have one each. */
final class DemoRun {
    private static final String TOPIC = "demo";
    private static final int PARTITIONS = 6;
    private static final int REPLICAS = 3;
    private static final double LOAD_SECONDS = 10;
    private static final double MAX_RECORDS_PER_SECOND = 20_000;
    private static final double KILL_AFTER_SECONDS = 3;
    private static final long DEAD_MILLIS = 2_000;
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration STEP_LIMIT = Duration.ofSeconds(40);
    private static final long TICK_NANOS = 20_000_000;

    private final Console console;
    private final TemporaryCluster cluster;
    private final Display display;
    private final Ledger ledger;
    private final Pauses pauses = new Pauses(PARTITIONS);
    private final Sightings read;
    private final AtomicBoolean ledgerWritten = new AtomicBoolean();
    private double startSeconds;

    DemoRun(Console console, TemporaryCluster cluster, int records) {
        this.console = console;
        this.cluster = cluster;
        this.display = new Display(console);
        this.ledger = new Ledger(records, PARTITIONS);
        this.read = new Sightings(records, PARTITIONS);
    }

    /** Whether everything is as it should be; what is not was told. */
    boolean run(RecordValues values) throws IOException {
        try {
            startSeconds = cluster.start(START_LIMIT);
            display.event("three nodes take part " + Units.seconds(startSeconds) + " after the first was started");
            String topicId = produceAndConsume(values);
            display.event("stopping the nodes, to look into their logs");
            cluster.stop(STEP_LIMIT);
            Map<String, Comparison> found = new TreeMap<>();
            for (int node : cluster.nodeIds()) {
                found.put(
                        "node " + node,
                        ReplicaLogs.read(cluster, node, topicId, ledger).compare(ledger));
            }
            return new Verdict(ledger, pauses, startSeconds, read.compare(ledger), found).tell(console);
        } finally {
            display.clear();
        }
    }

    /** Into the cluster's directory, as far as the demo has come. May be called by another thread, once. */
    void writeLedger() {
        try {
            if (ledgerWritten.compareAndSet(false, true)) {
                ledger.write(cluster.root().resolve("ledger.csv"), read);
                console.err()
                        .println("kept " + cluster.root() + ": ledger.csv, and the nodes' data and logs (varve local up"
                                + " --dir " + cluster.root() + " starts them again)");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the id of the topic. */
    private String produceAndConsume(RecordValues values) {
        try (VarveClient client = VarveClient.builder()
                .bootstrap(cluster.bootstrap())
                .clientId("varve-demo")
                .build()) {
            String topicId = client.admin()
                    .createTopic(NewTopic.of(TOPIC, PARTITIONS, REPLICAS).config("min.insync.replicas", 2))
                    .join()
                    .topicId();
            double perSecond = perSecond();
            display.event("topic %s: %d partitions, %d replicas; sending %s records with acks=all, %s a second"
                    .formatted(
                            TOPIC,
                            PARTITIONS,
                            REPLICAS,
                            Units.grouped(ledger.records()),
                            Units.grouped(Math.max(1, Math.round(perSecond)))));
            Load load = new Load(client, TOPIC, values, perSecond, ledger, pauses);
            Reader reader = new Reader(client, TOPIC, PARTITIONS, read);
            start(load, "demo-load");
            start(reader, "demo-reader");
            loseAndBringBack(load);
            await("every record has its outcome", Duration.ofHours(1), load::hasEnded);
            reader.finish();
            await("every record is read", STEP_LIMIT, reader::hasEnded);
            if (reader.failure() != null) {
                throw Failures.of(reader.failure());
            }
            display.event("everything is read that was acknowledged");
            return topicId;
        }
    }

    private double perSecond() {
        return Math.min(ledger.records() / LOAD_SECONDS, MAX_RECORDS_PER_SECOND);
    }

    private static void start(Runnable work, String name) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    private void loseAndBringBack(Load load) {
        await(
                "records are acknowledged",
                STEP_LIMIT,
                () -> load.hasEnded() || ledger.acknowledgedCount() >= Math.max(1, KILL_AFTER_SECONDS * perSecond()));
        int busiest = ledger.busiestPartition();
        int victim;
        Takeover takeover;
        try (ClusterView before = new ClusterView(cluster.bootstrap(), TOPIC)) {
            await("all partitions have leaders", STEP_LIMIT, () -> before.isWhole(PARTITIONS));
            List<PartitionListing> partitions = before.lastSeen();
            victim = partitions.get(busiest).getLeader();
            takeover = new Takeover(cluster, display, pauses, partitions, victim);
            takeover.kill(busiest, before.controller() == victim);
        }
        try (ClusterView survivors = new ClusterView(cluster.bootstrapWithout(victim), TOPIC)) {
            await("others take over", STEP_LIMIT, () -> {
                takeover.look(survivors.partitions());
                return takeover.isComplete() || (takeover.hasLeaders() && load.hasEnded());
            });
            await("the node was missed", STEP_LIMIT, () -> takeover.millisSinceKill() > DEAD_MILLIS);
            display.event("starting node " + victim + " again");
            long began = System.nanoTime();
            cluster.restart(victim);
            await("node " + victim + " is back", START_LIMIT, () -> cluster.isReady(victim));
            display.event("node " + victim + " takes part again after " + since(began));
            await("all replicas are in sync", STEP_LIMIT, () -> survivors.isWhole(PARTITIONS));
            display.event("all " + REPLICAS + " replicas of all partitions are in sync again after " + since(began));
        }
    }

    private static String since(long beganNanos) {
        return Display.span((System.nanoTime() - beganNanos) / 1_000_000);
    }

    private void await(String what, Duration limit, BooleanSupplier condition) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new CommandFailure(
                        ExitStatus.UNAVAILABLE,
                        "REQUEST_TIMED_OUT",
                        "waited " + Units.span(limit.toMillis()) + " in vain until " + what,
                        "varve demo --keep keeps the nodes' logs");
            }
            display.progress(ledger, read, pauses);
            LockSupport.parkNanos(TICK_NANOS);
        }
    }
}
