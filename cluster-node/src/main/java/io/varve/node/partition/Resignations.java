// SPDX-License-Identifier: Apache-2.0
package io.varve.node.partition;

import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.PartitionImage;
import io.varve.replication.Partition;
import io.varve.replication.PartitionEvents;
import io.varve.replication.RejectReason;
import io.varve.storage.Durability;
import io.varve.storage.LogId;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the controller that a replica gave up leading, and brings it back if it is the only one.
 *
 * <p>A leader whose write failed may not go on in its epoch. With other replicas it says so at once. As the sole
 * replica it first opens its log again, so that the controller can give it the next epoch; if that fails it says that
 * it cannot lead, and tries again until it can or the metadata says otherwise. <i>Thread-safe.</i>
 */
public final class Resignations implements PartitionEvents {

    private static final Logger LOG = LoggerFactory.getLogger(Resignations.class);
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final ScheduledExecutorService timer;
    private final Supplier<MetadataImage> image;
    private final Controller controller;

    /** Where resignations go. */
    @FunctionalInterface
    public interface Controller {

        /** Completes when the resignation is in the metadata, or was refused as out of date. */
        CompletableFuture<?> resign(Resignation resignation);
    }

    /**
     * One of them. <i>Immutable.</i>
     *
     * @param reopened whether the log is open again
     * @param recordsLost whether acknowledged records may be lost: after a failed flush nobody knows what the disk holds
     */
    public record Resignation(
            LogId replica, int leaderEpoch, RejectReason reason, boolean reopened, boolean recordsLost) {}

    public Resignations(ScheduledExecutorService timer, Supplier<MetadataImage> image, Controller controller) {
        this.timer = timer;
        this.image = image;
        this.controller = controller;
    }

    @Override
    public void onResigned(Partition partition, int leaderEpoch, RejectReason reason, String detail) {
        LOG.warn("partition {} epoch {}: resigns: {}", partition.name(), leaderEpoch, detail);
        boolean sole = state(partition).map(p -> p.replicas().size() == 1).orElse(false);
        if (sole) {
            later(Duration.ZERO, () -> reopen(partition, leaderEpoch, reason, false));
        } else {
            later(Duration.ZERO, () -> resign(partition, leaderEpoch, reason, false));
        }
    }

    @Override
    public void onFailed(Partition partition, Throwable cause) {
        state(partition)
                .filter(PartitionImage::hasLeader)
                .ifPresent(p -> later(
                        Duration.ZERO,
                        () -> resign(partition, p.leaderEpoch(), RejectReason.KAFKA_STORAGE_ERROR, false)));
    }

    private void reopen(Partition partition, int leaderEpoch, RejectReason reason, boolean told) {
        Optional<PartitionImage> now = state(partition);
        if (now.isEmpty()) {
            return; // the topic was deleted meanwhile
        }
        // Without a leader the epoch has moved on with our first resignation.
        int epoch = now.get().hasLeader() ? leaderEpoch : now.get().leaderEpoch();
        var unused = partition.reopen().whenComplete((done, failure) -> {
            if (failure == null) {
                LOG.info("partition {} epoch {}: its log is open again", partition.name(), epoch);
                resign(partition, epoch, reason, true);
                return;
            }
            LOG.warn("partition {} epoch {}: its log cannot be opened again", partition.name(), epoch, failure);
            if (!told) {
                resign(partition, epoch, reason, false);
            }
            if (reason == RejectReason.DISK_FULL) {
                later(RETRY, () -> reopen(partition, epoch, reason, true));
            }
        });
    }

    private void resign(Partition partition, int leaderEpoch, RejectReason reason, boolean reopened) {
        var unused = controller
                .resign(new Resignation(
                        partition.id(),
                        leaderEpoch,
                        reason,
                        reopened,
                        reason == RejectReason.KAFKA_STORAGE_ERROR
                                && partition.settings().durability() == Durability.WRITTEN))
                .whenComplete((done, failure) -> {
                    boolean current = state(partition)
                            .map(p -> p.leaderEpoch() == leaderEpoch)
                            .orElse(false);
                    if (failure != null && current) {
                        LOG.warn("partition {} epoch {}: resigning failed", partition.name(), leaderEpoch, failure);
                        later(RETRY, () -> resign(partition, leaderEpoch, reason, reopened));
                    }
                });
    }

    private Optional<PartitionImage> state(Partition partition) {
        return image.get().partition(partition.id().topicId(), partition.id().partition());
    }

    private void later(Duration delay, Runnable task) {
        var unused = timer.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
    }
}
