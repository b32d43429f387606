// SPDX-License-Identifier: Apache-2.0
package io.varve.node.broker;

import io.varve.metadata.BrokerHeartbeat;
import io.varve.metadata.Controller;
import io.varve.metadata.MetadataRejection;
import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.CommandBody.RegisterBroker;
import io.varve.metadata.image.CommandResult.ProducerIds;
import io.varve.metadata.image.MetadataImage;
import io.varve.proto.v1.ErrorReason;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One registration of this node with the controller, and its signs of life.
 *
 * <pre>
 * registered, fenced -> unfenced   the node has applied the metadata up to its registration
 * unfenced -> fenced               the controller missed its signs of life; the next one brings it back
 * any -> superseded                somebody registered under this node id again: this process must end
 * </pre>
 *
 * <i>Thread-safe.</i>
 */
public final class BrokerSession implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(BrokerSession.class);
    private static final Duration REGISTER_RETRY = Duration.ofMillis(10);
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration COMPLAIN_INTERVAL = Duration.ofSeconds(5);

    private final Controller controller;
    private final BrokerRef broker;
    private final LongSupplier appliedIndex;
    private final ScheduledExecutorService timer;
    private final Duration heartbeatInterval;
    private final Runnable onSuperseded;
    private final CompletableFuture<Void> unfenced = new CompletableFuture<>();
    private volatile boolean closed; // volatile: set by whoever closes, read by the timer

    /**
     * @param appliedIndex of the metadata log, that all partition loops and their I/O have applied
     * @param onSuperseded called once when this registration is over for good
     */
    public BrokerSession(
            Controller controller,
            BrokerRef broker,
            LongSupplier appliedIndex,
            ScheduledExecutorService timer,
            Duration heartbeatInterval,
            Runnable onSuperseded) {
        this.controller = controller;
        this.broker = broker;
        this.appliedIndex = appliedIndex;
        this.timer = timer;
        this.heartbeatInterval = heartbeatInterval;
        this.onSuperseded = onSuperseded;
    }

    /**
     * Registers the node, as soon as there is an active controller, and stores the epoch durably.
     *
     * @param giveUp asked between two attempts
     * @throws MetadataRejection if the controller refuses this node
     * @throws TimeoutException if {@code giveUp} said so
     */
    public static BrokerRef register(
            Controller controller, RegisterBroker registration, BrokerEpochs epochs, BooleanSupplier giveUp)
            throws IOException, InterruptedException, TimeoutException {
        long complainAt = System.nanoTime() + COMPLAIN_INTERVAL.toNanos();
        while (!giveUp.getAsBoolean()) {
            try {
                long epoch =
                        controller.registerBroker(registration).get(ANSWER_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
                epochs.store(epoch);
                LOG.info(
                        "registered with broker epoch {}, the one before was {}",
                        epoch,
                        registration.previousBrokerEpoch());
                return new BrokerRef(registration.nodeId(), epoch);
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof MetadataRejection rejection)) {
                    throw new CompletionException(e.getCause());
                }
                if (rejection.reason() != ErrorReason.ERROR_REASON_NOT_CONTROLLER) {
                    throw rejection;
                }
            } catch (TimeoutException e) {
                LOG.warn("the controller does not answer the registration, trying again");
            }
            if (System.nanoTime() - complainAt > 0) {
                LOG.warn("no active controller yet, waiting for one");
                complainAt = System.nanoTime() + COMPLAIN_INTERVAL.toNanos();
            }
            TimeUnit.NANOSECONDS.sleep(REGISTER_RETRY.toNanos());
        }
        throw new TimeoutException("no active controller took the registration of node " + registration.nodeId());
    }

    /** Sends the first sign of life now, and one every interval from now on. */
    public void start() {
        var unused = timer.scheduleAtFixedRate(this::heartbeat, 0, heartbeatInterval.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** To be called with every image that this node has applied. */
    public void imageApplied(MetadataImage image) {
        image.broker(broker.nodeId())
                .filter(b -> b.epoch() == broker.brokerEpoch() && !b.fenced())
                .ifPresent(b -> unfenced.complete(null));
    }

    /** Completes when this node has applied an image in which it is unfenced. */
    public CompletableFuture<Void> unfenced() {
        return unfenced;
    }

    public BrokerRef broker() {
        return broker;
    }

    /** A block of producer ids for this node. */
    public CompletableFuture<ProducerIds> allocateProducerIds() {
        return controller.allocateProducerIds(broker.nodeId(), broker.brokerEpoch());
    }

    @Override
    public void close() {
        closed = true;
    }

    private void heartbeat() {
        if (closed) {
            return;
        }
        try {
            var unused = controller
                    .heartbeat(new BrokerHeartbeat(broker, appliedIndex.getAsLong(), false))
                    .whenComplete((reply, failure) -> {
                        if (failure != null) {
                            onFailure(failure);
                        }
                    });
        } catch (RuntimeException e) {
            LOG.error("a sign of life failed, the next one follows", e);
        }
    }

    private void onFailure(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof MetadataRejection rejection) {
            if (rejection.reason() == ErrorReason.ERROR_REASON_STALE_BROKER_EPOCH && !closed) {
                closed = true;
                LOG.error("node {} was registered again by somebody else: {}", broker.nodeId(), rejection.getMessage());
                onSuperseded.run();
            } else {
                LOG.debug("sign of life refused: {}", rejection.getMessage());
            }
        } else if (!closed) {
            LOG.warn("a sign of life failed, the next one follows", cause);
        }
    }
}
