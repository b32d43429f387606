// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.varve.cli.Throughput;
import io.varve.cli.Units;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.HdrHistogram.Histogram;

/**
 * What a measurement found. Immutable but for the histogram, which nobody changes any more.
 *
 * @param latency in microseconds, where it was measured
 * @param setting what it was measured with, for whoever reads the numbers later
 */
record BenchReport(
        Throughput throughput,
        long errors,
        long retries,
        Optional<Histogram> latency,
        CpuMeter.Cost cpu,
        Map<String, Object> setting) {

    private static final double MICROS_PER_MILLI = 1_000;

    private static final Map<String, Double> PERCENTILES = percentiles();

    private static Map<String, Double> percentiles() {
        Map<String, Double> percentiles = new LinkedHashMap<>();
        percentiles.put("p50", 50.0);
        percentiles.put("p95", 95.0);
        percentiles.put("p99", 99.0);
        percentiles.put("p99.9", 99.9);
        return percentiles;
    }

    String asText() {
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "RECORDS %s  %s  %s  %.1fMiB/s  %s rec/s  ERRORS %d  RETRIES %d%n",
                Units.grouped(throughput.records()),
                Units.humanBytes(throughput.bytes()),
                Units.seconds(throughput.seconds()),
                throughput.mebibytesPerSecond(),
                Units.grouped(Math.round(throughput.recordsPerSecond())),
                errors,
                retries));
        latency.ifPresent(histogram -> {
            text.append("LATENCY");
            PERCENTILES.forEach((name, percentile) -> text.append(' ')
                    .append(name)
                    .append(' ')
                    .append(millis(histogram.getValueAtPercentile(percentile)))
                    .append(' '));
            text.append(" max ").append(millis(histogram.getMaxValue())).append('\n');
        });
        text.append("CPU client ").append(perGigabyte(cpu.client()));
        text.append("  nodes ").append(perGigabyte(cpu.nodes())).append('\n');
        return text.toString();
    }

    /** Times in milliseconds, sizes in bytes, rates per second; an absent figure is null. */
    String asJson() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("setting", setting);
        all.put("records", throughput.records());
        all.put("bytes", throughput.bytes());
        all.put("seconds", throughput.seconds());
        all.put("recordsPerSecond", throughput.recordsPerSecond());
        all.put("mebibytesPerSecond", throughput.mebibytesPerSecond());
        all.put("errors", errors);
        all.put("retries", retries);
        latency.ifPresent(histogram -> {
            Map<String, Double> millis = new LinkedHashMap<>();
            PERCENTILES.forEach((name, percentile) ->
                    millis.put(name, histogram.getValueAtPercentile(percentile) / MICROS_PER_MILLI));
            millis.put("max", histogram.getMaxValue() / MICROS_PER_MILLI);
            millis.put("mean", histogram.getMean() / MICROS_PER_MILLI);
            all.put("latencyMillis", millis);
        });
        Map<String, Object> cost = new LinkedHashMap<>();
        cost.put("client", cpu.client().isPresent() ? cpu.client().getAsDouble() : null);
        cost.put("nodes", cpu.nodes().isPresent() ? cpu.nodes().getAsDouble() : null);
        all.put("cpuSecondsPerGigabyte", cost);
        try {
            return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(all);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("numbers and names are always JSON", e);
        }
    }

    private static String millis(long micros) {
        double millis = micros / MICROS_PER_MILLI;
        return String.format(Locale.ROOT, millis < 100 ? "%.1fms" : "%.0fms", millis);
    }

    private static String perGigabyte(OptionalDouble seconds) {
        return seconds.isPresent() ? String.format(Locale.ROOT, "%.2f s/GB", seconds.getAsDouble()) : "unknown";
    }
}
