// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.engine;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Draws plans of faults. Each seed has classes of its own, each at a rate of its own: what all seeds have a little of, none has enough of to find what only a
 * lot of it, without anything else, would find. One seed in ten has no faults, and one in ten a single class.
 *
 * <p>Machines lose their power together in one seed of four only: where that happens, a {@code written} topic may lose records, as it says, and a check that
 * excuses a loss sees less.
 */
public final class FaultPlanner {
    private static final long MILLI = 1_000_000;
    private static final long SECOND = 1000 * MILLI;
    private static final long BEGIN_NANOS = 3 * SECOND;

    private final SimRandom random;
    private final Shape shape;
    private final boolean blackouts; // several machines lose their power at once
    private final List<Integer> nodes = new ArrayList<>();

    private FaultPlanner(SimRandom random, Shape shape) {
        this.random = random;
        this.shape = shape;
        this.blackouts = random.stream("blackouts").nextInt(4) == 0;
        for (int node = 1; node <= shape.nodes(); node++) {
            nodes.add(node);
        }
    }

    /** Drawn apart: the plans of all other faults stay what they are. */
    private static final List<FaultClass> APART =
            List.of(FaultClass.LATE_LIMBO, FaultClass.POWER_FLICKER, FaultClass.BIT_ROT);

    /** The plan of a seed: the same for ever, as long as nobody changes this class. */
    public static FaultPlan plan(long seed, Shape shape) {
        SimRandom random = new SimRandom(seed).stream("plan");
        return new FaultPlan(seed, shape, new FaultPlanner(random, shape).draw());
    }

    private List<Fault> draw() {
        Set<FaultClass> on = EnumSet.noneOf(FaultClass.class);
        int kind = random.nextInt(10);
        List<FaultClass> usual = new ArrayList<>(List.of(FaultClass.values()));
        usual.removeAll(APART);
        if (kind == 1) {
            on.add(random.pick(usual));
        } else if (kind > 1) {
            double share = 0.2 + 0.5 * random.nextDouble();
            for (FaultClass what : usual) {
                if (random.chance(share)) {
                    on.add(what);
                }
            }
        }
        List<Fault> faults = new ArrayList<>();
        double single = on.size() == 1 ? 5 : 1;
        for (FaultClass what : on) {
            draw(what, single, faults);
        }
        for (FaultClass what : APART) {
            SimRandom apart = random.stream(what.name());
            if (kind > 1 && apart.chance(0.35)) {
                new FaultPlanner(apart, shape).draw(what, 1, faults);
            }
        }
        return faults;
    }

    private void draw(FaultClass what, double factor, List<Fault> into) {
        long span = shape.faultsEndNanos() - BEGIN_NANOS;
        double rate = what.perMinute() * factor * random.logUniform(300, 2000) / 1000;
        long meanNanos = (long) (60 * SECOND / rate);
        // The first one comes for sure, so that a class which is on means something.
        long at = BEGIN_NANOS + random.nextLong(Math.min(span, 2 * meanNanos));
        while (at < shape.faultsEndNanos()) {
            into.add(fault(what, at));
            at += MILLI + random.exponential(meanNanos);
        }
    }

    private Fault fault(FaultClass what, long at) {
        return switch (what) {
            case CRASH -> new Fault(at, what, some(random.chance(0.8) ? 1 : 2), downNanos(), 0);
            case POWER_LOSS -> new Fault(at, what, some(powerless()), downNanos(), 0);
            case CRASH_IN_IO -> new Fault(at, what, some(1), downNanos(), random.logUniform(1, 1000));
            case PAUSE -> new Fault(at, what, some(1), random.logUniform(MILLI, 40 * SECOND), 0);
            case STUTTER -> new Fault(at, what, some(1), lastNanos(), random.between(20, 400));
            case CLOCK_RATE -> new Fault(at, what, some(random.nextInt(2) + 1), lastNanos(), random.between(800, 1200));
            case WALL_JUMP -> new Fault(at, what, some(1), 0, random.between(-3_600_000, 3_600_000));
            case PARTITION, ONE_WAY ->
                new Fault(at, what, some(1 + random.nextInt(shape.nodes() / 2)), cutNanos(), random.nextInt(2));
            case HALF_OPEN ->
                new Fault(at, what, some(2), random.logUniform(100 * MILLI, 60 * SECOND), random.nextInt(2));
            case LIMBO -> new Fault(at, what, some(2), random.logUniform(100 * MILLI, 40 * SECOND), random.nextInt(2));
            case LATE_LIMBO ->
                new Fault(at, what, some(2), random.logUniform(300 * MILLI, 20 * SECOND), random.between(2, 11));
            case POWER_FLICKER ->
                new Fault(at, what, some(1), random.between(700 * MILLI, 2_000 * MILLI), random.between(320, 900));
            case BIT_ROT -> new Fault(at, what, some(1), 0, random.nextInt(1 << 30));
            case STREAM_BREAK -> new Fault(at, what, some(2), 0, 0);
            case SLOW_LINK -> new Fault(at, what, some(2), lastNanos(), random.logUniform(2_000, 1_000_000));
            case SLOW_DISK -> new Fault(at, what, some(1), lastNanos(), random.logUniform(500, 300_000));
            case FLUSH_STALL -> new Fault(at, what, some(1), random.logUniform(300 * MILLI, 15 * SECOND), 0);
            case IO_ERROR -> new Fault(at, what, some(1), downNanos(), random.logUniform(1, 100));
            case DISK_FULL -> new Fault(at, what, some(1), lastNanos(), 0);
            case DISK_SWAP -> new Fault(at, what, some(1), downNanos(), 0);
            case OLD_DISK -> new Fault(at, what, some(1), downNanos(), random.logUniform(500, 20_000));
            case CONTROLLER_FAILOVER -> new Fault(at, what, List.of(), 0, 0);
            case AMBIGUOUS_COMMANDS, METADATA_SNAPSHOTS ->
                new Fault(at, what, List.of(), lastNanos(), random.logUniform(10, 400));
            case DELAYED_METADATA ->
                new Fault(at, what, some(1 + random.nextInt(2)), lastNanos(), random.logUniform(20, 3000));
            case TOPIC_CREATE -> new Fault(at, what, List.of(), 0, random.between(1, 3));
            case TOPIC_DELETE, PARTITION_ADD -> new Fault(at, what, List.of(), 0, random.nextInt(8));
            case TOPIC_RECREATE ->
                new Fault(at, what, List.of(), random.logUniform(MILLI, 2 * SECOND), random.nextInt(8));
            case MIN_ISR -> new Fault(at, what, List.of(), lastNanos(), random.nextInt(8));
            case PREFERRED_ELECTION, OPERATOR -> new Fault(at, what, List.of(), 0, 0);
            case ROLLING_RESTART ->
                new Fault(at, what, nodesInAnyOrder(), random.logUniform(100 * MILLI, 3 * SECOND), 0);
            case CONTROLLED_RESTART -> new Fault(at, what, some(1), downNanos(), 0);
        };
    }

    private int powerless() {
        int drawn = random.nextInt(10);
        int together = drawn < 5 ? 1 : drawn < 8 ? 2 + random.nextInt(shape.nodes() - 1) : shape.nodes();
        return blackouts ? together : 1;
    }

    private List<Integer> nodesInAnyOrder() {
        List<Integer> all = new ArrayList<>(nodes);
        random.shuffle(all);
        return all;
    }

    private List<Integer> some(int count) {
        List<Integer> chosen = nodesInAnyOrder().subList(0, Math.min(count, nodes.size()));
        return Collections.unmodifiableList(chosen);
    }

    private long downNanos() {
        return random.logUniform(20 * MILLI, 15 * SECOND);
    }

    private long lastNanos() {
        return random.logUniform(500 * MILLI, 25 * SECOND);
    }

    private long cutNanos() {
        return random.logUniform(50 * MILLI, 25 * SECOND);
    }
}
