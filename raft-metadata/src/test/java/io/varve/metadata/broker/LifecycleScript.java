// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.broker;

import static io.varve.metadata.machine.World.uuid;

import io.varve.metadata.broker.BrokerAction.SendHeartbeat;
import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.CommandBody.FenceBrokers;
import io.varve.metadata.command.CommandBody.RegisterBroker;
import io.varve.metadata.command.CommandBody.UnfenceBroker;
import io.varve.metadata.image.BrokerImage;
import io.varve.metadata.image.BrokerImage.Identity;
import io.varve.metadata.image.ControllerImage;
import io.varve.metadata.image.FeatureRange;
import io.varve.metadata.image.MetadataError;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.MetadataRecord.BrokerRecord;
import io.varve.metadata.image.MetadataRecord.ControllerRecord;
import io.varve.metadata.machine.World;
import io.varve.proto.v1.ErrorReason;
import java.util.List;

/** Node 7 of a cluster with voters 1, 2 and 3, and the metadata around it. */
final class LifecycleScript {

    private static final long MS = 1_000_000;

    final World world = new World().nodes(7);
    final long epoch = world.image().broker(7).orElseThrow().epoch();
    final BrokerLifecycle life = startedAfter(new RestartClaim(0, false));

    static BrokerLifecycle startedAfter(RestartClaim former) {
        return new BrokerLifecycle(7, uuid("incarnation7"), List.of(1, 2, 3), LifecycleSettings.DEFAULT, former);
    }

    MetadataImage image() {
        return world.image();
    }

    /** An early image, without this node, that names a controller. */
    static MetadataImage controlledBy(int voter) {
        return MetadataImage.EMPTY
                .plus(new ControllerRecord(new ControllerImage(voter, uuid("controller"), 5)))
                .at(1, 5);
    }

    private BrokerRef now() {
        return new BrokerRef(7, world.image().broker(7).orElseThrow().epoch());
    }

    MetadataImage fenced() {
        world.apply(new FenceBrokers(List.of(now()), ""));
        return world.image();
    }

    MetadataImage unfenced() {
        world.apply(new UnfenceBroker(now()));
        return world.image();
    }

    /** Returns the first heartbeat, sent at 3 ms. */
    SendHeartbeat becomeFenced() {
        life.onTick(0);
        life.onRegistered(1, epoch, MS);
        return heartbeat(life.onEpochStored(epoch, 3 * MS));
    }

    /** Returns the newest heartbeat, sent at 3 ms. */
    SendHeartbeat becomeUnfenced() {
        becomeFenced();
        return heartbeat(life.onApplied(epoch + 1, unfenced(), 3 * MS));
    }

    /** An image in which its own registration stands under a later epoch. */
    MetadataImage registeredAgain(long again) {
        var b = world.image().broker(7).orElseThrow();
        var later = new BrokerImage(
                7,
                again,
                b.identity(),
                b.endpoints(),
                b.rack(),
                b.features(),
                b.fence().liveness(),
                b.damaged());
        return world.image().plus(new BrokerRecord(later)).at(again, 1);
    }

    /** Another process registers this node id. */
    void takeOver() {
        world.apply(new RegisterBroker(
                7,
                new Identity(uuid("dir7"), uuid("another process")),
                List.of(),
                "",
                FeatureRange.SUPPORTED,
                epoch,
                false,
                List.of()));
    }

    static SendHeartbeat heartbeat(List<BrokerAction> actions) {
        return actions.stream()
                .filter(SendHeartbeat.class::isInstance)
                .map(SendHeartbeat.class::cast)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no heartbeat in " + actions));
    }

    static MetadataError error(ErrorReason reason) {
        return MetadataError.of(reason, "as the test wants");
    }

    static MetadataError notController() {
        return error(ErrorReason.ERROR_REASON_NOT_CONTROLLER);
    }
}
