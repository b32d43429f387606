// SPDX-License-Identifier: Apache-2.0
package io.varve.it.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes by {@code varve local}, the first of which is killed. */
class LocalClusterIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int UNHEALTHY = 10;

    @TempDir
    private Path directory = Path.of("");

    @Test
    void shouldShowThatANodeIsGoneAndBringBackThatNodeOnly() throws IOException, InterruptedException {
        Varve varve = Varve.in(directory);
        try {
            varve.ok("local", "up", "--port-base", String.valueOf(freePortBase()));
            varve.ok("topic", "create", "orders", "-p", "3");
            assertThat(json(varve, "broker", "list", "-o", "json").get("nodes")).hasSize(3);
            assertThat(json(varve, "quorum", "status", "-o", "json").get("members"))
                    .hasSize(3);
            assertThat(varve.run("cluster", "health", "--watch=200ms", "--exit-when-healthy")
                            .exitCode())
                    .isZero();
            List<Long> before = pids(varve);

            new ProcessBuilder("kill", "-9", String.valueOf(before.get(0)))
                    .start()
                    .waitFor();

            JsonNode sick = awaitProblem(varve);
            assertThat(sick.findValuesAsText("subject")).contains("broker=1");
            assertThat(json(varve, "partition", "list", "--under-replicated", "-o", "json")
                            .get("partitions"))
                    .hasSize(3);
            assertThat(json(varve, "partition", "list", "--offline", "-o", "json")
                            .get("partitions"))
                    .isEmpty();
            assertThat(varve.run("produce", "orders", "still there").exitCode()).isZero();

            String up = new String(varve.ok("local", "up"), UTF_8);

            assertThat(up).contains("node 1 is up", "node 2 is already up", "node 3 is already up");
            assertThat(pids(varve).subList(1, 3)).isEqualTo(before.subList(1, 3));
            assertThat(varve.run("cluster", "health", "--watch=200ms", "--exit-when-healthy")
                            .exitCode())
                    .isZero();
            JsonNode state = json(varve, "partition", "state", "orders:0", "-o", "json");
            assertThat(state.get("replicas").findValuesAsText("lagRecords")).containsOnly("0");
            varve.ok("partition", "elect-preferred", "--all");
            assertThat(json(varve, "partition", "list", "--not-preferred", "-o", "json")
                            .get("partitions"))
                    .isEmpty();
        } finally {
            varve.run("local", "down", "--wipe", "-y");
        }
    }

    /** The controller takes a moment to notice, all the more on a busy machine. */
    private static JsonNode awaitProblem(Varve varve) throws IOException {
        long until = System.nanoTime() + 30_000_000_000L;
        while (true) {
            Varve.Ended health = varve.run("cluster", "health", "-o", "json");
            if (health.exitCode() == UNHEALTHY) {
                JsonNode told = JSON.readTree(health.out());
                if (told.findValuesAsText("subject").contains("broker=1")) {
                    return told;
                }
            }
            assertThat(System.nanoTime()).as(health.text() + health.err()).isLessThan(until);
        }
    }

    private static List<Long> pids(Varve varve) throws IOException {
        List<Long> pids = new ArrayList<>();
        json(varve, "local", "status", "-o", "json")
                .get("nodes")
                .forEach(node -> pids.add(node.get("pid").asLong()));
        return pids;
    }

    private static JsonNode json(Varve varve, String... arguments) throws IOException {
        return JSON.readTree(varve.ok(arguments));
    }

    /** Of the first node; the others' ports follow 100 and 200 above. */
    private static int freePortBase() {
        int base = LocalCluster.freePortBase();
        while (!LocalCluster.isFree(base + 100, 10) || !LocalCluster.isFree(base + 200, 10)) {
            base = LocalCluster.freePortBase();
        }
        return base;
    }
}
