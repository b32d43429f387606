// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.node;

import io.varve.metadata.MetadataRejection;
import io.varve.metadata.broker.BrokerAction;
import io.varve.metadata.broker.BrokerLifecycle;
import io.varve.metadata.command.CommandBody.RegisterBroker;
import io.varve.metadata.command.MetadataCommand;
import io.varve.metadata.controller.HeartbeatAnswer;
import io.varve.metadata.image.CommandResult;
import io.varve.metadata.image.MetadataError;
import io.varve.metadata.image.MetadataImage;
import io.varve.proto.v1.ErrorReason;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Does what the life of a registration asks for. */
final class BrokerShell {
    private final BrokerLifecycle lifecycle;
    private final RegisterBroker registration;
    private final ControllerClient controllers;
    private final NodeFiles files;
    private final NodeLoop loop;
    private final Owner owner;

    /** The node whose life it is. */
    interface Owner {
        void registered(long brokerEpoch);

        void metadataWanted(long index);

        void isolated(boolean isolated);

        /** Flush everything, leave the proof that names this epoch, or none for 0; then {@link #marked}. */
        void flushAndMark(long provenEpoch);

        /** The process ends. */
        void exit(boolean clean);
    }

    BrokerShell(
            BrokerLifecycle lifecycle,
            RegisterBroker registration,
            ControllerClient controllers,
            NodeFiles files,
            NodeLoop loop,
            Owner owner) {
        this.lifecycle = lifecycle;
        this.registration = registration;
        this.controllers = controllers;
        this.files = files;
        this.loop = loop;
        this.owner = owner;
    }

    BrokerLifecycle lifecycle() {
        return lifecycle;
    }

    void tick() {
        perform(lifecycle.onTick(loop.nowNanos()));
    }

    void applied(MetadataImage image) {
        perform(lifecycle.onApplied(image.index(), image, loop.nowNanos()));
    }

    void unreachable(int voter) {
        perform(lifecycle.onUnreachable(voter, loop.nowNanos()));
    }

    void shutdownWanted() {
        perform(lifecycle.onShutdownWanted(loop.nowNanos()));
    }

    void marked(boolean written) {
        perform(lifecycle.onMarked(written));
    }

    /** From now on heartbeats say that the directory is of no use (P36). */
    void directoryFailed() {
        perform(lifecycle.onDirectoryFailed(loop.nowNanos()));
    }

    private void perform(List<BrokerAction> actions) {
        actions.forEach(this::perform);
    }

    private void perform(BrokerAction action) {
        if (action instanceof BrokerAction.Register register) {
            controllers.ask(
                    register.to(), MetadataCommand.unfenced(registration), answer -> registered(register, answer));
        } else if (action instanceof BrokerAction.StoreEpoch store) {
            store(store.brokerEpoch());
        } else if (action instanceof BrokerAction.SendHeartbeat send) {
            controllers.ask(send.to(), send.heartbeat(), answer -> heard(send, answer));
        } else if (action instanceof BrokerAction.WantMetadata want) {
            owner.metadataWanted(want.index());
        } else if (action instanceof BrokerAction.Isolated) {
            owner.isolated(true);
        } else if (action instanceof BrokerAction.Connected) {
            owner.isolated(false);
        } else if (action instanceof BrokerAction.FlushAndMark mark) {
            owner.flushAndMark(mark.brokerEpoch());
        } else if (action instanceof BrokerAction.Exit exit) {
            owner.exit(exit.clean());
        } else if (action instanceof BrokerAction.Stop) {
            owner.exit(false);
        } else if (!(action instanceof BrokerAction.Fenced || action instanceof BrokerAction.Unfenced)) {
            // Who is fenced the replicas learn from the image.
            throw new IllegalStateException("nobody does " + action);
        }
    }

    private void registered(BrokerAction.Register register, @Nullable Object answer) {
        long now = loop.nowNanos();
        if (!(answer instanceof ControllerEnd.Answer given)) {
            return; // the stream broke: onUnreachable says so
        }
        MetadataRejection rejection = given.rejection();
        if (rejection != null) {
            perform(lifecycle.onRefused(register.request(), rejection.error(), now));
        } else if (given.reply() != null) {
            CommandResult result = given.reply().result();
            if (result instanceof CommandResult.BrokerRegistered registered) {
                perform(lifecycle.onRegistered(register.request(), registered.brokerEpoch(), now));
            } else {
                MetadataError error = result.rejection()
                        .orElse(MetadataError.of(ErrorReason.ERROR_REASON_UNKNOWN_SERVER_ERROR, "no registration"));
                perform(lifecycle.onRefused(register.request(), error, now));
            }
        }
    }

    private void heard(BrokerAction.SendHeartbeat send, @Nullable Object answer) {
        long now = loop.nowNanos();
        if (answer instanceof HeartbeatAnswer.Accepted accepted) {
            perform(lifecycle.onHeartbeatAnswered(send.request(), accepted.reply(), now));
        } else if (answer instanceof HeartbeatAnswer.Refused refused) {
            perform(lifecycle.onRefused(send.request(), refused.rejection().error(), now));
        }
    }

    private void store(long brokerEpoch) {
        try {
            files.storeBrokerEpoch(brokerEpoch);
        } catch (IOException e) {
            owner.exit(false);
            return;
        }
        owner.registered(brokerEpoch);
        perform(lifecycle.onEpochStored(brokerEpoch, loop.nowNanos()));
    }
}
