// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class LogSimulationTest {
    private static final int SEEDS = Integer.getInteger("varve.sim.seeds", 200);
    private static final long FIRST = Long.getLong("varve.sim.first", 1);

    @Test
    void shouldDoTheSameAgainFromTheSameSeed() throws Exception {
        for (long seed = FIRST; seed < FIRST + 20; seed++) {
            LogSimulation once = new LogSimulation(seed);
            once.run();
            LogSimulation again = new LogSimulation(seed);
            again.run();
            assertThat(again.left()).as("seed %d", seed).isEqualTo(once.left());
        }
    }

    @Test
    @Timeout(600)
    void shouldKeepWhatWasFlushedAndAPrefixOfTheRestWhateverHappens() throws Exception {
        for (long seed = FIRST; seed < FIRST + SEEDS; seed++) {
            try {
                new LogSimulation(seed).run();
                assertThat(Chunk.openCount()).as("open chunks").isZero();
            } catch (Throwable e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
            }
        }
    }
}
