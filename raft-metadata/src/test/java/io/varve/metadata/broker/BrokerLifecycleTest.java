// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.metadata.broker.BrokerAction.Fenced;
import io.varve.metadata.broker.BrokerAction.Register;
import io.varve.metadata.broker.BrokerAction.SendHeartbeat;
import io.varve.metadata.broker.BrokerAction.StoreEpoch;
import io.varve.metadata.broker.BrokerAction.Unfenced;
import io.varve.metadata.broker.BrokerAction.WantMetadata;
import io.varve.metadata.broker.BrokerLifecycle.State;
import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.CommandBody.FenceBrokers;
import io.varve.metadata.command.CommandBody.UnfenceBroker;
import io.varve.metadata.image.MetadataError;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.machine.World;
import io.varve.proto.v1.ErrorReason;
import java.util.List;
import org.junit.jupiter.api.Test;

class BrokerLifecycleTest {

    private static final long MS = 1_000_000;
    private final World world = new World().nodes(7);
    private final long epoch = world.image().broker(7).orElseThrow().epoch();
    private final BrokerLifecycle life =
            new BrokerLifecycle(7, World.uuid("incarnation7"), List.of(1, 2, 3), LifecycleSettings.DEFAULT);

    private MetadataImage fenced() {
        world.apply(new FenceBrokers(List.of(new BrokerRef(7, epoch)), ""));
        return world.image();
    }

    private MetadataImage unfenced() {
        world.apply(new UnfenceBroker(new BrokerRef(7, epoch)));
        return world.image();
    }

    private void becomeFencedMember() {
        assertThat(life.onTick(0)).containsExactly(new Register(1, 1));
        assertThat(life.onTick(MS)).isEmpty();
        assertThat(life.onRegistered(1, epoch, MS)).containsExactly(new StoreEpoch(epoch), new WantMetadata(epoch));
        assertThat(life.onTick(2 * MS))
                .as("no heartbeat before the epoch is durable")
                .isEmpty();
        assertThat(life.onEpochStored(epoch, 3 * MS)).hasSize(1).hasOnlyElementsOfType(SendHeartbeat.class);
    }

    @Test
    void shouldServeOnceCaughtUpWithItsOwnRegistration() {
        becomeFencedMember();
        // an image from before its registration says nothing
        assertThat(life.onApplied(epoch - 1, MetadataImage.EMPTY, 4 * MS)).isEmpty();
        // caught up: the controller hears it at once
        var actions = life.onApplied(epoch, fenced(), 5 * MS);
        assertThat(actions).hasSize(1);
        assertThat(((SendHeartbeat) actions.get(0)).heartbeat().appliedIndex()).isEqualTo(epoch);
        assertThat(life.onApplied(epoch + 1, unfenced(), 6 * MS)).containsExactly(new Unfenced());
        assertThat(life.state()).isEqualTo(State.UNFENCED);
        assertThat(life.onApplied(epoch + 2, fenced(), 7 * MS)).containsExactly(new Fenced());
    }

    @Test
    void shouldAskTheVotersInTurnWhileThereIsNoController() {
        assertThat(life.onTick(0)).containsExactly(new Register(1, 1));
        var nobody = MetadataError.of(ErrorReason.ERROR_REASON_NOT_CONTROLLER, "");
        assertThat(life.onRefused(1, nobody, 0)).isEmpty();
        assertThat(life.onTick(99 * MS)).isEmpty();
        assertThat(life.onTick(100 * MS)).containsExactly(new Register(2, 2));
        assertThat(life.onRefused(1, nobody, 101 * MS)).as("said twice").isEmpty();
        assertThat(life.onRefused(2, nobody, 1, 101 * MS)).isEmpty();
        assertThat(life.onTick(201 * MS)).as("the hint").containsExactly(new Register(3, 1));
    }
}
