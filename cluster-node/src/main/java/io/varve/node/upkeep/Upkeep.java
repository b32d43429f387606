// SPDX-License-Identifier: Apache-2.0
package io.varve.node.upkeep;

import io.varve.node.config.TimersConfig;
import io.varve.node.partition.HostedPartition;
import io.varve.node.partition.PartitionTable;
import io.varve.storage.DataDirectory;
import io.varve.storage.Durability;
import io.varve.storage.StorageException;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Housekeeping on one thread. What fails is logged and done again at the next turn; nothing here may end the timer.
 * <i>Thread-safe.</i>
 */
public final class Upkeep {

    private static final Logger LOG = LoggerFactory.getLogger(Upkeep.class);
    private static final Duration STRAY_AGE = Duration.ofHours(24);
    private static final Duration DAMAGED_AGE = Duration.ofDays(7);
    private static final int DAMAGED_LOGS_MAX = 16;
    private static final Duration STRAY_CHECK = Duration.ofHours(1);

    private final DataDirectory directory;
    private final PartitionTable partitions;
    private final DiskWatch disk;
    private final NodeRetentionClock clock;

    public Upkeep(DataDirectory directory, PartitionTable partitions, DiskWatch disk, NodeRetentionClock clock) {
        this.clock = clock;
        this.directory = directory;
        this.partitions = partitions;
        this.disk = disk;
    }

    /** Begins; ends with the timer. */
    public void start(ScheduledExecutorService timer, TimersConfig intervals, Duration diskCheck) {
        every(timer, diskCheck, "disk check", this::checkDisk);
        every(timer, intervals.retentionCheck(), "retention", whileOnline(this::maintain));
        every(timer, intervals.flush(), "flush", whileOnline(this::flush));
        every(timer, intervals.checkpoint(), "checkpoint", whileOnline(directory::checkpoint));
        every(timer, STRAY_CHECK, "deleting strays", whileOnline(this::deleteStrays));
    }

    /** Measures free space now. */
    public void checkDisk() throws StorageException {
        disk.update(directory.freeBytes());
    }

    private void maintain() throws StorageException {
        long nowMillis = clock.read();
        for (HostedPartition hosted : partitions.all()) {
            var unused = hosted.partition().maintain(nowMillis).whenComplete((start, failure) -> {
                if (failure != null
                        && hosted.log().failure().isEmpty()
                        && hosted.log().damage().isEmpty()) {
                    LOG.warn(
                            "partition {}: retention failed", hosted.partition().name(), failure);
                }
            });
        }
    }

    /** Moves the recovery point of logs that are not flushed before the acknowledgement. */
    private void flush() {
        for (HostedPartition hosted : partitions.all()) {
            boolean worthwhile = hosted.log().settings().durability() == Durability.WRITTEN
                    && hosted.log().failure().isEmpty()
                    && hosted.log().flushedEndOffset() < hosted.log().writtenEndOffset();
            if (worthwhile) {
                var unused = hosted.log().flush().whenComplete((none, failure) -> {
                    if (failure != null) {
                        LOG.warn(
                                "partition {}: flush failed", hosted.partition().name(), failure);
                    }
                });
            }
        }
    }

    private void deleteStrays() throws StorageException {
        int deleted = directory.deleteStrays(STRAY_AGE);
        if (deleted > 0) {
            LOG.info("deleted {} logs that were set aside a day ago", deleted);
        }
        int damaged = directory.deleteDamaged(DAMAGED_AGE, DAMAGED_LOGS_MAX);
        if (damaged > 0) {
            LOG.info(
                    "deleted {} damaged logs that were set aside: older than {} days, or beyond the newest {}",
                    damaged,
                    DAMAGED_AGE.toDays(),
                    DAMAGED_LOGS_MAX);
        }
    }

    /** Something that blocks on files. */
    @FunctionalInterface
    private interface Chore {
        void run() throws StorageException;
    }

    /** Nothing is to be done in a directory that failed (P36), and nothing more to be said of it. */
    private Chore whileOnline(Chore chore) {
        return () -> {
            if (directory.failure().isEmpty()) {
                chore.run();
            }
        };
    }

    private static void every(ScheduledExecutorService timer, Duration interval, String name, Chore chore) {
        var unused = timer.scheduleWithFixedDelay(
                () -> {
                    try {
                        chore.run();
                    } catch (StorageException | RuntimeException e) {
                        LOG.warn("{} failed, trying again in {}", name, interval, e);
                    }
                },
                interval.toNanos(),
                interval.toNanos(),
                TimeUnit.NANOSECONDS);
    }
}
