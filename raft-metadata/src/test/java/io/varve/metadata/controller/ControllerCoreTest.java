// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.metadata.ApplyReply;
import io.varve.metadata.BrokerHeartbeat;
import io.varve.metadata.HeartbeatReply;
import io.varve.metadata.MetadataRejection;
import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.CommandBody;
import io.varve.metadata.command.CommandBody.ActivateController;
import io.varve.metadata.command.CommandBody.FenceBrokers;
import io.varve.metadata.command.CommandBody.NoOp;
import io.varve.metadata.command.CommandBody.UnfenceBroker;
import io.varve.metadata.command.MetadataCommand;
import io.varve.metadata.controller.CommandPort.Completion;
import io.varve.metadata.image.CommandResult;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.ReplicaId;
import io.varve.metadata.machine.ApplyContext;
import io.varve.metadata.machine.MetadataMachine;
import io.varve.metadata.machine.World;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.Outcome;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The controller over a log that applies a command when the test says so. */
class ControllerCoreTest {

    private static final long MS = 1_000_000;
    private static final long SESSION = 3_000 * MS;
    private static final ControllerSettings SETTINGS = ControllerSettings.ofSession(Duration.ofNanos(SESSION));

    private final ArrayDeque<Runnable> log = new ArrayDeque<>();
    private final List<CommandBody> applied = new ArrayList<>();
    private final MetadataMachine machine = new MetadataMachine();
    private final LoopContacts contacts = new LoopContacts();
    private final List<BrokerRef> dialled = new ArrayList<>();
    private final List<BrokerRef> asked = new ArrayList<>();
    private MetadataImage image = new World().nodes(1, 2, 3, 4).image();
    private long term = 1;
    private long now;
    private final ControllerCore core =
            new ControllerCore(1, UUID.randomUUID(), this::submit, new Reach(), () -> image, contacts, SETTINGS);
    private final List<Object> answers = new ArrayList<>();

    private final class Reach implements BrokerPort {
        @Override
        public void dial(BrokerRef broker) {
            dialled.add(broker);
        }

        @Override
        public void askReplica(BrokerRef broker, ReplicaId replica) {
            asked.add(broker);
        }
    }

    private final Completion recorder = new Completion() {
        @Override
        public void applied(ApplyReply reply) {
            answers.add(reply.result());
        }

        @Override
        public void failed(MetadataRejection rejection) {
            answers.add(rejection);
        }
    };

    private void submit(MetadataCommand command, Completion completion) {
        log.add(() -> {
            var result = machine.apply(image, new ApplyContext(image.index() + 1, term), command);
            image = result.image();
            applied.add(command.body());
            completion.applied(new ApplyReply(image.index(), term, result.result()));
        });
    }

    private void applyAll() {
        while (!log.isEmpty()) {
            log.remove().run();
        }
    }

    private void lead(long newTerm) {
        term = newTerm;
        core.onLeaderReady(newTerm, now);
        applyAll();
        core.tick(now);
        applyAll();
    }

    private HeartbeatReply heartbeat(int id) {
        return heartbeat(new BrokerHeartbeat(ref(id), image.index(), false, false));
    }

    private HeartbeatReply heartbeat(BrokerHeartbeat heartbeat) {
        return ((HeartbeatAnswer.Accepted) core.onHeartbeat(heartbeat, now)).reply();
    }

    private BrokerRef ref(int id) {
        return new BrokerRef(id, image.broker(id).orElseThrow().epoch());
    }

    /** Passes of this many milliseconds, in which these nodes are heard. */
    private void pass(long millis, int... heard) {
        long end = now + millis * MS;
        while (now < end) {
            now += SETTINGS.tick().toNanos();
            for (int id : heard) {
                contacts.touch(ref(id), now);
            }
            core.tick(now);
            applyAll();
        }
    }

    private List<Integer> fenced() {
        return image.brokers().values().stream()
                .filter(b -> b.fenced())
                .map(b -> b.id())
                .toList();
    }

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
}
