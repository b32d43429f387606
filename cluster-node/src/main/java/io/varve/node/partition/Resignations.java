// SPDX-License-Identifier: Apache-2.0
package io.varve.node.partition;

import io.varve.replication.DamageException;
import io.varve.replication.Partition;
import io.varve.replication.PartitionEvents;
import io.varve.replication.replica.Resignation;
import io.varve.storage.LogId;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries to the controller that a replica cannot lead, or can again: when to say so, and how often, is the replica's to
 * decide. That one is damaged it says once, to whoever sees that the controller hears of it. <i>Thread-safe.</i>
 */
public final class Resignations implements PartitionEvents {

    private static final Logger LOG = LoggerFactory.getLogger(Resignations.class);

    private final Executor executor;
    private final Controller controller;
    private final BiConsumer<LogId, String> damaged;

    /** Where resignations go. */
    public interface Controller {

        /** Completes when the resignation is in the metadata, or was refused as out of date. */
        CompletableFuture<?> resign(LogId replica, Resignation resignation);
    }

    /**
     * @param executor runs what asks the controller, so that no partition loop waits for it
     * @param damaged hears of replicas that were stopped because their copy is damaged, and why; must not block
     */
    public Resignations(Executor executor, Controller controller, BiConsumer<LogId, String> damaged) {
        this.executor = executor;
        this.controller = controller;
        this.damaged = damaged;
    }

    @Override
    public void onResigned(Partition partition, Resignation resignation) {
        executor.execute(() -> {
            var unused = controller.resign(partition.id(), resignation).whenComplete((done, failure) -> {
                if (failure != null) {
                    LOG.warn(
                            "partition {} epoch {}: resigning failed",
                            partition.name(),
                            resignation.leaderEpoch(),
                            failure);
                }
            });
        });
    }

    @Override
    public void onFailed(Partition partition, Throwable cause) {
        // A replica that leads resigns by itself, and has logged why.
        if (cause instanceof DamageException) {
            damaged.accept(partition.id(), String.valueOf(cause.getMessage()));
        }
    }
}
