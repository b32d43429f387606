// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.engine;

import java.util.Collections;
import java.util.List;

/**
 * Chance from a seed: SplitMix64. Streams are derived by name from the seed alone, not from what was drawn before, so that one part of a simulation that
 * draws more or less shifts no other part.
 */
public final class SimRandom {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;
    private static final double DOUBLE_UNIT = 0x1.0p-53;

    private final long origin;
    private long state;

    public SimRandom(long seed) {
        origin = seed;
        state = mix(seed);
    }

    /** A generator of its own, the same for the same seed and name. */
    public SimRandom stream(String name) {
        long hash = 0xCBF29CE484222325L;
        for (int i = 0; i < name.length(); i++) {
            hash = (hash ^ name.charAt(i)) * 0x100000001B3L;
        }
        return new SimRandom(mix(origin ^ mix(hash)));
    }

    /** As {@link #stream(String)}, for the parts of a numbered thing. */
    public SimRandom stream(String name, int number) {
        return stream(name + '#' + number);
    }

    public long nextLong() {
        state += GOLDEN;
        return mix(state);
    }

    /** From 0 to bound - 1; {@code bound} is positive. */
    public long nextLong(long bound) {
        if (bound <= 0) {
            throw new IllegalArgumentException("bound " + bound);
        }
        // The bias of the remainder is 1 in 2^40 and less for what simulations ask for.
        return (nextLong() >>> 1) % bound;
    }

    public int nextInt(int bound) {
        return (int) nextLong(bound);
    }

    /** From {@code low} to {@code high}, both included. */
    public long between(long low, long high) {
        return low + nextLong(high - low + 1);
    }

    /** From 0 to 1, without 1. */
    public double nextDouble() {
        return (nextLong() >>> 11) * DOUBLE_UNIT;
    }

    public boolean nextBoolean() {
        return nextLong() < 0;
    }

    /** True with this probability. Draws one number whatever it is. */
    public boolean chance(double probability) {
        return nextDouble() < probability;
    }

    /** Exponentially distributed with this mean, and cut at 20 times of it. */
    public long exponential(long mean) {
        if (mean <= 0) {
            return 0;
        }
        double drawn = -StrictMath.log(1.0 - nextDouble()) * mean;
        return (long) Math.min(drawn, 20.0 * mean);
    }

    /** Evenly on a logarithmic scale: as likely between 1 and 10 ms as between 1 and 10 s. Both bounds positive. */
    public long logUniform(long low, long high) {
        double exponent = StrictMath.log(low) + nextDouble() * (StrictMath.log(high) - StrictMath.log(low));
        return Math.max(low, Math.min(high, (long) StrictMath.exp(exponent)));
    }

    public <T> T pick(List<T> from) {
        return from.get(nextInt(from.size()));
    }

    public void shuffle(List<?> list) {
        for (int i = list.size() - 1; i > 0; i--) {
            Collections.swap(list, i, nextInt(i + 1));
        }
    }

    /** Spreads every bit of {@code value} over all bits of the result. */
    static long mix(long value) {
        long z = value;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
