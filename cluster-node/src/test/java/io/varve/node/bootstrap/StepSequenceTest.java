// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StepSequenceTest {

    private final List<String> events = new ArrayList<>();

    @Test
    void shouldStopInTheOppositeOrderAndOnlyOnce() throws Exception {
        StepSequence steps = new StepSequence(List.of(step("a"), step("b")), name -> events.add("next " + name));

        assertThat(steps.start()).isTrue();
        steps.stop();
        steps.stop();

        assertThat(events).containsExactly("next a", "start a", "next b", "start b", "stop b", "stop a");
    }

    @Test
    void shouldStopWhatWasStartedWhenAStepFails() {
        NodeStep failing = new FakeStep("b") {
            @Override
            public void start() throws Exception {
                super.start();
                throw new StartFailure(StartFailure.Reason.ADDRESS_IN_USE, "taken", "");
            }
        };
        StepSequence steps = new StepSequence(List.of(step("a"), failing, step("c")), name -> {});

        assertThatThrownBy(steps::start).isInstanceOf(StartFailure.class).hasMessage("taken");

        assertThat(events).containsExactly("start a", "start b", "stop b", "stop a");
    }

    @Test
    void shouldGoOnStoppingWhenOneStepCannotStop() throws Exception {
        NodeStep stuck = new FakeStep("b") {
            @Override
            public void stop() throws Exception {
                super.stop();
                throw new IllegalStateException("cannot");
            }
        };
        StepSequence steps = new StepSequence(List.of(step("a"), stuck), name -> {});
        steps.start();

        steps.stop();

        assertThat(events).endsWith("stop b", "stop a");
    }

    @Test
    void shouldStopBeforeTheNextStepWhenAskedDuringTheStart() throws Exception {
        StepSequence[] sequence = new StepSequence[1];
        NodeStep interrupted = new FakeStep("a") {
            @Override
            public void start() throws Exception {
                super.start();
                sequence[0].requestStop();
            }
        };
        sequence[0] = new StepSequence(List.of(interrupted, step("b")), name -> {});

        assertThat(sequence[0].start()).isFalse();

        assertThat(events).containsExactly("start a", "stop a");
    }

    private NodeStep step(String name) {
        return new FakeStep(name);
    }

    private class FakeStep implements NodeStep {

        private final String name;

        FakeStep(String name) {
            this.name = name;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public void start() throws Exception {
            events.add("start " + name);
        }

        @Override
        public void stop() throws Exception {
            events.add("stop " + name);
        }
    }
}
