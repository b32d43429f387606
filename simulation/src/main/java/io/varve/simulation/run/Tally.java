// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.run;

import io.varve.simulation.engine.FaultClass;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/** Adds up what seeds did. <i>Thread-safe.</i> */
final class Tally {
    private static final double NANOS = 1e9;

    private final long startNanos = System.nanoTime();
    private final List<SeedResult.Stats> all = new ArrayList<>(); // guarded by this
    private final Map<FaultClass, Integer> faults = new EnumMap<>(FaultClass.class); // guarded by this
    private double virtualSeconds; // guarded by this
    private long events; // guarded by this

    synchronized void add(SeedResult.Stats stats) {
        all.add(stats);
        stats.faults().forEach((what, count) -> faults.merge(what, count, Integer::sum));
        virtualSeconds += stats.virtualNanos() / NANOS;
        events += stats.events();
    }

    synchronized int seeds() {
        return all.size();
    }

    private double seconds() {
        return Math.max(1e-3, (System.nanoTime() - startNanos) / NANOS);
    }

    /** One line for somebody who waits. */
    synchronized String progress(long wanted) {
        double rate = all.size() / seconds();
        long left = rate == 0 ? 0 : Math.round((wanted - all.size()) / rate);
        return String.format(
                Locale.ROOT,
                "%d of %d seeds, %.1f/s, %.0f virtual s per s, %.0f k events/s, %d:%02d left",
                all.size(),
                wanted,
                rate,
                virtualSeconds / seconds(),
                events / seconds() / 1000,
                left / 60,
                left % 60);
    }

    synchronized List<String> report() {
        List<String> lines = new ArrayList<>();
        if (all.isEmpty()) {
            return lines;
        }
        lines.add(String.format(
                Locale.ROOT,
                "%d seeds in %.1f s: %.1f virtual hours, %.0f virtual seconds per second, %d events, %.0f per second",
                all.size(),
                seconds(),
                virtualSeconds / 3600,
                virtualSeconds / seconds(),
                events,
                events / seconds()));
        lines.add(String.format(
                Locale.ROOT,
                "median of a seed: %d events, %.0f virtual s, %d acknowledged batches, %d faults, %d elections",
                median(SeedResult.Stats::events),
                median(SeedResult.Stats::virtualNanos) / NANOS,
                median(SeedResult.Stats::acknowledgedBatches),
                median(SeedResult.Stats::faultCount),
                median(SeedResult.Stats::elections)));
        long truncations = all.stream().mapToLong(SeedResult.Stats::truncations).sum();
        long exempted = all.stream().filter(SeedResult.Stats::exempted).count();
        lines.add(String.format(
                Locale.ROOT,
                "divergence truncations per 10 seeds: %.1f; acknowledged batches in all: %d; exempted seeds: %d (%.1f %%)",
                10.0 * truncations / all.size(),
                all.stream().mapToLong(SeedResult.Stats::acknowledgedBatches).sum(),
                exempted,
                100.0 * exempted / all.size()));
        lines.add(String.format(
                Locale.ROOT,
                "per 10 seeds, links held too much %.0f times, and %.0f messages were refused as BUSY",
                10.0 * all.stream().mapToLong(s -> s.pressure().links()).sum() / all.size(),
                10.0 * all.stream().mapToLong(s -> s.pressure().busy()).sum() / all.size()));
        lines.add("faults per 100 seeds: "
                + faults.entrySet().stream()
                        .map(e -> String.format(Locale.ROOT, "%s %.0f", e.getKey(), 100.0 * e.getValue() / all.size()))
                        .collect(Collectors.joining(", ")));
        List<FaultClass> never = new ArrayList<>(List.of(FaultClass.values()));
        never.removeAll(faults.keySet());
        if (!never.isEmpty()) {
            lines.add("faults that never happened: " + never);
        }
        return lines;
    }

    private long median(ToLongFunction<SeedResult.Stats> of) {
        long[] values = all.stream().mapToLong(of).sorted().toArray();
        return values[values.length / 2];
    }
}
