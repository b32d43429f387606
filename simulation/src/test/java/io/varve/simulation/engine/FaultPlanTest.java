// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FaultPlanTest {
    @Test
    void shouldPlanTheSameForTheSameSeed() {
        assertThat(FaultPlanner.plan(7, Shape.USUAL)).isEqualTo(FaultPlanner.plan(7, Shape.USUAL));
        assertThat(FaultPlanner.plan(7, Shape.USUAL)).isNotEqualTo(FaultPlanner.plan(8, Shape.USUAL));
    }

    @Test
    void shouldReadWhatItWrote() {
        for (int seed = 0; seed < 50; seed++) {
            FaultPlan plan = FaultPlanner.plan(seed, Shape.USUAL);
            FaultPlan read = FaultPlan.parse("# a comment\n" + plan.toText());
            assertThat(read).isEqualTo(plan);
        }
    }

    @Test
    void shouldTestInSwarms() {
        int free = 0;
        int single = 0;
        Set<FaultClass> seen = EnumSet.noneOf(FaultClass.class);
        int[] counts = new int[100];
        for (int seed = 0; seed < 100; seed++) {
            FaultPlan plan = FaultPlanner.plan(seed, Shape.USUAL);
            counts[seed] = plan.faults().size();
            free += plan.classes().isEmpty() ? 1 : 0;
            single += plan.classes().size() == 1 ? 1 : 0;
            seen.addAll(plan.classes());
            assertThat(plan.faults()).allSatisfy(fault -> {
                assertThat(fault.atNanos()).isLessThan(plan.shape().faultsEndNanos());
                assertThat(fault.nodes()).doesNotHaveDuplicates().allMatch(node -> node >= 1 && node <= 5);
            });
        }
        assertThat(free).isBetween(3, 20);
        assertThat(single).isBetween(3, 20);
        assertThat(seen).containsExactlyInAnyOrder(FaultClass.values());
        List<Integer> sorted = java.util.Arrays.stream(counts).sorted().boxed().toList();
        assertThat(sorted.get(50)).as("median of faults").isBetween(10, 60);
    }
}
