// SPDX-License-Identifier: Apache-2.0
package io.varve.node.partition;

import io.varve.replication.DamageException;
import io.varve.replication.Partition;
import io.varve.replication.PartitionEvents;
import io.varve.replication.replica.Resignation;
import io.varve.storage.LogId;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries to the controller that a replica cannot lead, or can again, or is damaged. When to say so, and how often, is the
 * replica's to decide: what fails here is said again. Only damage is said once by the replica, and again from here until it
 * is heard. <i>Thread-safe.</i>
 */
public final class Resignations implements PartitionEvents {

    private static final Logger LOG = LoggerFactory.getLogger(Resignations.class);

    private static final long AGAIN_SECONDS = 1;

    private final Executor executor;
    private final Controller controller;

    /** Where resignations go. */
    public interface Controller {

        /** Completes when the resignation is in the metadata, or was refused as out of date. */
        CompletableFuture<?> resign(LogId replica, Resignation resignation);

        /** Completes when the metadata counts on this copy no more (P34). */
        CompletableFuture<?> damaged(LogId replica, String why);
    }

    /** @param executor runs what asks the controller, so that no partition loop waits for it */
    public Resignations(Executor executor, Controller controller) {
        this.executor = executor;
        this.controller = controller;
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
            executor.execute(() -> tell(partition, String.valueOf(cause.getMessage())));
        }
    }

    private void tell(Partition partition, String why) {
        var unused = controller.damaged(partition.id(), why).whenComplete((done, failure) -> {
            if (failure != null) {
                LOG.warn("partition {}: the controller did not hear that it is damaged", partition.name(), failure);
                CompletableFuture.delayedExecutor(AGAIN_SECONDS, TimeUnit.SECONDS, executor)
                        .execute(() -> tell(partition, why));
            }
        });
    }
}
