// SPDX-License-Identifier: Apache-2.0
package io.varve.node.broker;

import io.varve.metadata.Controller;
import io.varve.metadata.MetadataRejection;
import io.varve.metadata.broker.BrokerAction;
import io.varve.metadata.broker.BrokerAction.Connected;
import io.varve.metadata.broker.BrokerAction.Fenced;
import io.varve.metadata.broker.BrokerAction.Isolated;
import io.varve.metadata.broker.BrokerAction.Register;
import io.varve.metadata.broker.BrokerAction.SendHeartbeat;
import io.varve.metadata.broker.BrokerAction.Stop;
import io.varve.metadata.broker.BrokerAction.StoreEpoch;
import io.varve.metadata.broker.BrokerAction.Unfenced;
import io.varve.metadata.broker.BrokerLifecycle;
import io.varve.metadata.broker.LifecycleSettings;
import io.varve.metadata.broker.RestartClaim;
import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.CommandBody.RegisterBroker;
import io.varve.metadata.image.CommandResult.ProducerIds;
import io.varve.metadata.image.MetadataError;
import io.varve.metadata.image.MetadataImage;
import io.varve.node.config.MembershipConfig;
import io.varve.proto.v1.ErrorReason;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread around {@link BrokerLifecycle}: this node's registration with the controller, and its signs of life.
 * <i>Thread-safe.</i>
 */
public final class BrokerSession implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(BrokerSession.class);
    /** How soon a node notices that there is a controller to register with: it delays the node's start. */
    private static final long LOOK_FOR_CONTROLLER_MILLIS = 5;

    private final Controller controller;
    private final RegisterBroker registration;
    private final BrokerEpochs epochs;
    private final Consumer<MetadataError> onStop;
    private final MembershipConfig membership;
    private final BrokerLifecycle lifecycle; // confined to the thread
    private long newestRegistration; // confined to the thread
    private final CompletableFuture<BrokerRef> registered = new CompletableFuture<>();
    private final CompletableFuture<Void> unfenced = new CompletableFuture<>();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "broker-session");
        made.setDaemon(true);
        return made;
    });

    /** @param onStop hears once that this process must end, and why */
    public BrokerSession(
            Controller controller,
            RegisterBroker registration,
            BrokerEpochs epochs,
            MembershipConfig membership,
            Consumer<MetadataError> onStop) {
        this.controller = controller;
        this.registration = registration;
        this.epochs = epochs;
        this.membership = membership;
        this.onStop = onStop;
        this.lifecycle = new BrokerLifecycle(
                registration.nodeId(),
                registration.identity().incarnation(),
                List.of(registration.nodeId()), // the controller is here
                LifecycleSettings.of(membership.heartbeatInterval(), membership.sessionTimeout()),
                new RestartClaim(registration.previousBrokerEpoch(), registration.clean()));
    }

    /** Registers as soon as there is an active controller, and shows life from then on. */
    public void start() {
        long tickNanos = membership.heartbeatInterval().toNanos() / 5;
        var unused = thread.scheduleAtFixedRate(
                () -> step(core -> core.onTick(System.nanoTime())), 0, tickNanos, TimeUnit.NANOSECONDS);
    }

    /** Completes when the node is registered and its epoch durable; fails with a {@link MetadataRejection}. */
    public CompletableFuture<BrokerRef> registered() {
        return registered;
    }

    /** Completes when this node has applied an image in which it is unfenced. */
    public CompletableFuture<Void> unfenced() {
        return unfenced;
    }

    /** To be called with every image, when all partition loops and their I/O have applied it. */
    public void imageApplied(MetadataImage image) {
        post(core -> core.onApplied(image.index(), image, System.nanoTime()));
    }

    /** A block of producer ids for this node; fails until it is registered. */
    public CompletableFuture<ProducerIds> allocateProducerIds() {
        return registered.thenCompose(self -> controller.allocateProducerIds(self.nodeId(), self.brokerEpoch()));
    }

    /** Shows no more signs of life. */
    @Override
    public void close() {
        thread.shutdownNow();
    }

    private void post(Function<BrokerLifecycle, List<BrokerAction>> event) {
        execute(() -> step(event), 0);
    }

    private void execute(Runnable task, long delayMillis) {
        try {
            var unused = thread.schedule(task, delayMillis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.trace("the session is closed", e);
        }
    }

    private void step(Function<BrokerLifecycle, List<BrokerAction>> event) {
        try {
            event.apply(lifecycle).forEach(this::perform);
        } catch (RuntimeException e) {
            LOG.error("node {}: its registration fails", registration.nodeId(), e);
        }
    }

    private void perform(BrokerAction action) {
        if (action instanceof Register register) {
            newestRegistration = register.request();
            register(register.request());
        } else if (action instanceof StoreEpoch store) {
            store(store.brokerEpoch());
        } else if (action instanceof SendHeartbeat send) {
            var unused = controller
                    .heartbeat(send.heartbeat())
                    .whenComplete((reply, failure) -> post(core -> failure == null
                            ? core.onHeartbeatAnswered(send.request(), reply, System.nanoTime())
                            : core.onRefused(send.request(), errorOf(failure), System.nanoTime())));
        } else if (action instanceof Unfenced) {
            unfenced.complete(null);
            LOG.info("node {} takes part", registration.nodeId());
        } else if (action instanceof Fenced) {
            LOG.warn("node {} is fenced: the controller missed its signs of life", registration.nodeId());
        } else if (action instanceof Isolated) {
            LOG.warn("node {} hears nothing from the controller", registration.nodeId());
        } else if (action instanceof Connected) {
            LOG.info("node {} hears the controller again", registration.nodeId());
        } else if (action instanceof Stop stop) {
            registered.completeExceptionally(
                    MetadataRejection.notApplied(stop.why().reason(), stop.why().message()));
            onStop.accept(stop.why());
        }
    }

    private void register(long request) {
        if (request != newestRegistration) {
            return; // asked again since
        }
        if (!controller.isActive()) {
            execute(() -> register(request), LOOK_FOR_CONTROLLER_MILLIS);
            return;
        }
        var unused = controller.registerBroker(registration).whenComplete((epoch, failure) -> {
            if (failure == null) {
                post(core -> core.onRegistered(request, epoch, System.nanoTime()));
            } else {
                MetadataError error = errorOf(failure);
                LOG.warn("node {}: its registration was refused: {}", registration.nodeId(), error);
                post(core -> core.onRefused(request, error, System.nanoTime()));
            }
        });
    }

    private void store(long brokerEpoch) {
        try {
            epochs.store(brokerEpoch);
        } catch (IOException e) {
            Stop stop = new Stop(MetadataError.of(
                    ErrorReason.ERROR_REASON_KAFKA_STORAGE_ERROR,
                    "broker epoch %d cannot be stored: %s".formatted(brokerEpoch, e.getMessage())));
            perform(stop);
            return;
        }
        LOG.info(
                "node {} is registered with broker epoch {}, the one before was {}",
                registration.nodeId(),
                brokerEpoch,
                registration.previousBrokerEpoch());
        registered.complete(new BrokerRef(registration.nodeId(), brokerEpoch));
        step(core -> core.onEpochStored(brokerEpoch, System.nanoTime()));
    }

    private static MetadataError errorOf(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof MetadataRejection rejection) {
            return rejection.error();
        }
        LOG.warn("the controller failed at a call of this node", cause);
        return MetadataError.of(ErrorReason.ERROR_REASON_UNKNOWN_SERVER_ERROR, String.valueOf(cause.getMessage()));
    }
}
