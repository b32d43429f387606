// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.ratis;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Looks after one voter every second: a division can die while its server and process look alive, and on a quiet
 * cluster no number of entries is ever reached that would make Ratis take a snapshot.
 */
final class Watchdog implements AutoCloseable {

    /** What is looked after. */
    interface Patient {
        boolean alive();

        void died();

        /** Whether a snapshot would contain anything new. */
        boolean snapshotDue();

        void takeSnapshot();
    }

    private static final Duration PERIOD = Duration.ofSeconds(1);

    private final Patient patient;
    private final long snapshotEveryTicks;
    private final ScheduledExecutorService executor;
    private long ticks;

    Watchdog(Patient patient, Duration snapshotInterval) {
        this.patient = patient;
        this.snapshotEveryTicks = Math.max(1, snapshotInterval.toMillis() / PERIOD.toMillis());
        this.executor = Executors.newSingleThreadScheduledExecutor(task -> {
            var thread = new Thread(task, "raft-watchdog");
            thread.setDaemon(true);
            return thread;
        });
        executor.scheduleWithFixedDelay(this::tick, PERIOD.toMillis(), PERIOD.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void tick() {
        if (!patient.alive()) {
            patient.died();
            executor.shutdown();
            return;
        }
        ticks++;
        if (ticks % snapshotEveryTicks == 0 && patient.snapshotDue()) {
            patient.takeSnapshot();
        }
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
