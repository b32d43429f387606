// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.metadata.MetadataRejection;
import io.varve.metadata.command.CommandBody;
import io.varve.metadata.command.CommandBody.ActivateController;
import io.varve.metadata.command.CommandBody.FenceBrokers;
import io.varve.metadata.command.CommandBody.NoOp;
import io.varve.metadata.command.CommandBody.UnfenceBroker;
import io.varve.metadata.command.MetadataCommand;
import io.varve.metadata.image.BrokerImage;
import io.varve.metadata.image.CommandResult;
import io.varve.metadata.machine.World;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.Outcome;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Activation, sessions, and what others ask for. */
class ControllerCoreTest extends ControllerOverLog {
    @Test
    void shouldBeActiveOnlyAfterItsActivationWasApplied() {
        term = 5;
        core.onLeaderReady(5, now);
        assertThat(core.activeTerm()).isZero();
        core.execute(MetadataCommand.unfenced(new NoOp(0, 0)), recorder);
        assertThat(((MetadataRejection) answers.get(0)).outcome()).isEqualTo(Outcome.OUTCOME_NOT_APPLIED);
        applyAll();
        assertThat(core.activeTerm()).isEqualTo(5);
        assertThat(image.controller().epoch()).isEqualTo(5);
    }

    @Test
    void shouldStayInactiveWhenAnotherTermHasBegun() {
        core.onLeaderReady(5, now);
        term = 6;
        applyAll();
        assertThat(core.activeTerm()).isZero();
        core.tick(now);
        assertThat(log).isEmpty();
    }

    @Test
    void shouldFailWhatIsUnderWayWhenItRenounces() {
        lead(1);
        core.execute(MetadataCommand.unfenced(new NoOp(0, 0)), recorder);
        core.onNotLeader();
        assertThat(answers).hasSize(1);
        var rejection = (MetadataRejection) answers.get(0);
        assertThat(rejection.reason()).isEqualTo(ErrorReason.ERROR_REASON_NOT_CONTROLLER);
        assertThat(rejection.outcome()).isEqualTo(Outcome.OUTCOME_INDETERMINATE);
        // the entry is applied all the same, and nobody is answered twice
        applyAll();
        assertThat(answers).hasSize(1);
        assertThat(core.activeTerm()).isZero();
    }

    @Test
    void shouldDoNoHarmWithDecisionsOfAnEarlierTerm() {
        lead(1);
        core.execute(MetadataCommand.decidedBy(1, new UnfenceBroker(ref(2))), recorder);
        // leadership is lost and won again before the old decision is applied
        core.onNotLeader();
        term = 3;
        core.onLeaderReady(3, now);
        applyAll();
        assertThat(applied).hasAtLeastOneElementOfType(UnfenceBroker.class);
        assertThat(core.activeTerm()).isEqualTo(3);
        assertThat(applied.stream().filter(ActivateController.class::isInstance))
                .hasSize(2);
    }

    @Test
    void shouldFenceSilentNodeAfterItsSession() {
        lead(1);
        pass(3_000, 1, 2, 3);
        assertThat(fenced()).isEmpty();
        pass(1_000, 1, 2, 3);
        assertThat(fenced()).containsExactly(4);
        assertThat(applied.stream().filter(FenceBrokers.class::isInstance)).hasSize(1);
        // heard again and caught up
        heartbeat(4);
        heartbeat(4);
        applyAll();
        assertThat(fenced()).isEmpty();
        assertThat(applied.stream().filter(UnfenceBroker.class::isInstance)).hasSize(1);
        pass(1_000, 1, 2, 3);
        assertThat(fenced()).isEmpty();
    }

    @Test
    void shouldWaitOneMoreSessionBeforeItBelievesThatManyAreSilent() {
        lead(1);
        pass(6_000, 1, 2);
        assertThat(fenced()).isEmpty();
        pass(1_500, 1, 2);
        assertThat(fenced()).containsExactly(3, 4);
    }

    @Test
    void shouldNotBlameOthersForItsOwnPause() {
        lead(1);
        pass(1_000, 1, 2, 3, 4);
        now += 60_000 * MS;
        core.tick(now);
        applyAll();
        pass(1_000, 1, 2, 3, 4);
        assertThat(fenced()).isEmpty();
    }

    @Test
    void shouldGiveEverybodyWholeSessionAfterFailover() {
        lead(1);
        pass(2_500, 1, 2);
        core.onNotLeader();
        lead(3);
        pass(3_000, 1, 2);
        assertThat(fenced()).isEmpty();
    }

    @Test
    void shouldCompareImagesOnlyWhenSomethingChanged() {
        lead(1);
        pass(70_000, 1, 2, 3, 4);
        assertThat(applied.stream().filter(NoOp.class::isInstance)).hasSize(1);
        pass(200_000, 1, 2, 3, 4);
        assertThat(applied.stream().filter(NoOp.class::isInstance)).hasSize(1);
        core.execute(MetadataCommand.unfenced(new CommandBody.AllocateProducerIds(ref(1))), recorder);
        applyAll();
        pass(200_000, 1, 2, 3, 4);
        assertThat(applied.stream().filter(NoOp.class::isInstance)).hasSize(2);
        assertThat(answers).containsExactly(new CommandResult.ProducerIds(0, 1000));
    }

    @Test
    void shouldCompareImagesAgainSoonWhenAnotherCommandCameBetween() {
        lead(1);
        pass(58_000, 1, 2, 3, 4);
        for (int second = 0; second < 4; second++) {
            submit(MetadataCommand.unfenced(new CommandBody.AllocateProducerIds(ref(1))), recorder);
            for (int id : new int[] {1, 2, 3, 4}) {
                contacts.touch(ref(id), now + 1_000 * MS);
            }
            now += 1_000 * MS;
            core.tick(now); // asks for a comparison with the image that the command before changes
            applyAll();
        }
        long passedOver = applied.stream().filter(NoOp.class::isInstance).count();
        assertThat(passedOver).isPositive();
        pass(4_500, 1, 2, 3, 4);
        assertThat(applied.stream().filter(NoOp.class::isInstance).count()).isEqualTo(passedOver + 1);
        pass(50_000, 1, 2, 3, 4);
        assertThat(applied.stream().filter(NoOp.class::isInstance).count()).isEqualTo(passedOver + 1);
    }

    @Test
    void shouldRegisterOneProcessOnce() {
        lead(1);
        var before = new World().nodes(1).image().broker(1).orElseThrow();
        var registration = new CommandBody.RegisterBroker(
                9,
                new BrokerImage.Identity(World.uuid("dir9"), World.uuid("first")),
                List.of(),
                "",
                before.features(),
                0,
                false,
                List.of());
        var successor = new CommandBody.RegisterBroker(
                9,
                new BrokerImage.Identity(World.uuid("dir9"), World.uuid("second")),
                List.of(),
                "",
                before.features(),
                0,
                false,
                List.of());
        core.execute(MetadataCommand.unfenced(registration), recorder);
        core.execute(MetadataCommand.unfenced(registration), recorder);
        applyAll();
        assertThat(answers.get(0)).isEqualTo(answers.get(1));
        core.execute(MetadataCommand.unfenced(successor), recorder);
        core.execute(MetadataCommand.unfenced(registration), recorder);
        applyAll();
        assertThat(answers.get(3)).isEqualTo(answers.get(0));
        assertThat(image.broker(9).orElseThrow().identity().incarnation()).isEqualTo(World.uuid("second"));
    }

    @Test
    void shouldTellNodeUpToWhichIndexItMayHaveBeenFenced() {
        lead(1);
        long begun = image.index();
        assertThat(heartbeat(2).fencedIndex()).isEqualTo(begun);
        pass(3_500, 1, 3, 4);
        assertThat(fenced()).containsExactly(2);
        long fencedAt = image.index();
        var reply = heartbeat(2);
        assertThat(reply.fenced()).isTrue();
        applyAll();
        assertThat(fenced()).isEmpty();
        reply = heartbeat(2);
        assertThat(reply.fenced()).isFalse();
        assertThat(reply.fencedIndex()).isBetween(fencedAt, image.index() - 1);
        assertThat(heartbeat(3).fencedIndex()).isEqualTo(begun);
    }
}
