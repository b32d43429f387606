// SPDX-License-Identifier: Apache-2.0
package io.varve.node.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.varve.node.partition.MetadataFollower;
import io.varve.node.upkeep.DiskWatch;
import io.varve.storage.Chunk;
import java.util.function.DoubleSupplier;

/** Numbers of the node as a whole. */
public final class NodeGauges {

    private NodeGauges() {}

    public static void bindDisk(MeterRegistry registry, DiskWatch disk) {
        gauge(
                registry,
                "varve.disk.free.bytes",
                "free space on the data directory's disk",
                () -> disk.now().freeBytes());
        gauge(
                registry,
                "varve.disk.full",
                "1 while appends are refused with DISK_FULL",
                () -> disk.refusal() != null ? 1 : 0);
        gauge(
                registry,
                "varve.disk.throttle.ms",
                "what producers are asked to wait between two answers because the disk fills",
                disk::throttleMillis);
        gauge(
                registry,
                "varve.disk.offline",
                "1 when a write or flush has failed and the data directory is not used any more",
                () -> disk.now().state() == DiskWatch.State.OFFLINE ? 1 : 0);
    }

    public static void bindMetadata(MeterRegistry registry, MetadataFollower follower) {
        gauge(
                registry,
                "varve.metadata.applied.index",
                "index of the metadata log that all replicas here have applied",
                follower::appliedIndex);
    }

    public static void bindChunks(MeterRegistry registry) {
        gauge(registry, "varve.chunks.open", "batches in memory", Chunk::openCount);
        gauge(registry, "varve.chunks.open.bytes", "bytes of batches in memory", Chunk::openBytes);
    }

    private static void gauge(MeterRegistry registry, String name, String meaning, DoubleSupplier number) {
        Gauge.builder(name, number::getAsDouble).description(meaning).register(registry);
    }
}
