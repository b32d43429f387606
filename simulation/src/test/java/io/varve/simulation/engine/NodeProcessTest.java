// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NodeProcessTest {
    private final Scheduler scheduler = new Scheduler(new SimRandom(1), new Trace());
    private final NodeClock clock = new NodeClock(scheduler, 1_000_000, 1_700_000_000_000L);
    private final NodeProcess process = new NodeProcess(1, scheduler, clock);
    private final List<String> done = new ArrayList<>();

    @BeforeEach
    void start() {
        process.start();
    }

    private Runnable doing(String what) {
        return () -> done.add(what + "@" + scheduler.now());
    }

    @Test
    void shouldDoWhatWasPostedInOrder() {
        for (String what : List.of("a", "b", "c", "d")) {
            process.post("x", null, doing(what));
        }
        scheduler.runUntil(10);
        assertThat(done).containsExactly("a@1", "b@2", "c@3", "d@4");
    }

    @Test
    void shouldForgetWhatADeadProcessHadToDo() {
        process.after(10, "x", null, doing("a"));
        process.end(false);
        process.start();
        process.after(20, "x", null, doing("b"));
        scheduler.runUntil(100);
        assertThat(done).containsExactly("b@20");
    }

    @Test
    void shouldDoEverythingLateAndInOrderAfterAPause() {
        process.after(10, "x", null, doing("a"));
        process.after(20, "x", null, doing("b"));
        NodeProcess.Task late = process.after(30, "x", null, doing("c"));
        process.after(40, "x", null, late::cancel);
        process.after(200, "x", null, doing("d"));
        process.pause(100);
        assertThat(process.running()).isFalse();
        scheduler.runUntil(50);
        assertThat(done).isEmpty();
        scheduler.runUntil(300);
        assertThat(done).containsExactly("a@101", "b@102", "c@103", "d@200");
    }

    @Test
    void shouldNotDoWhatAnEarlierTaskCancelledDuringAPause() {
        NodeProcess.Task[] second = new NodeProcess.Task[1];
        process.after(10, "x", null, () -> second[0].cancel());
        second[0] = process.after(20, "x", null, doing("b"));
        process.pause(100);
        scheduler.runUntil(300);
        assertThat(done).isEmpty();
    }

    @Test
    void shouldStayPausedForTheLongestOfTwoPauses() {
        process.pause(100);
        process.pause(50);
        process.after(10, "x", null, doing("a"));
        scheduler.runUntil(60);
        assertThat(process.paused()).isTrue();
        process.pause(100);
        scheduler.runUntil(1000);
        assertThat(done).containsExactly("a@161");
    }

    @Test
    void shouldForgetTheBacklogWhenItDiesInAPause() {
        process.after(10, "x", null, doing("a"));
        process.pause(100);
        scheduler.runUntil(50);
        process.end(true);
        assertThat(process.powered()).isFalse();
        process.start();
        scheduler.runUntil(1000);
        assertThat(done).isEmpty();
    }

    @Test
    void shouldMeasureTimersByAClockThatIsTooFast() {
        clock.setRatePerMille(1200);
        process.after(1200, "x", null, doing("a"));
        scheduler.runUntil(2000);
        assertThat(done).containsExactly("a@1000");
        assertThat(clock.nowNanos()).isEqualTo(1_000_000 + 2400);
    }

    @Test
    void shouldNeverStepBackWhenTheRateChanges() {
        clock.setRatePerMille(1200);
        scheduler.runUntil(1000);
        clock.setRatePerMille(800);
        assertThat(clock.nowNanos()).isEqualTo(1_001_200);
        scheduler.runUntil(2000);
        assertThat(clock.nowNanos()).isEqualTo(1_002_000);
    }

    @Test
    void shouldLetOnlyTheWallClockJump() {
        clock.jumpWall(-3_600_000);
        assertThat(clock.wallMillis()).isEqualTo(1_700_000_000_000L - 3_600_000);
        assertThat(clock.nowNanos()).isEqualTo(1_000_000);
    }
}
