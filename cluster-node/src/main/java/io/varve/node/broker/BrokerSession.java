// SPDX-License-Identifier: Apache-2.0
package io.varve.node.broker;

import io.varve.metadata.ApplyReply;
import io.varve.metadata.HeartbeatReply;
import io.varve.metadata.MetadataRejection;
import io.varve.metadata.broker.BrokerAction;
import io.varve.metadata.broker.BrokerAction.Connected;
import io.varve.metadata.broker.BrokerAction.Exit;
import io.varve.metadata.broker.BrokerAction.Fenced;
import io.varve.metadata.broker.BrokerAction.FlushAndMark;
import io.varve.metadata.broker.BrokerAction.Isolated;
import io.varve.metadata.broker.BrokerAction.Register;
import io.varve.metadata.broker.BrokerAction.SendHeartbeat;
import io.varve.metadata.broker.BrokerAction.Stop;
import io.varve.metadata.broker.BrokerAction.StoreEpoch;
import io.varve.metadata.broker.BrokerAction.Unfenced;
import io.varve.metadata.broker.BrokerAction.WantMetadata;
import io.varve.metadata.broker.BrokerLifecycle;
import io.varve.metadata.broker.LifecycleSettings;
import io.varve.metadata.broker.RestartClaim;
import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.CommandBody.RegisterBroker;
import io.varve.metadata.command.MetadataCommand;
import io.varve.metadata.image.CommandResult;
import io.varve.metadata.image.MetadataError;
import io.varve.metadata.image.MetadataImage;
import io.varve.node.config.MembershipConfig;
import io.varve.node.control.VoterAnswer;
import io.varve.node.control.VoterPort;
import io.varve.proto.v1.ErrorReason;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
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

    private static final int MAX_LOOKS = 40;

    private final VoterPort voters;
    private final RegisterBroker registration;
    private final BrokerEpochs epochs;
    private final Owner owner;
    private final MembershipConfig membership;
    private final BrokerLifecycle lifecycle; // confined to the thread
    private volatile @Nullable BrokerRef current; // volatile: written by the thread, read by everybody
    private long newestRegistration; // confined to the thread
    private final CompletableFuture<BrokerRef> registered = new CompletableFuture<>();
    private final CompletableFuture<Void> unfenced = new CompletableFuture<>();
    private final CompletableFuture<Void> relieved = new CompletableFuture<>();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "broker-session");
        made.setDaemon(true);
        return made;
    });

    /** The node whose life it is. Called on the session's thread: do not block. */
    public interface Owner {

        /** The metadata here should soon be at this index. */
        void metadataWanted(long index);

        /** Whether this node has heard nothing from the controller for most of a session. */
        void isolated(boolean isolated);

        /** This process must end. Called once. */
        void mustStop(MetadataError why);
    }

    public BrokerSession(
            VoterPort voters,
            RegisterBroker registration,
            BrokerEpochs epochs,
            MembershipConfig membership,
            Owner owner) {
        this.voters = voters;
        this.registration = registration;
        this.epochs = epochs;
        this.membership = membership;
        this.owner = owner;
        this.lifecycle = new BrokerLifecycle(
                registration.nodeId(),
                registration.identity().incarnation(),
                voters.voters(),
                LifecycleSettings.of(membership.heartbeatInterval(), membership.sessionTimeout()),
                new RestartClaim(registration.previousBrokerEpoch(), registration.clean()));
    }

    /** Registers as soon as there is an active controller, and shows life from then on. */
    public void start() {
        voters.onBroken(voter -> post(core -> core.onUnreachable(voter, System.nanoTime())));
        long tickNanos = membership.heartbeatInterval().toNanos() / 5;
        var unused = thread.scheduleAtFixedRate(
                () -> step(core -> core.onTick(System.nanoTime())), 0, tickNanos, TimeUnit.NANOSECONDS);
    }

    /** Completes when the node is registered and its epoch durable; fails with a {@link MetadataRejection}. */
    public CompletableFuture<BrokerRef> registered() {
        return registered;
    }

    /** The newest registration; fails before there is one. */
    public BrokerRef current() {
        return Objects.requireNonNull(current, "not registered yet");
    }

    /** Completes when this node has applied an image in which it is unfenced. */
    public CompletableFuture<Void> unfenced() {
        return unfenced;
    }

    /** To be called with every image, when all partition loops and their I/O have applied it. */
    public void imageApplied(MetadataImage image) {
        post(core -> core.onApplied(image.index(), image, System.nanoTime()));
    }

    /**
     * Asks the controller that others lead what this node leads. Completes when that is so and all live nodes know, or
     * when nobody does it in time; the node shows life on, and is to flush and stop then (P42).
     */
    public CompletableFuture<Void> leave() {
        post(core -> core.onShutdownWanted(System.nanoTime()));
        return relieved;
    }

    /** A write or flush of the data directory failed: the controller takes away what depends on it (P36). */
    public void directoryFailed() {
        post(core -> core.onDirectoryFailed(System.nanoTime()));
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
            register(register, 0);
        } else if (action instanceof StoreEpoch store) {
            store(store.brokerEpoch());
        } else if (action instanceof SendHeartbeat send) {
            var unused = voters.heartbeat(send.to(), send.heartbeat()).thenAccept(answer -> heard(send, answer));
        } else if (action instanceof WantMetadata want) {
            owner.metadataWanted(want.index());
        } else if (action instanceof Unfenced) {
            unfenced.complete(null);
            LOG.info("node {} takes part", registration.nodeId());
        } else if (action instanceof Fenced) {
            LOG.warn("node {} is fenced: the controller missed its signs of life", registration.nodeId());
        } else if (action instanceof Isolated) {
            LOG.warn("node {} hears nothing from the controller", registration.nodeId());
            owner.isolated(true);
        } else if (action instanceof Connected) {
            LOG.info("node {} hears the controller again", registration.nodeId());
            owner.isolated(false);
        } else if (action instanceof FlushAndMark || action instanceof Exit) {
            relieved.complete(null); // whoever asked flushes and marks
        } else if (action instanceof Stop stop) {
            relieved.complete(null);
            registered.completeExceptionally(
                    MetadataRejection.notApplied(stop.why().reason(), stop.why().message()));
            owner.mustStop(stop.why());
        }
    }

    /** A voter that is about to become the controller is waited for a little: the next one would be no better. */
    private void register(Register register, int looks) {
        if (register.request() != newestRegistration) {
            return; // asked again since
        }
        if (register.to() == registration.nodeId() && !voters.isActiveHere() && looks < MAX_LOOKS) {
            execute(() -> register(register, looks + 1), LOOK_FOR_CONTROLLER_MILLIS);
            return;
        }
        var command = MetadataCommand.unfenced(registration).at(System.currentTimeMillis());
        var unused = voters.execute(register.to(), command).thenAccept(answer -> registered(register, answer));
    }

    private void registered(Register register, VoterAnswer<ApplyReply> answer) {
        long request = register.request();
        if (answer instanceof VoterAnswer.Given<ApplyReply> given) {
            CommandResult result = given.value().result();
            if (result instanceof CommandResult.BrokerRegistered done) {
                post(core -> core.onRegistered(request, done.brokerEpoch(), System.nanoTime()));
                return;
            }
            MetadataError error = result.rejection()
                    .orElse(MetadataError.of(ErrorReason.ERROR_REASON_UNKNOWN_SERVER_ERROR, "no registration"));
            LOG.warn("node {}: its registration was refused: {}", registration.nodeId(), error);
            post(core -> core.onRefused(request, error, System.nanoTime()));
        } else if (answer instanceof VoterAnswer.Refused<ApplyReply> refused) {
            post(core -> core.onRefused(request, refused.rejection().error(), refused.hint(), System.nanoTime()));
        } else {
            post(core -> core.onUnreachable(register.to(), System.nanoTime()));
        }
    }

    private void heard(SendHeartbeat send, VoterAnswer<HeartbeatReply> answer) {
        if (answer instanceof VoterAnswer.Given<HeartbeatReply> given) {
            post(core -> core.onHeartbeatAnswered(send.request(), given.value(), System.nanoTime()));
        } else if (answer instanceof VoterAnswer.Refused<HeartbeatReply> refused) {
            post(core ->
                    core.onRefused(send.request(), refused.rejection().error(), refused.hint(), System.nanoTime()));
        } else {
            post(core -> core.onUnreachable(send.to(), System.nanoTime()));
        }
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
        BrokerRef now = new BrokerRef(registration.nodeId(), brokerEpoch);
        current = now;
        registered.complete(now);
        step(core -> core.onEpochStored(brokerEpoch, System.nanoTime()));
    }
}
