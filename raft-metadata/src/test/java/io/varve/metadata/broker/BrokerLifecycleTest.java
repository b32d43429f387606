// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.broker;

import static io.varve.metadata.machine.World.uuid;
import static org.assertj.core.api.Assertions.assertThat;

import io.varve.metadata.HeartbeatReply;
import io.varve.metadata.broker.BrokerAction.Connected;
import io.varve.metadata.broker.BrokerAction.Fenced;
import io.varve.metadata.broker.BrokerAction.Isolated;
import io.varve.metadata.broker.BrokerAction.Register;
import io.varve.metadata.broker.BrokerAction.SendHeartbeat;
import io.varve.metadata.broker.BrokerAction.Stop;
import io.varve.metadata.broker.BrokerAction.StoreEpoch;
import io.varve.metadata.broker.BrokerAction.Unfenced;
import io.varve.metadata.broker.BrokerAction.WantMetadata;
import io.varve.metadata.broker.BrokerLifecycle.State;
import io.varve.metadata.image.ControllerImage;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.MetadataRecord.ControllerRecord;
import io.varve.proto.v1.ErrorReason;
import java.util.List;
import org.junit.jupiter.api.Test;

/** From registration to serving, and whom it asks. */
class BrokerLifecycleTest {

    private static final long MS = 1_000_000;
    private final LifecycleScript node = new LifecycleScript();
    private final BrokerLifecycle life = node.life;
    private final long epoch = node.epoch;

    @Test
    void shouldServeOnceCaughtUpWithItsOwnRegistration() {
        assertThat(life.onTick(0)).containsExactly(new Register(1, 1));
        assertThat(life.onTick(MS)).isEmpty();
        assertThat(life.onRegistered(1, epoch, MS)).containsExactly(new StoreEpoch(epoch), new WantMetadata(epoch));
        assertThat(life.onTick(2 * MS))
                .as("no heartbeat before the epoch is durable")
                .isEmpty();
        assertThat(life.onEpochStored(epoch - 1, 2 * MS)).as("another epoch").isEmpty();
        assertThat(life.onEpochStored(epoch, 3 * MS)).hasSize(1).hasOnlyElementsOfType(SendHeartbeat.class);
        // an image from before its registration says nothing
        assertThat(life.onApplied(epoch - 1, MetadataImage.EMPTY, 4 * MS)).isEmpty();
        // caught up: the controller hears it at once
        var actions = life.onApplied(epoch, node.fenced(), 5 * MS);
        assertThat(LifecycleScript.heartbeat(actions).heartbeat().appliedIndex())
                .isEqualTo(epoch);
        assertThat(life.onApplied(epoch + 1, node.unfenced(), 6 * MS)).containsExactly(new Unfenced());
        assertThat(life.state()).isEqualTo(State.UNFENCED);
        assertThat(life.onApplied(epoch + 2, node.fenced(), 7 * MS)).containsExactly(new Fenced());
    }

    @Test
    void shouldAskTheVotersInTurnWhileThereIsNoController() {
        assertThat(life.onTick(0)).containsExactly(new Register(1, 1));
        assertThat(life.onRefused(1, LifecycleScript.notController(), 0)).isEmpty();
        assertThat(life.onTick(99 * MS)).isEmpty();
        assertThat(life.onTick(100 * MS)).containsExactly(new Register(2, 2));
        assertThat(life.onRefused(1, LifecycleScript.notController(), 101 * MS))
                .as("said twice")
                .isEmpty();
        assertThat(life.onRefused(2, LifecycleScript.notController(), 1, 101 * MS))
                .isEmpty();
        assertThat(life.onTick(201 * MS)).as("the hint").containsExactly(new Register(3, 1));
        life.onUnreachable(1, 202 * MS);
        assertThat(life.onTick(302 * MS)).containsExactly(new Register(4, 2));
    }

    @Test
    void shouldRegisterWithTheNextVoterWhenOneIsSilentAndTakeOnlyTheNewestAnswer() {
        life.onTick(0);
        assertThat(life.onTick(1_999 * MS)).isEmpty();
        assertThat(life.onTick(2_000 * MS)).containsExactly(new Register(2, 2));
        assertThat(life.onRegistered(1, epoch - 1, 2_001 * MS))
                .as("may be repeated yet")
                .isEmpty();
        assertThat(life.onRegistered(2, epoch, 2_002 * MS)).contains(new StoreEpoch(epoch));
    }

    @Test
    void shouldRegisterWithTheControllerThatTheMetadataNamesWhileAnotherVoterIsSilent() {
        life.onTick(0); // voter 1 never answers
        MetadataImage named = LifecycleScript.controlledBy(3);
        life.onApplied(1, named, MS);
        assertThat(life.onTick(2 * MS)).containsExactly(new Register(2, 3));
    }

    @Test
    void shouldRegisterWithTheControllerThatTheMetadataNamesWhenAnotherVoterRefuses() {
        long before = -9_000 * MS; // clocks may be negative
        life.onTick(before);
        life.onApplied(1, LifecycleScript.controlledBy(3), before);
        assertThat(life.onRefused(1, LifecycleScript.notController(), before)).isEmpty();
        assertThat(life.onTick(before + MS)).containsExactly(new Register(2, 3));
    }

    @Test
    void shouldGoOnUnderTheEpochOfItsOwnRepeatedRegistration() {
        node.becomeUnfenced();
        long repeated = epoch + 5;
        assertThat(life.onApplied(repeated, node.registeredAgain(repeated), 10 * MS))
                .containsExactly(new Fenced(), new StoreEpoch(repeated), new WantMetadata(repeated));
        assertThat(life.onTick(999 * MS)).as("not durable yet").isEmpty();
        assertThat(LifecycleScript.heartbeat(life.onEpochStored(repeated, 999 * MS))
                        .heartbeat()
                        .broker()
                        .brokerEpoch())
                .isEqualTo(repeated);
    }

    @Test
    void shouldTakeItsRegistrationFromTheImageWhenTheAnswerWasLost() {
        life.onTick(0);
        assertThat(life.onApplied(epoch, node.image(), MS)).contains(new StoreEpoch(epoch));
        // while the image of its former life says nothing
        var other = new BrokerLifecycle(
                7, uuid("a new process"), List.of(1), LifecycleSettings.DEFAULT, new RestartClaim(0, false));
        other.onTick(0);
        assertThat(other.onApplied(epoch, node.image(), MS)).isEmpty();
    }

    @Test
    void shouldStopWhenAnotherProcessTookItsPlace() {
        node.becomeUnfenced();
        node.takeOver();
        assertThat(life.onApplied(epoch + 9, node.image(), 5 * MS)).hasSize(1).hasOnlyElementsOfType(Stop.class);
        assertThat(life.onTick(9_999 * MS)).isEmpty();
        assertThat(life.state()).isEqualTo(State.STOPPED);
    }

    @Test
    void shouldStopWhenItsEpochIsStaleAndNoImageExplainsIt() {
        var sent = node.becomeUnfenced();
        var stale = LifecycleScript.error(ErrorReason.ERROR_REASON_STALE_BROKER_EPOCH);
        assertThat(life.onRefused(sent.request(), stale, 10 * MS)).containsExactly(new WantMetadata(epoch + 1));
        assertThat(life.onTick(600 * MS)).as("no heartbeats meanwhile").isEmpty();
        assertThat(life.onTick(3_011 * MS)).containsExactly(new Stop(stale));
    }

    @Test
    void shouldBePatientWithTheSessionOfADiskThatWasReplaced() {
        var duplicate = LifecycleScript.error(ErrorReason.ERROR_REASON_DUPLICATE_BROKER_REGISTRATION);
        assertThat(life.onTick(0)).containsExactly(new Register(1, 1));
        assertThat(life.onRefused(1, duplicate, 0)).isEmpty();
        assertThat(life.onTick(500 * MS)).containsExactly(new Register(2, 1));
        assertThat(life.onRefused(2, duplicate, 6_001 * MS)).containsExactly(new Stop(duplicate));
    }

    @Test
    void shouldStopAtOnceWhenNoControllerCouldEverTakeIt() {
        var tooOld = LifecycleScript.error(ErrorReason.ERROR_REASON_UNSUPPORTED_VERSION);
        life.onTick(0);
        assertThat(life.onRefused(1, tooOld, 0)).containsExactly(new Stop(tooOld));
    }

    @Test
    void shouldMeasureItsLeaseFromWhenTheAnsweredHeartbeatWasSent() {
        var sent = node.becomeUnfenced(); // sent at 3 ms
        assertThat(life.onHeartbeatAnswered(sent.request(), new HeartbeatReply(1, false, false), 900 * MS))
                .isEmpty();
        assertThat(life.hasLease(2_403 * MS)).isTrue();
        assertThat(life.hasLease(2_404 * MS)).isFalse();
        assertThat(life.onTick(2_403 * MS)).doesNotContain(new Isolated());
        var actions = life.onTick(2_404 * MS);
        assertThat(actions).contains(new Isolated());
        assertThat(life.onTick(2_405 * MS)).doesNotContain(new Isolated());
        // an answer to something that was sent too long ago is none
        var late = LifecycleScript.heartbeat(life.onTick(3_500 * MS));
        assertThat(life.onHeartbeatAnswered(late.request(), new HeartbeatReply(1, false, false), 6_000 * MS))
                .isEmpty();
        var fresh = LifecycleScript.heartbeat(life.onTick(6_100 * MS));
        assertThat(life.onHeartbeatAnswered(fresh.request(), new HeartbeatReply(1, false, false), 6_101 * MS))
                .containsExactly(new Connected());
    }

    @Test
    void shouldIgnoreADeposedControllersAnswersAndLookForTheNewOne() {
        var sent = node.becomeUnfenced();
        var image = node.image().plus(new ControllerRecord(new ControllerImage(3, uuid("c"), 9)));
        var toNew = LifecycleScript.heartbeat(life.onApplied(epoch + 1, image, 10 * MS));
        assertThat(toNew.to()).as("the metadata names it").isEqualTo(3);
        assertThat(life.onHeartbeatAnswered(sent.request(), new HeartbeatReply(8, false, false), 20 * MS))
                .isEmpty();
        assertThat(life.hasLease(2_404 * MS)).as("that was no answer").isFalse();
        assertThat(life.controller()).isEqualTo(3);
        // and if the one it asks turns out to be deposed, it asks the next
        assertThat(life.onHeartbeatAnswered(toNew.request(), new HeartbeatReply(8, false, false), 20 * MS))
                .isEmpty();
        assertThat(LifecycleScript.heartbeat(life.onTick(120 * MS)).to()).isEqualTo(1);
    }

    @Test
    void shouldAskTheNextVoterWhenTheControllerFallsSilent() {
        var sent = node.becomeUnfenced();
        assertThat(sent.to()).isEqualTo(1);
        assertThat(LifecycleScript.heartbeat(life.onTick(503 * MS)).to()).isEqualTo(1);
        assertThat(LifecycleScript.heartbeat(life.onTick(1_003 * MS)).to()).isEqualTo(2);
    }

    @Test
    void shouldNotRenewItsLeaseByTheWordOfAControllerThatFencedIt() {
        var sent = node.becomeUnfenced(); // sent at 3 ms
        life.onHeartbeatAnswered(sent.request(), new HeartbeatReply(1, false, false, epoch), 10 * MS);
        var second = LifecycleScript.heartbeat(life.onTick(600 * MS));
        life.onHeartbeatAnswered(second.request(), new HeartbeatReply(1, true, false, epoch + 2), 610 * MS);
        assertThat(life.hasLease(2_404 * MS)).isFalse();
        // unfenced again, and neither is known here
        var third = LifecycleScript.heartbeat(life.onTick(1_200 * MS));
        life.onHeartbeatAnswered(third.request(), new HeartbeatReply(1, false, false, epoch + 2), 1_210 * MS);
        assertThat(life.hasLease(2_404 * MS)).isFalse();
        node.fenced();
        life.onApplied(epoch + 2, node.image(), 1_300 * MS);
        var fourth = LifecycleScript.heartbeat(life.onTick(1_800 * MS));
        life.onHeartbeatAnswered(fourth.request(), new HeartbeatReply(1, false, false, epoch + 2), 1_810 * MS);
        assertThat(life.hasLease(4_200 * MS)).isTrue();
    }

    @Test
    void shouldKeepItsProofWhenAskedToStopBeforeItIsRegistered() {
        node.takeOver(); // the life before, as the metadata has it
        life.onTick(0);
        assertThat(life.onShutdownWanted(MS)).contains(new BrokerAction.FlushAndMark(0));
        assertThat(life.onApplied(node.image().index(), node.image(), 2 * MS)).isEmpty();
        assertThat(life.onMarked(true)).containsExactly(new BrokerAction.Exit(true));
    }
}
