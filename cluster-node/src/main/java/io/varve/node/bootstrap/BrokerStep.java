// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import io.varve.metadata.Controller;
import io.varve.metadata.MetadataRejection;
import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.CommandBody.RegisterBroker;
import io.varve.metadata.image.BrokerImage;
import io.varve.metadata.image.Endpoint;
import io.varve.metadata.image.FeatureRange;
import io.varve.metadata.image.ReplicaId;
import io.varve.node.bootstrap.StartFailure.Reason;
import io.varve.node.broker.BrokerEpochs;
import io.varve.node.broker.BrokerSession;
import io.varve.node.config.NodeConfig;
import io.varve.proto.v1.ErrorReason;
import io.varve.storage.DataDirectory;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Registers the node: it then has an epoch, and is fenced until it has caught up. */
final class BrokerStep implements NodeStep {

    private final NodeConfig config;
    private final DataDirectoryStep data;
    private final Supplier<Controller> controller;
    private final AddressesStep addresses;
    private final BooleanSupplier stopWanted;
    private @Nullable BrokerRef broker;

    BrokerStep(
            NodeConfig config,
            AddressesStep addresses,
            DataDirectoryStep data,
            Supplier<Controller> controller,
            BooleanSupplier stopWanted) {
        this.config = config;
        this.data = data;
        this.controller = controller;
        this.addresses = addresses;
        this.stopWanted = stopWanted;
    }

    @Override
    public String name() {
        return "register";
    }

    @Override
    public void start() throws IOException, InterruptedException, StartFailure {
        try {
            broker = BrokerSession.register(controller.get(), registration(), data.epochs(), stopWanted);
        } catch (MetadataRejection e) {
            throw e.reason() == ErrorReason.ERROR_REASON_DUPLICATE_BROKER_REGISTRATION
                    ? new StartFailure(
                            Reason.DUPLICATE_BROKER_REGISTRATION,
                            e.error().message(),
                            "give this node another node.id, or stop the other one",
                            e)
                    : new StartFailure(
                            Reason.UNKNOWN_SERVER_ERROR, "the controller refuses this node: " + e.error(), "", e);
        } catch (TimeoutException e) {
            throw new StartFailure(
                    Reason.QUORUM_UNAVAILABLE, String.valueOf(e.getMessage()), "start the other voters", e);
        }
    }

    BrokerRef broker() {
        return Objects.requireNonNull(broker);
    }

    @Override
    public void stop() {
        // A node that goes is noticed by its silence; the last step of all proves that it went cleanly.
    }

    private RegisterBroker registration() throws IOException {
        DataDirectory directory = data.directory();
        List<ReplicaId> damaged = directory.logs().values().stream()
                .filter(log -> log.damage().isPresent())
                .map(log -> new ReplicaId(log.id().topicId(), log.id().partition()))
                .toList();
        List<Endpoint> endpoints = addresses.listeners().stream()
                .map(listener -> new Endpoint(
                        listener.name(),
                        listener.advertised().host(),
                        listener.advertised().port()))
                .toList();
        BrokerEpochs epochs = data.epochs();
        return new RegisterBroker(
                config.identity().id(),
                new BrokerImage.Identity(directory.identity().directoryId(), UUID.randomUUID()),
                endpoints,
                config.identity().rack(),
                FeatureRange.SUPPORTED,
                epochs.stored(),
                data.stoppedCleanly(),
                damaged);
    }
}
