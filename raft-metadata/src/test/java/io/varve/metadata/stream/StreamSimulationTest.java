// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.stream;

import static io.varve.metadata.stream.StreamWorld.MS;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Followers of lagging, restarting voters over streams that lose and disorder, from many seeds. */
class StreamSimulationTest {

    private static final int SEEDS = 60;
    private static final long FAULTY_MS = 30_000;
    private static final long HEALED_MS = 15_000;

    @Test
    void shouldFollowWithoutGapsAndReachTheNewestOnceFaultsStop() {
        int resets = 0;
        int deltas = 0;
        int lost = 0;
        int restarts = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            var world = new StreamWorld(seed);
            appendNow(world);
            world.runUntil(FAULTY_MS * MS);
            world.faults = false;
            world.nodes.forEach(n -> n.follower.voters(java.util.List.of(2, 3, 1), world.nowNanos));
            world.runUntil((FAULTY_MS + HEALED_MS) * MS);
            for (var node : world.nodes) {
                assertThat(node.published())
                        .as("seed %d: node %d reaches the newest", seed, node.id)
                        .isEqualTo(world.log.newest());
                assertThat(node.follower.isCurrent())
                        .as("seed %d: node %d knows", seed, node.id)
                        .isTrue();
            }
            resets += world.resets;
            deltas += world.deltas;
            lost += world.lost;
            restarts += world.restarts;
        }
        assertThat(resets).as("whole images").isGreaterThan(SEEDS * 5);
        assertThat(deltas).as("deltas").isGreaterThan(SEEDS * 50);
        assertThat(lost).as("lost messages").isGreaterThan(SEEDS * 5);
        assertThat(restarts).as("voters that lost their history").isGreaterThan(SEEDS * 5);
    }

    private static void appendNow(StreamWorld world) {
        if (!world.faults) {
            return;
        }
        for (int burst = world.random.nextInt(12); burst > 9; burst--) {
            world.log.append(world.random);
        }
        if (world.random.nextInt(200) == 0) {
            world.voters.get(world.random.nextInt(3)).install();
        }
        world.later(world.random.nextInt(100) * MS, () -> appendNow(world));
    }
}
