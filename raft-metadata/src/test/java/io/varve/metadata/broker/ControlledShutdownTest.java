// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.broker;

import static io.varve.metadata.machine.World.uuid;
import static org.assertj.core.api.Assertions.assertThat;

import io.varve.metadata.HeartbeatReply;
import io.varve.metadata.broker.BrokerAction.Exit;
import io.varve.metadata.broker.BrokerAction.Fenced;
import io.varve.metadata.broker.BrokerAction.FlushAndMark;
import io.varve.metadata.broker.BrokerLifecycle.State;
import io.varve.metadata.broker.RestartClaim.Marker;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A node leaves in order (P42), and what that is worth when it comes back (P29). */
class ControlledShutdownTest {

    private static final long MS = 1_000_000;
    private final LifecycleScript node = new LifecycleScript();
    private final BrokerLifecycle life = node.life;

    private static HeartbeatReply reply(boolean mayStop) {
        return new HeartbeatReply(1, false, mayStop);
    }

    @Test
    void shouldLeaveWhenTheControllerHasRelievedIt() {
        var before = node.becomeUnfenced();
        var asked = LifecycleScript.heartbeat(life.onShutdownWanted(10 * MS));
        assertThat(asked.heartbeat().wantShutdown()).isTrue();
        assertThat(life.state()).isEqualTo(State.LEAVING);
        assertThat(life.onHeartbeatAnswered(before.request(), reply(true), 11 * MS))
                .as("an answer to what did not ask")
                .isEmpty();
        assertThat(life.onHeartbeatAnswered(asked.request(), reply(false), 12 * MS))
                .isEmpty();
        var again = LifecycleScript.heartbeat(life.onTick(510 * MS));
        assertThat(life.onHeartbeatAnswered(again.request(), reply(true), 511 * MS))
                .containsExactly(new FlushAndMark(node.epoch));
        assertThat(life.onMarked(true)).containsExactly(new Exit(true));
        assertThat(life.onTick(9_000 * MS)).isEmpty();
    }

    @Test
    void shouldIgnoreALeaveThatADeposedControllerGives() {
        var before = node.becomeUnfenced();
        life.onHeartbeatAnswered(before.request(), new HeartbeatReply(5, false, false), 4 * MS);
        var asked = LifecycleScript.heartbeat(life.onShutdownWanted(10 * MS));
        assertThat(life.onHeartbeatAnswered(asked.request(), new HeartbeatReply(4, false, true), 11 * MS))
                .isEmpty();
        assertThat(life.state()).isEqualTo(State.LEAVING);
    }

    @Test
    void shouldFlushAllTheSameWhenNobodyRelievesIt() {
        node.becomeUnfenced();
        life.onShutdownWanted(10 * MS);
        assertThat(life.onTick(15_010 * MS)).doesNotContain(new FlushAndMark(node.epoch));
        assertThat(life.onTick(15_011 * MS)).contains(new FlushAndMark(node.epoch));
    }

    @Test
    void shouldExitWithoutMarkerWhenFlushingTakesTooLong() {
        node.becomeFenced();
        assertThat(life.onShutdownWanted(10 * MS)).contains(new FlushAndMark(node.epoch));
        assertThat(life.onTick(30_010 * MS)).doesNotContain(new Exit(false));
        assertThat(life.onTick(30_011 * MS)).contains(new Exit(false));
        assertThat(life.onMarked(true)).as("too late").isEmpty();
    }

    @Test
    void shouldExitWithoutMarkerWhenFlushingFails() {
        node.becomeFenced();
        life.onShutdownWanted(10 * MS);
        assertThat(life.onMarked(false)).containsExactly(new Exit(false));
    }

    @Test
    void shouldProveNothingAboutADirectoryThatFailed() {
        node.becomeUnfenced();
        var told = LifecycleScript.heartbeat(life.onDirectoryFailed(10 * MS)).heartbeat();
        assertThat(told.directoryFailed()).isTrue();
        assertThat(told.wantFence()).isTrue();
        var asked = LifecycleScript.heartbeat(life.onShutdownWanted(11 * MS));
        assertThat(life.onHeartbeatAnswered(asked.request(), reply(true), 12 * MS))
                .containsExactly(new Exit(false));
    }

    @Test
    void shouldNotWaitForLeaveWhenItIsFenced() {
        node.becomeUnfenced();
        life.onShutdownWanted(10 * MS);
        var image = node.fenced();
        assertThat(life.onApplied(image.index(), image, 11 * MS))
                .containsExactly(new Fenced(), new FlushAndMark(node.epoch));
    }

    @Test
    void shouldLetTheEpochBecomeDurableBeforeTheProofNamesIt() {
        life.onTick(0);
        life.onRegistered(1, node.epoch, MS);
        assertThat(life.onShutdownWanted(2 * MS)).isEmpty();
        assertThat(life.onEpochStored(node.epoch, 3 * MS)).contains(new FlushAndMark(node.epoch));
    }

    @Test
    void shouldProveNothingAboutAnotherProcessWhenItNeverWasRegistered() { // P29
        var afterACrash = LifecycleScript.startedAfter(new RestartClaim(42, false));
        afterACrash.onTick(0);
        assertThat(afterACrash.onShutdownWanted(MS)).contains(new FlushAndMark(0));

        var afterACleanStop = LifecycleScript.startedAfter(new RestartClaim(42, true));
        afterACleanStop.onTick(0);
        assertThat(afterACleanStop.onShutdownWanted(MS)).contains(new FlushAndMark(42));
    }

    @Test
    void shouldClaimACleanStopOnlyForTheStoredEpochAndThisDirectory() {
        var here = uuid("dir");
        assertThat(RestartClaim.of(42, here, Optional.of(new Marker(42, here)))).isEqualTo(new RestartClaim(42, true));
        assertThat(RestartClaim.of(42, here, Optional.of(new Marker(41, here))).clean())
                .as("it ran under a newer epoch since")
                .isFalse();
        assertThat(RestartClaim.of(42, here, Optional.of(new Marker(42, uuid("other"))))
                        .clean())
                .as("copied from another disk")
                .isFalse();
        assertThat(RestartClaim.of(42, here, Optional.empty())).isEqualTo(new RestartClaim(42, false));
        assertThat(RestartClaim.of(0, here, Optional.of(new Marker(0, here))).clean())
                .as("never registered")
                .isFalse();
    }
}
