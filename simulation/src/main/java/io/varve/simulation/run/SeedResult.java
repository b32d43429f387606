// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.run;

import io.varve.simulation.engine.FaultClass;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What became of one run. <i>Immutable.</i>
 *
 * @param failure null if nothing was violated
 * @param traceHash equal for equal runs
 */
public record SeedResult(@Nullable Failure failure, Stats stats, long traceHash) {
    /**
     * A violated invariant.
     *
     * @param step number of the event after which it was seen
     * @param invariant its name, {@code I3} for example
     * @param lastEvents as text, oldest first
     */
    public record Failure(long step, String invariant, String text, List<String> lastEvents) {}

    /**
     * Counts of one run.
     *
     * @param virtualNanos how far the run got
     * @param elections of partition leaders
     * @param truncations because logs had diverged
     * @param pressure how often somebody was told to wait
     * @param exempted whether acknowledged records were given up as promised
     * @param faults those that happened
     */
    public record Stats(
            long events,
            long virtualNanos,
            long acknowledgedBatches,
            long elections,
            long truncations,
            Pressure pressure,
            boolean exempted,
            Map<FaultClass, Integer> faults) {
        public int faultCount() {
            return faults.values().stream().mapToInt(Integer::intValue).sum();
        }
    }

    /** @param links that held too much, so that leaders were asked to wait; {@code busy}: what was refused for that reason */
    public record Pressure(long links, long busy) {
        public static final Pressure NONE = new Pressure(0, 0);
    }

    /** The same run, but for what was found after its end. */
    public SeedResult failed(String invariant, String text) {
        return new SeedResult(new Failure(stats.events(), invariant, text, List.of()), stats, traceHash);
    }

    public boolean isOk() {
        return failure == null;
    }
}
