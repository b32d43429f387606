// SPDX-License-Identifier: Apache-2.0
package io.varve.node.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.varve.node.partition.HostedPartition;
import io.varve.node.partition.PartitionTable;
import io.varve.replication.PartitionStatus;
import io.varve.replication.PartitionStatus.State;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.ToDoubleFunction;

/**
 * The numbers that {@code topic describe} prints, under the same names, one row per replica on this node. The rows
 * are made anew before a scrape when replicas came or went. <i>Thread-safe.</i>
 */
public final class PartitionMetrics {

    private final PartitionTable table;
    private final Map<MultiGauge, ToDoubleFunction<PartitionStatus>> gauges = new LinkedHashMap<>();
    private final AtomicBoolean outdated = new AtomicBoolean(true);

    public PartitionMetrics(MeterRegistry registry, PartitionTable table) {
        this.table = table;
        add(
                registry,
                "log.start.offset",
                "first offset that still exists",
                s -> s.positions().logStartOffset());
        add(
                registry,
                "high.watermark",
                "end of the committed records (exclusive)",
                s -> s.positions().highWatermark());
        add(
                registry,
                "log.end.offset",
                "end of the log (exclusive)",
                s -> s.positions().logEndOffset());
        add(
                registry,
                "flushed.end.offset",
                "end of what is on disk (exclusive)",
                s -> s.positions().flushedEndOffset());
        add(registry, "size.bytes", "bytes of the log", s -> s.positions().sizeBytes());
        add(registry, "leader.epoch", "leader epoch, 0 before the first", PartitionStatus::leaderEpoch);
        add(registry, "leading", "1 if this node leads it", s -> s.state() == State.LEADING ? 1 : 0);
        count(registry, "varve.partitions.hosted", "replicas on this node", s -> true);
        count(registry, "varve.partitions.leading", "partitions led by this node", s -> s.state() == State.LEADING);
        count(registry, "varve.partitions.failed", "replicas that need a look", s -> !s.isHealthy());
    }

    /** Replicas may have come or gone. */
    public void tableChanged() {
        outdated.set(true);
    }

    /** To be called before a scrape. */
    public synchronized void refresh() {
        if (!outdated.compareAndSet(true, false)) {
            return;
        }
        List<HostedPartition> hosted = List.copyOf(table.all());
        gauges.forEach((gauge, number) ->
                gauge.register(hosted.stream().map(h -> row(h, number)).toList(), true));
    }

    private static Row<HostedPartition> row(HostedPartition hosted, ToDoubleFunction<PartitionStatus> number) {
        Tags tags = Tags.of("topic", hosted.topic(), "partition", Integer.toString(hosted.number()));
        return Row.of(tags, hosted, h -> number.applyAsDouble(h.partition().status()));
    }

    private void add(MeterRegistry registry, String name, String meaning, ToDoubleFunction<PartitionStatus> number) {
        gauges.put(
                MultiGauge.builder("varve.partition." + name)
                        .description(meaning)
                        .register(registry),
                number);
    }

    private void count(
            MeterRegistry registry,
            String name,
            String meaning,
            java.util.function.Predicate<PartitionStatus> condition) {
        Gauge.builder(
                        name,
                        table,
                        t -> t.all().stream()
                                .filter(h -> condition.test(h.partition().status()))
                                .count())
                .description(meaning)
                .register(registry);
    }
}
