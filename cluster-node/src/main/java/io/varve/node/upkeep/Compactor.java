// SPDX-License-Identifier: Apache-2.0
package io.varve.node.upkeep;

import io.varve.node.config.CompactionConfig;
import io.varve.node.partition.HostedPartition;
import io.varve.node.partition.PartitionTable;
import io.varve.storage.CompactionPass;
import io.varve.storage.CompactionReport;
import io.varve.storage.CompactionRequest;
import io.varve.storage.StorageException;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compacts the logs that are due, one after another and little by little, so that a node that has a lot to compact still serves. One thread does it,
 * which sleeps between steps as the rate says.
 *
 * <p>{@link #look} is <i>confined to one thread</i>; {@link #stop} is <i>thread-safe</i>
 */
public final class Compactor {

    private static final Logger LOG = LoggerFactory.getLogger(Compactor.class);
    private static final long MOST_STEP_BYTES = 1 << 20;
    private static final long STEPS_PER_SECOND = 10;
    /** While a finished segment waits for the log's writes to be let in. */
    private static final long WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final CompactionConfig config;
    private final PartitionTable partitions;
    private final DiskWatch disk;
    private final InstantSource clock;
    private final CountDownLatch stopped = new CountDownLatch(1);

    public Compactor(CompactionConfig config, PartitionTable partitions, DiskWatch disk, InstantSource clock) {
        this.config = config;
        this.partitions = partitions;
        this.disk = disk;
        this.clock = clock;
    }

    /** Gives every log that is due one pass. */
    public void look() throws InterruptedException {
        for (HostedPartition hosted : partitions.all()) {
            DiskWatch.State space = disk.now().state();
            if (stopped.getCount() == 0 || space == DiskWatch.State.FULL || space == DiskWatch.State.OFFLINE) {
                return; // it needs space before it gives some back
            }
            try {
                compact(hosted);
            } catch (StorageException e) {
                String name = hosted.partition().name();
                switch (e.kind()) {
                    case OUT_OF_RANGE, CLOSED ->
                        LOG.info("partition {}: compaction begins again later: {}", name, e.getMessage());
                    default -> LOG.warn("partition {}: compaction failed: {}", name, e.getMessage());
                }
            }
        }
    }

    private void compact(HostedPartition hosted) throws StorageException, InterruptedException {
        CompactionRequest request =
                new CompactionRequest(clock.millis(), hosted.partition().highWatermark(), config.keyMapBytes());
        Optional<CompactionPass> due = hosted.log().compaction(request);
        if (due.isEmpty()) {
            return;
        }
        long stepBytes = Math.min(MOST_STEP_BYTES, config.bytesPerSecond() / STEPS_PER_SECOND);
        try (CompactionPass pass = due.get()) {
            while (!pass.isDone()) {
                long began = System.nanoTime();
                long bytes = pass.step(stepBytes, clock.millis());
                long mayTake = bytes == 0 ? WAIT_NANOS : (long) (1e9 * bytes / config.bytesPerSecond());
                if (stopped.await(mayTake - (System.nanoTime() - began), TimeUnit.NANOSECONDS)) {
                    return;
                }
            }
            tell(hosted, pass.report());
        }
    }

    private static void tell(HostedPartition hosted, CompactionReport report) {
        LOG.info(
                "partition {}: compacted below offset {}: {} records went, {} bytes became {}{}",
                hosted.partition().name(),
                report.compactedTo(),
                report.recordsRemoved(),
                report.sizeBytesBefore(),
                report.sizeBytesAfter(),
                report.complete()
                        ? ""
                        : "; compaction.key.map.bytes is enough for " + report.keys() + " keys, the rest is next");
    }

    /** Ends a pass that is under way, as soon as its step is done. */
    public void stop() {
        stopped.countDown();
    }
}
