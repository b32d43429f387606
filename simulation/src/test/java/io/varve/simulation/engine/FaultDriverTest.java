// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.metadata.machine.MetadataMachine;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FaultDriverTest {
    private static final long SECOND = 1_000_000_000L;

    private final SimRandom random = new SimRandom(7);
    private final Scheduler scheduler = new Scheduler(random, new Trace());
    private final Network network = new Network(scheduler, random, Transfer.OF_VALUES, Network.Latency.LOCAL);
    private final IdealLog log =
            new IdealLog(scheduler, random, new MetadataMachine(), (a, b) -> !network.isBlocked(a, b));
    private final NodeProcess process = new NodeProcess(1, scheduler, new NodeClock(scheduler, 0, 0));
    private final List<String> asked = new ArrayList<>();

    /** Notes what it is asked for; nothing happens but the start of the process. */
    private final FaultTarget target = (FaultTarget) Proxy.newProxyInstance(
            FaultTarget.class.getClassLoader(), new Class<?>[] {FaultTarget.class}, (proxy, method, arguments) -> {
                asked.add(method.getName() + " " + List.of(arguments));
                if (method.getName().equals("start")) {
                    process.start();
                }
                return null;
            });

    private void run(Fault... faults) {
        network.addHost(process);
        log.addVoter(process);
        FaultPlan plan = new FaultPlan(7, new Shape(1, 1, 1, 1, 1, 10 * SECOND, 20 * SECOND), List.of(faults));
        new FaultDriver(scheduler, plan, network, log, Map.of(1, process), target).begin();
        while (scheduler.nextNanos() <= 20 * SECOND) {
            scheduler.step();
        }
    }

    @Test
    void shouldEndAStallOfADiskThatBeganWhileItsNodeWasDown() {
        run(new Fault(SECOND, FaultClass.FLUSH_STALL, List.of(1), 2 * SECOND, 0));
        assertThat(asked).startsWith("stallFlushes [1, true]", "stallFlushes [1, false]");
    }

    @Test
    void shouldEndWhatLastsLongerWhenEverythingHeals() {
        run(new Fault(SECOND, FaultClass.FLUSH_STALL, List.of(1), 60 * SECOND, 0));
        assertThat(asked).startsWith("stallFlushes [1, true]", "stallFlushes [1, false]", "start [1]");
    }
}
