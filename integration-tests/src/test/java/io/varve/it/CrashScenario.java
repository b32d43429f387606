// SPDX-License-Identifier: Apache-2.0
package io.varve.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.client.NewTopic;
import io.varve.client.VarveClient;
import io.varve.it.history.Finding;
import io.varve.it.load.ProducingLoad;
import io.varve.it.load.ReadBack;
import io.varve.it.process.NodeFiles;
import io.varve.it.process.NodeProcess;
import io.varve.it.process.Pauses;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/**
 * Producers write without a pause while the node is killed again and again, at moments drawn from a seed; then everything is read back and compared
 * with what was acknowledged. Confined to one thread.
 */
final class CrashScenario {
    private static final List<String> TOPICS = List.of("orders", "payments", "audit");
    private static final int PARTITIONS = 2;
    /** A few hundred records: dozens of segments in a short run. */
    private static final int SEGMENT_BYTES = 64 * 1024;

    private static final int RUNNING_MS_MAX = 1500;
    /** Less than a start takes: the kill meets start-up or recovery. */
    private static final int STARTING_MS_MAX = 1500;

    private static final Duration PROGRESS_TIMEOUT = Duration.ofSeconds(60);

    /** How a node ends and what stands between that and its next start. */
    interface Fault {
        void strike(NodeProcess node) throws IOException;
    }

    /**
     * @param faults in all, those during a start included
     * @param acknowledged records that the producers were told are safe
     */
    record Result(int faults, long acknowledged, List<Finding> findings, List<Throwable> failures) {}

    private final NodeFiles files;
    private final String mainClass;
    private final Fault fault;
    private final Random random;
    private final long seed;
    private int strikes;

    CrashScenario(NodeFiles files, String mainClass, Fault fault, long seed) {
        this.files = files;
        this.mainClass = mainClass;
        this.fault = fault;
        this.random = new Random(seed);
        this.seed = seed;
    }

    Result run(int faults) throws IOException {
        NodeProcess.format(files);
        NodeProcess node = launchReady();
        try (VarveClient client =
                VarveClient.builder().bootstrap(files.bootstrap()).build()) {
            createTopics(client);
            ProducingLoad load = new ProducingLoad(client, TOPICS, PARTITIONS, seed);
            try (load) {
                awaitProgress(load);
                for (int i = 0; i < faults; i++) {
                    node = strikeAndRestart(node, load, i);
                }
            }
            List<Finding> findings = ReadBack.check(client, load.histories());
            return new Result(strikes, load.acknowledged(), findings, load.failures());
        } finally {
            node.close();
        }
    }

    /** One fault after everything is acknowledged and before anything more is sent: what is missing then was never safe. */
    Result runOnceAtRest(long records) throws IOException {
        NodeProcess.format(files);
        NodeProcess node = launchReady();
        try (VarveClient client =
                VarveClient.builder().bootstrap(files.bootstrap()).build()) {
            createTopics(client);
            ProducingLoad load = new ProducingLoad(client, TOPICS, PARTITIONS, seed);
            try (load) {
                while (load.acknowledged() < records) {
                    awaitProgress(load);
                }
            }
            strike(node);
            node = launchReady();
            return new Result(strikes, load.acknowledged(), ReadBack.check(client, load.histories()), load.failures());
        } finally {
            node.close();
        }
    }

    /** Every third fault is followed by another one during the start. */
    private NodeProcess strikeAndRestart(NodeProcess node, ProducingLoad load, int number) throws IOException {
        Pauses.of(Duration.ofMillis(random.nextInt(RUNNING_MS_MAX)));
        strike(node);
        NodeProcess next = NodeProcess.launch(files, mainClass);
        if (number % 3 == 1) {
            Pauses.of(Duration.ofMillis(random.nextInt(STARTING_MS_MAX)));
            strike(next);
            next = NodeProcess.launch(files, mainClass);
        }
        next.awaitReady();
        awaitProgress(load);
        return next;
    }

    private void strike(NodeProcess node) throws IOException {
        strikes++;
        fault.strike(node);
    }

    private NodeProcess launchReady() throws IOException {
        NodeProcess node = NodeProcess.launch(files, mainClass);
        node.awaitReady();
        return node;
    }

    private static void createTopics(VarveClient client) {
        for (String topic : TOPICS) {
            client.admin()
                    .createTopic(NewTopic.of(topic, PARTITIONS).config("segment.bytes", SEGMENT_BYTES))
                    .join();
        }
    }

    private static void awaitProgress(ProducingLoad load) {
        long before = load.acknowledged();
        long deadline = System.nanoTime() + PROGRESS_TIMEOUT.toNanos();
        while (load.acknowledged() == before) {
            assertThat(System.nanoTime())
                    .as("no record was acknowledged within %s; failures: %s", PROGRESS_TIMEOUT, load.failures())
                    .isLessThan(deadline);
            Pauses.of(Duration.ofMillis(20));
        }
    }
}
