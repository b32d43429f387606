// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import io.varve.node.config.NodeConfig;
import io.varve.node.upkeep.DiskWatch;
import io.varve.node.upkeep.NodeRetentionClock;
import io.varve.node.upkeep.Upkeep;
import io.varve.storage.StorageException;
import io.varve.storage.file.RealFiles;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Housekeeping, on a thread of its own because it waits for the disk. */
final class UpkeepStep implements NodeStep {

    private static final long STOP_SECONDS = 10;

    private final NodeConfig config;
    private final DataDirectoryStep data;
    private final PartitionsStep partitions;
    private final DiskWatch disk;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "upkeep");
        thread.setDaemon(true);
        return thread;
    });

    UpkeepStep(NodeConfig config, DataDirectoryStep data, PartitionsStep partitions, DiskWatch disk) {
        this.config = config;
        this.data = data;
        this.partitions = partitions;
        this.disk = disk;
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
    }

    @Override
    public void stop() throws InterruptedException {
        timer.shutdown();
        timer.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS);
    }
}
