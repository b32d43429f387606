// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import org.junit.jupiter.api.Test;

class SchedulerTest {
    private final Trace trace = new Trace();
    private final Scheduler scheduler = new Scheduler(new SimRandom(1), trace);
    private final List<String> ran = new ArrayList<>();

    private Scheduler.Timer at(long time, String label) {
        return scheduler.at(time, label, () -> ran.add(label + "@" + scheduler.now()));
    }

    @Test
    void shouldRunEventsInTheOrderOfTheirTime() {
        at(30, "c");
        at(10, "a");
        at(20, "b");
        scheduler.runUntil(25);
        assertThat(ran).containsExactly("a@10", "b@20");
        assertThat(scheduler.now()).isEqualTo(25);
        assertThat(scheduler.pending()).isOne();
    }

    @Test
    void shouldNotRunWhatWasCancelled() {
        Scheduler.Timer timer = at(10, "a");
        at(20, "b");
        timer.cancel();
        timer.cancel();
        assertThat(timer.isPending()).isFalse();
        scheduler.runUntil(100);
        assertThat(ran).containsExactly("b@20");
    }

    @Test
    void shouldDrawTheOrderOfOneMomentFromTheSeed() {
        List<String> orders = new ArrayList<>();
        for (int seed = 0; seed < 20; seed++) {
            Scheduler other = new Scheduler(new SimRandom(seed), new Trace());
            StringBuilder order = new StringBuilder();
            other.at(5, "a", () -> order.append('a'));
            other.at(5, "b", () -> order.append('b'));
            other.runUntil(5);
            orders.add(order.toString());
        }
        assertThat(orders).contains("ab", "ba");
    }

    @Test
    void shouldKeepTheOrderOfAQueueWhenEventsComeAndGo() {
        SimRandom random = new SimRandom(7);
        PriorityQueue<Long> model = new PriorityQueue<>();
        List<Long> seen = new ArrayList<>();
        List<Scheduler.Timer> timers = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            if (!timers.isEmpty() && random.chance(0.3)) {
                Scheduler.Timer timer = timers.remove(random.nextInt(timers.size()));
                if (timer.isPending()) {
                    model.remove(timer.timeNanos());
                }
                timer.cancel();
            } else {
                long time = scheduler.now() + random.nextInt(1_000_000) * 16_384L + i % 16_384;
                timers.add(scheduler.at(time, "x", () -> seen.add(time)));
                model.add(time);
            }
            if (random.chance(0.2) && scheduler.step()) {
                assertThat(seen.get(seen.size() - 1)).isEqualTo(model.poll());
            }
        }
        assertThat(scheduler.pending()).isEqualTo(model.size());
    }

    @Test
    void shouldGiveEqualTracesForEqualSeeds() {
        assertThat(hashOf(3)).isEqualTo(hashOf(3)).isNotEqualTo(hashOf(4));
    }

    private static long hashOf(long seed) {
        Trace trace = new Trace();
        SimRandom random = new SimRandom(seed);
        Scheduler scheduler = new Scheduler(random, trace);
        for (int i = 0; i < 500; i++) {
            scheduler.at(random.nextInt(100), i % 5, "event", null, () -> {});
        }
        scheduler.runUntil(1000);
        return trace.hash();
    }

    @Test
    void shouldRememberTheLastEventsOnly() {
        for (int i = 0; i < 1000; i++) {
            scheduler.at(i, 1, "event", "number " + i, () -> {});
        }
        scheduler.runUntil(2000);
        assertThat(trace.count()).isEqualTo(1000);
        assertThat(trace.last()).hasSize(200);
        assertThat(trace.last().get(199)).contains("number 999");
    }

    @Test
    void shouldGiveAStreamOfRandomNumbersThatOthersDoNotShift() {
        SimRandom one = new SimRandom(5);
        SimRandom two = new SimRandom(5);
        one.nextLong();
        assertThat(one.stream("disk").nextLong()).isEqualTo(two.stream("disk").nextLong());
        assertThat(two.stream("disk").nextLong()).isNotEqualTo(two.stream("net").nextLong());
    }

    @Test
    void shouldDrawAsAsked() {
        SimRandom random = new SimRandom(11);
        long sum = 0;
        int hits = 0;
        for (int i = 0; i < 100_000; i++) {
            sum += random.exponential(1000);
            hits += random.chance(0.1) ? 1 : 0;
            assertThat(random.between(-3, 3)).isBetween(-3L, 3L);
        }
        assertThat(sum / 100_000).isBetween(950L, 1050L);
        assertThat(hits).isBetween(9_500, 10_500);
    }
}
