// SPDX-License-Identifier: Apache-2.0
package io.varve.node.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.varve.node.partition.MetadataFollower;
import io.varve.node.upkeep.DiskWatch;
import io.varve.node.upkeep.Scrubber;
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

    public static void bindScrub(MeterRegistry registry, Scrubber scrubber) {
        count(registry, "varve.scrub.bytes", "bytes of batches that were read again", scrubber::bytes);
        count(registry, "varve.scrub.passes", "passes over everything that is sealed", scrubber::passes);
        count(registry, "varve.scrub.repaired.files", "damaged files that were built anew", scrubber::repaired);
        count(registry, "varve.scrub.damaged.logs", "logs that were found damaged", scrubber::damaged);
        gauge(registry, "varve.scrub.logs.left", "logs that the present pass has before it", scrubber::logsLeft);
    }

    public static void bindChunks(MeterRegistry registry) {
        gauge(registry, "varve.chunks.open", "batches in memory", Chunk::openCount);
        gauge(registry, "varve.chunks.open.bytes", "bytes of batches in memory", Chunk::openBytes);
    }

    private static void count(MeterRegistry registry, String name, String meaning, DoubleSupplier number) {
        FunctionCounter.builder(name, number, DoubleSupplier::getAsDouble)
                .description(meaning)
                .register(registry);
    }

    private static void gauge(MeterRegistry registry, String name, String meaning, DoubleSupplier number) {
        Gauge.builder(name, number::getAsDouble).description(meaning).register(registry);
    }
}
