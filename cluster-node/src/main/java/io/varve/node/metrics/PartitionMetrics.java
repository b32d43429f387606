// SPDX-License-Identifier: Apache-2.0
package io.varve.node.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.varve.node.partition.HostedPartition;
import io.varve.node.partition.PartitionTable;
import io.varve.replication.PartitionStatus;
import io.varve.replication.PartitionStatus.State;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/**
 * The numbers that {@code topic describe} prints, under the same names, one row per replica on this node. A row exists only while it is scraped: meters of
 * thousands of idle partitions would take more memory than the partitions. <i>Thread-safe.</i>
 */
public final class PartitionMetrics implements MultiCollector {

    private record Column(String name, String meaning, ToDoubleFunction<PartitionStatus> number) {}

    private static final List<Column> COLUMNS = List.of(
            new Column(
                    "log_start_offset",
                    "first offset that still exists",
                    s -> s.positions().logStartOffset()),
            new Column(
                    "high_watermark",
                    "end of the committed records (exclusive)",
                    s -> s.positions().highWatermark()),
            new Column(
                    "log_end_offset",
                    "end of the log (exclusive)",
                    s -> s.positions().logEndOffset()),
            new Column(
                    "flushed_end_offset",
                    "end of what is on disk (exclusive)",
                    s -> s.positions().flushedEndOffset()),
            new Column("size_bytes", "bytes of the log", s -> s.positions().sizeBytes()),
            new Column("leader_epoch", "leader epoch, 0 before the first", PartitionStatus::leaderEpoch),
            new Column("leading", "1 if this node leads it", s -> s.state() == State.LEADING ? 1 : 0));

    private final PartitionTable table;

    public PartitionMetrics(PartitionTable table) {
        this.table = table;
    }

    /** Adds what is counted over all replicas. */
    public void bindCounts(MeterRegistry registry) {
        count(registry, "varve.partitions.hosted", "replicas on this node", s -> true);
        count(registry, "varve.partitions.leading", "partitions led by this node", s -> s.state() == State.LEADING);
        count(registry, "varve.partitions.failed", "replicas that need a look", s -> !s.isHealthy());
    }

    @Override
    public MetricSnapshots collect() {
        // a topic that was deleted and made anew is there twice for a while, and two rows with one name are refused
        List<HostedPartition> all = table.all().stream()
                .filter(hosted -> table.find(hosted.topic(), hosted.number())
                        .filter(named -> named == hosted)
                        .isPresent())
                .toList();
        return new MetricSnapshots(
                COLUMNS.stream().map(column -> gauge(column, all)).toList());
    }

    private static MetricSnapshot gauge(Column column, List<HostedPartition> all) {
        GaugeSnapshot.Builder gauge =
                GaugeSnapshot.builder().name("varve_partition_" + column.name()).help(column.meaning());
        all.forEach(hosted -> gauge.dataPoint(row(column, hosted)));
        return gauge.build();
    }

    private static GaugeDataPointSnapshot row(Column column, HostedPartition hosted) {
        return GaugeDataPointSnapshot.builder()
                .labels(Labels.of("topic", hosted.topic(), "partition", Integer.toString(hosted.number())))
                .value(column.number().applyAsDouble(hosted.partition().status()))
                .build();
    }

    private void count(MeterRegistry registry, String name, String meaning, Predicate<PartitionStatus> condition) {
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
