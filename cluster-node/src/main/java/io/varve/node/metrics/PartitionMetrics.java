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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
        Map<Labels, PartitionStatus> rows = rows();
        return new MetricSnapshots(
                COLUMNS.stream().map(column -> gauge(column, rows)).toList());
    }

    /** Each of one moment. Of a topic that was deleted and made anew both are there for a while: the name is the newer one's. */
    private Map<Labels, PartitionStatus> rows() {
        Map<Labels, PartitionStatus> rows = new HashMap<>();
        for (HostedPartition hosted : table.all()) {
            boolean named = table.find(hosted.topic(), hosted.number())
                    .filter(found -> found == hosted)
                    .isPresent();
            if (named) {
                Labels labels = Labels.of("topic", hosted.topic(), "partition", Integer.toString(hosted.number()));
                rows.put(labels, hosted.partition().status());
            }
        }
        return rows;
    }

    private static MetricSnapshot gauge(Column column, Map<Labels, PartitionStatus> rows) {
        GaugeSnapshot.Builder gauge =
                GaugeSnapshot.builder().name("varve_partition_" + column.name()).help(column.meaning());
        rows.forEach((labels, status) -> gauge.dataPoint(GaugeDataPointSnapshot.builder()
                .labels(labels)
                .value(column.number().applyAsDouble(status))
                .build()));
        return gauge.build();
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
