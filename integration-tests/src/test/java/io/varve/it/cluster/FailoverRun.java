// SPDX-License-Identifier: Apache-2.0
package io.varve.it.cluster;

import io.varve.client.TopicPartition;
import io.varve.it.load.SteadyLoad;
import io.varve.it.process.Pauses;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * One kind of fault again and again under a steady load, a line with times for each, then quantiles and the judgement on the whole history. Exit code 1
 * when a promise was broken. Started by {@code dev/failover-run}, which explains the arguments. Confined to one thread.
 */
public final class FailoverRun {
    private static final SteadyLoad.Settings LOAD = new SteadyLoad.Settings(
            2, Integer.getInteger("varve.run.rate", 2000), Integer.getInteger("varve.run.valueBytes", 500));
    private static final Duration SETTLING = Duration.ofSeconds(2);
    private static final Duration STOPPED_LEADER = Duration.ofSeconds(5);
    private static final Duration STOPPED_FOLLOWER = Duration.ofSeconds(60);
    private static final int GAP_MS_MAX = 3000;
    private static final int FINDINGS_SHOWN = 20;
    private static final List<Double> QUANTILES = List.of(0.0, 0.5, 0.9, 1.0);

    /** What is done to whom. */
    enum Mode {
        KILL_LEADER,
        KILL_CONTROLLER,
        SIGTERM,
        ALL_THREE,
        STOP_LEADER,
        STOP_FOLLOWER
    }

    private final Mode mode;
    private final LoadedCluster cluster;
    private final Random random;
    private final PrintStream out;
    /** Milliseconds of every round, by what they measure. */
    private final Map<String, List<Long>> figures = new LinkedHashMap<>();

    private boolean incomplete;

    private FailoverRun(Mode mode, LoadedCluster cluster, Random random, PrintStream out) {
        this.mode = mode;
        this.cluster = cluster;
        this.random = random;
        this.out = out;
    }

    public static void main(String[] args) throws IOException {
        Mode mode = Mode.valueOf(args[0].toUpperCase(Locale.ROOT).replace('-', '_'));
        int rounds = Integer.parseInt(args[1]);
        long seed = args.length > 2 ? Long.parseLong(args[2]) : System.nanoTime();
        Path directory = Files.createTempDirectory("varve-failover-");
        System.out.printf(
                "%s, %d times; %d records/s of %d bytes, seed %d, in %s%n",
                mode, rounds, LOAD.recordsPerSecond(), LOAD.valueBytes(), seed, directory);
        int broken;
        try (LoadedCluster cluster = LoadedCluster.start(directory, LOAD, seed)) {
            FailoverRun run = new FailoverRun(mode, cluster, new Random(seed), System.out);
            run.repeat(rounds);
            run.printFigures();
            broken = run.judge();
        }
        if (broken == 0 && !Boolean.getBoolean("varve.run.keep")) {
            Directories.delete(directory);
        } else {
            System.out.println("kept: " + directory);
        }
        System.exit(broken == 0 ? 0 : 1);
    }

    /** A round that does not come to its end is the last one, and the judgement is still worth having. */
    private void repeat(int rounds) {
        try {
            for (int round = 1; round <= rounds; round++) {
                settle();
                strike(round);
            }
        } catch (IOException | RuntimeException | AssertionError e) {
            incomplete = true;
            out.println();
            e.printStackTrace(out);
        }
    }

    /** All nodes up and in sync, leaders spread, and some quiet time under load. */
    private void settle() throws IOException {
        cluster.nodes().startAll();
        cluster.view().awaitAlive(cluster.nodes().ids().size());
        cluster.view().awaitInSync();
        cluster.view().balance();
        Pauses.of(SETTLING);
        cluster.load().partitions().forEach(p -> cluster.load().times(p).restart());
    }

    private void strike(int round) throws IOException {
        int controller = cluster.view().controllerId();
        int victim = mode == Mode.KILL_CONTROLLER ? controller : otherThan(controller);
        if (mode == Mode.STOP_FOLLOWER) {
            moveLeadershipAway(victim);
        }
        List<TopicPartition> affected = switch (mode) {
            case ALL_THREE, STOP_FOLLOWER -> cluster.load().partitions();
            default -> cluster.ledBy(victim);
        };
        out.printf(
                "%3d  %s  node %d%s  ",
                round,
                LocalTime.now().truncatedTo(ChronoUnit.MILLIS),
                victim,
                victim == controller ? " (controller)" : "");
        long signal = System.nanoTime();
        switch (mode) {
            case KILL_LEADER, KILL_CONTROLLER -> cluster.nodes().kill(victim);
            case SIGTERM -> terminate(victim, signal);
            case ALL_THREE -> killAll(signal);
            case STOP_LEADER, STOP_FOLLOWER -> cluster.nodes().freeze(victim);
        }
        Map<TopicPartition, Long> takeover = cluster.awaitTakeover(affected, signal);
        takeover.forEach((partition, nanos) -> out.print(partition + " " + millis(nanos) + " ms  "));
        figure("first ack", millis(Collections.max(takeover.values())));
        if (mode == Mode.STOP_LEADER || mode == Mode.STOP_FOLLOWER) {
            Pauses.of(mode == Mode.STOP_LEADER ? STOPPED_LEADER : STOPPED_FOLLOWER);
            long thawed = System.nanoTime();
            cluster.nodes().thaw(victim);
            cluster.view().awaitInSync();
            figure("in sync again", millis(System.nanoTime() - thawed));
        }
        figure(
                "longest pause",
                affected.stream()
                        .mapToLong(p -> millis(cluster.load().times(p).longestPauseNanos(signal)))
                        .max()
                        .orElse(0));
        figure(
                "longest latency",
                affected.stream()
                        .mapToLong(p -> millis(
                                cluster.load().times(p).longestLatencyNanos(signal - TimeUnit.SECONDS.toNanos(1))))
                        .max()
                        .orElse(0));
        out.println();
    }

    private void terminate(int victim, long signal) throws IOException {
        int code = cluster.nodes().stop(victim);
        figure("gone", millis(System.nanoTime() - signal));
        if (code != 0) {
            throw new IOException("node " + victim + " stopped with exit code " + code);
        }
    }

    private void killAll(long signal) throws IOException {
        List<Integer> order = new ArrayList<>(cluster.nodes().ids());
        Collections.shuffle(order, random);
        order.forEach(cluster.nodes()::kill);
        Collections.shuffle(order, random);
        out.print("started again: ");
        for (int id : order) {
            Pauses.of(Duration.ofMillis(random.nextInt(GAP_MS_MAX)));
            cluster.nodes().launch(id);
            out.print(id + " at " + millis(System.nanoTime() - signal) + " ms  ");
        }
        cluster.nodes().awaitReady();
    }

    private int otherThan(int controller) {
        List<Integer> others = cluster.view().leaders().values().stream()
                .filter(leader -> leader != 0 && leader != controller)
                .distinct()
                .sorted()
                .toList();
        return others.get(random.nextInt(others.size()));
    }

    private void moveLeadershipAway(int node) {
        int other = cluster.nodes().ids().stream()
                .filter(id -> id != node)
                .findFirst()
                .orElseThrow();
        cluster.ledBy(node).forEach(partition -> cluster.view().transfer(partition, other));
    }

    private void figure(String what, long millis) {
        figures.computeIfAbsent(what, key -> new ArrayList<>()).add(millis);
        out.print("[" + what + " " + millis + " ms]  ");
        out.flush();
    }

    private void printFigures() {
        out.printf("%n%-16s %5s %8s %8s %8s %8s%n", "ms", "n", "min", "median", "p90", "max");
        figures.forEach((what, values) -> {
            long[] sorted = values.stream().mapToLong(Long::longValue).sorted().toArray();
            StringBuilder line = new StringBuilder("%-16s %5d".formatted(what, sorted.length));
            for (double quantile : QUANTILES) {
                line.append(" %8d".formatted(sorted[(int) Math.max(0, Math.ceil(quantile * sorted.length) - 1)]));
            }
            out.println(line + "   all: " + Arrays.toString(sorted));
        });
    }

    private int judge() throws IOException {
        LoadedCluster.Verdict verdict = cluster.judge();
        out.printf(
                "%n%d records acknowledged; %d findings, %d errors that clients saw, %d error lines of nodes%n",
                verdict.acknowledged(),
                verdict.findings().size(),
                verdict.failures().size(),
                verdict.errorLines().size());
        Stream.of(verdict.findings(), verdict.failures(), verdict.errorLines())
                .forEach(list -> list.stream().limit(FINDINGS_SHOWN).forEach(out::println));
        return verdict.findings().size() + verdict.failures().size() + (incomplete ? 1 : 0);
    }

    private static long millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }
}
