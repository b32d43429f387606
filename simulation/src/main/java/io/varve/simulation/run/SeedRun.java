// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.run;

import io.varve.simulation.engine.FaultPlan;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs a whole cluster once. The same arguments give the same result, and the same trace. Called from several threads at once, each for a run of its own.
 */
@FunctionalInterface
public interface SeedRun {
    /** Ends at the first violation, at the end of the plan, or when the options say so. Never throws for what the cluster does. */
    SeedResult run(FaultPlan plan, Mutation mutation, Options options);

    /**
     * How to run it.
     *
     * @param maxEvents after so many, the run ends without a verdict on what it has not checked
     * @param trace takes every event as a line; null for none
     */
    record Options(long maxEvents, @Nullable Consumer<String> trace) {
        public static final Options USUAL = new Options(Long.MAX_VALUE, null);
    }
}
