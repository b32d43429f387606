// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import io.varve.node.config.ScrubConfig;
import io.varve.node.metrics.NodeGauges;
import io.varve.node.metrics.NodeMetrics;
import io.varve.node.upkeep.Scrubber;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Reads again what is on the disk, on a thread of its own that nobody waits for. */
final class ScrubStep implements NodeStep {

    private static final long STOP_SECONDS = 10;

    private final ScrubConfig config;
    private final DataDirectoryStep data;
    private final NodeMetrics metrics;
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, task -> {
        Thread thread = new Thread(task, "scrub");
        thread.setDaemon(true);
        return thread;
    });

    ScrubStep(ScrubConfig config, DataDirectoryStep data, NodeMetrics metrics) {
        this.config = config;
        this.data = data;
        this.metrics = metrics;
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    @Override
    public String name() {
        return "scrub";
    }

    @Override
    public void start() {
        Scrubber scrubber = new Scrubber(data.directory(), config);
        NodeGauges.bindScrub(metrics.registry(), scrubber);
        scrubber.start(timer);
    }

    /** Interrupts nobody: a thread interrupted in a file operation loses the file. */
    @Override
    public void stop() throws InterruptedException {
        timer.shutdown();
        timer.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS);
    }
}
