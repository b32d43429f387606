// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import io.varve.metadata.MetadataRejection;
import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.CommandBody.RegisterBroker;
import io.varve.metadata.image.BrokerImage;
import io.varve.metadata.image.FeatureRange;
import io.varve.metadata.image.MetadataError;
import io.varve.metadata.image.ReplicaId;
import io.varve.node.bootstrap.StartFailure.Reason;
import io.varve.node.broker.BrokerEpochs;
import io.varve.node.broker.BrokerSession;
import io.varve.node.config.NodeConfig;
import io.varve.proto.v1.ErrorReason;
import io.varve.storage.DataDirectory;
import io.varve.storage.StorageException;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Registers the node: it then has an epoch, and is fenced until it has caught up. */
final class BrokerStep implements NodeStep {

    private static final Logger LOG = LoggerFactory.getLogger(BrokerStep.class);
    private static final long LOOK_MILLIS = 100;
    private static final long COMPLAIN_LOOKS = 50;
    private static final long LEAVE_SECONDS = 5;

    private final NodeConfig config;
    private final Reachable reachable;
    private final DataDirectoryStep data;
    private final MetadataStep metadata;
    private final ControllerStep controller;
    private final BooleanSupplier stopWanted;
    private final Consumer<StartFailure> onEnd;
    private volatile Consumer<Boolean> onIsolated = isolated -> {}; // volatile: set at the start, read by the session
    private volatile Consumer<StorageException> onOffline =
            cause -> {}; // volatile: set at the start, read by I/O threads
    private @Nullable BrokerSession session;
    private volatile boolean running; // volatile: written at the start, read by the session

    /**
     * @param stopWanted asked while there is no controller
     * @param onEnd hears that the process must end, after the start
     */
    BrokerStep(
            NodeConfig config,
            Reachable reachable,
            DataDirectoryStep data,
            MetadataStep metadata,
            ControllerStep controller,
            BooleanSupplier stopWanted,
            Consumer<StartFailure> onEnd) {
        this.config = config;
        this.reachable = reachable;
        this.data = data;
        this.metadata = metadata;
        this.controller = controller;
        this.stopWanted = stopWanted;
        this.onEnd = onEnd;
    }

    @Override
    public String name() {
        return "register";
    }

    @Override
    public void start() throws IOException, InterruptedException, StartFailure {
        BrokerSession started = new BrokerSession(
                controller.voters(),
                registration(),
                data.epochs(),
                config.cluster().membership(),
                new BrokerSession.Owner() {
                    @Override
                    public void metadataWanted(long index) {
                        metadata.source().wanted(index);
                    }

                    @Override
                    public void isolated(boolean isolated) {
                        onIsolated.accept(isolated);
                    }

                    @Override
                    public void mustStop(MetadataError why) {
                        ended(why);
                    }
                });
        session = started;
        started.start();
        awaitRegistered(started);
        running = true;
        data.directory()
                .onOffline(
                        cause -> { // P36
                            started.directoryFailed();
                            onOffline.accept(cause);
                        });
    }

    private void awaitRegistered(BrokerSession started) throws InterruptedException, StartFailure {
        for (long looks = 1; ; looks++) {
            try {
                started.registered().get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                return;
            } catch (TimeoutException e) {
                if (stopWanted.getAsBoolean()) {
                    throw new StartFailure(
                            Reason.QUORUM_UNAVAILABLE, "stopped before a controller took the registration", "");
                }
                if (looks % COMPLAIN_LOOKS == 0) {
                    LOG.warn("no active controller yet, waiting for one");
                }
            } catch (ExecutionException e) {
                throw e.getCause() instanceof MetadataRejection rejection
                        ? failure(rejection.error())
                        : new StartFailure(
                                Reason.UNKNOWN_SERVER_ERROR, "the registration failed: " + e.getCause(), "", e);
            }
        }
    }

    /** The listener hears on the session's thread whether this node counts as cut off from the controller. */
    void onIsolated(Consumer<Boolean> listener) {
        onIsolated = listener;
    }

    /** Who hears, once and on an I/O thread, that the data directory went offline. */
    void onOffline(Consumer<StorageException> listener) {
        onOffline = listener;
    }

    BrokerSession session() {
        return Objects.requireNonNull(session);
    }

    BrokerRef broker() {
        return session().current();
    }

    /**
     * Lets others lead what this node leads, for a few seconds at most. Returns at once if nobody else is there, or this
     * node never took part.
     */
    void leave() throws InterruptedException {
        BrokerSession leaving = session;
        if (leaving == null || !running || !leaving.unfenced().isDone() || !othersLive()) {
            return;
        }
        long begin = System.nanoTime();
        try {
            leaving.leave().get(LEAVE_SECONDS, TimeUnit.SECONDS);
            LOG.info("leaders moved away within {} ms", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin));
        } catch (TimeoutException e) {
            LOG.warn("nobody relieved this node of its leaderships within {} s, it stops all the same", LEAVE_SECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException("leaving never fails", e);
        }
    }

    private boolean othersLive() {
        return metadata.source().image().brokers().values().stream()
                .anyMatch(b -> b.id() != config.identity().id() && b.eligible());
    }

    @Override
    public void stop() {
        if (session != null) {
            session.close();
        }
    }

    private void ended(MetadataError why) {
        if (running) {
            onEnd.accept(failure(why));
        }
    }

    private StartFailure failure(MetadataError error) {
        boolean duplicate = error.reason() == ErrorReason.ERROR_REASON_DUPLICATE_BROKER_REGISTRATION
                || error.reason() == ErrorReason.ERROR_REASON_STALE_BROKER_EPOCH;
        String hint = error.hint().isEmpty()
                ? "give this node another node.id than %d, or stop the other process"
                        .formatted(config.identity().id())
                : error.hint();
        return new StartFailure(
                duplicate ? Reason.DUPLICATE_BROKER_REGISTRATION : Reason.UNKNOWN_SERVER_ERROR, error.message(), hint);
    }

    private RegisterBroker registration() throws IOException {
        DataDirectory directory = data.directory();
        List<ReplicaId> damaged = directory.logs().values().stream()
                .filter(log -> log.damage().isPresent())
                .map(log -> new ReplicaId(log.id().topicId(), log.id().partition()))
                .toList();
        BrokerEpochs epochs = data.epochs();
        return new RegisterBroker(
                config.identity().id(),
                new BrokerImage.Identity(directory.identity().directoryId(), UUID.randomUUID()),
                reachable.endpoints(),
                config.identity().rack(),
                FeatureRange.SUPPORTED,
                epochs.stored(),
                data.stoppedCleanly(),
                damaged);
    }
}
