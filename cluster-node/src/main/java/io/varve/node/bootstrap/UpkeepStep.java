// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import io.varve.node.config.CompactionConfig;
import io.varve.node.config.NodeConfig;
import io.varve.node.upkeep.Compactor;
import io.varve.node.upkeep.DiskWatch;
import io.varve.node.upkeep.NodeRetentionClock;
import io.varve.node.upkeep.Upkeep;
import io.varve.storage.StorageException;
import io.varve.storage.file.RealFiles;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Housekeeping, on a thread of its own because it waits for the disk. */
final class UpkeepStep implements NodeStep {

    private static final Logger LOG = LoggerFactory.getLogger(UpkeepStep.class);
    private static final long STOP_SECONDS = 10;

    private final NodeConfig config;
    private final DataDirectoryStep data;
    private final PartitionsStep partitions;
    private final DiskWatch disk;
    private final ScheduledExecutorService timer = timer("upkeep");
    /** Its own: a pass may take long, and sleeps between its steps. */
    private final ScheduledExecutorService compactionTimer = timer("compaction");

    private @Nullable Compactor compactor;

    UpkeepStep(NodeConfig config, DataDirectoryStep data, PartitionsStep partitions, DiskWatch disk) {
        this.config = config;
        this.data = data;
        this.partitions = partitions;
        this.disk = disk;
    }

    private static ScheduledExecutorService timer(String name) {
        return Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
    }

    @Override
    public String name() {
        return "upkeep";
    }

    @Override
    public void start() throws StorageException {
        Upkeep upkeep = new Upkeep(
                data.directory(),
                partitions.partitions().table(),
                disk,
                new NodeRetentionClock(
                        new RealFiles(), data.directory().path(), System::currentTimeMillis, System::nanoTime));
        // Appends must not begin on a disk that is full already.
        upkeep.checkDisk();
        upkeep.start(timer, config.timers(), config.disk().checkInterval());
        startCompaction();
    }

    private void startCompaction() {
        CompactionConfig compaction = config.timers().compaction();
        Compactor starting = new Compactor(compaction, partitions.partitions().table(), disk, InstantSource.system());
        compactor = starting;
        long nanos = compaction.checkInterval().toNanos();
        var unused = compactionTimer.scheduleWithFixedDelay(
                () -> {
                    try {
                        starting.look();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    } catch (RuntimeException e) {
                        LOG.warn("compaction failed, trying again in {}", compaction.checkInterval(), e);
                    }
                },
                nanos,
                nanos,
                TimeUnit.NANOSECONDS);
    }

    @Override
    public void stop() throws InterruptedException {
        timer.shutdown();
        compactionTimer.shutdown();
        Compactor running = compactor;
        if (running != null) {
            running.stop();
        }
        compactionTimer.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS);
        timer.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS);
    }
}
