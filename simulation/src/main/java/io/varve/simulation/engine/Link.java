// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.engine;

import java.util.ArrayList;
import java.util.List;

/** The way from one machine to another: one direction only. */
final class Link {
    final int from;
    final int to;
    private final SimRandom random;
    private final List<Runnable> stalled = new ArrayList<>();
    private long baseNanos;
    private long tailNanos;
    private long bytesPerSecond;
    private long busyUntil;
    private int blocks;

    Link(int from, int to, SimRandom random, Network.Latency latency) {
        this.from = from;
        this.to = to;
        this.random = random;
        baseNanos = latency.baseNanos();
        tailNanos = latency.tailNanos();
    }

    void setLatency(Network.Latency latency) {
        baseNanos = latency.baseNanos();
        tailNanos = latency.tailNanos();
    }

    /** 0 for as much as there is. */
    void setBytesPerSecond(long rate) {
        bytesPerSecond = rate;
        busyUntil = 0;
    }

    long latencyNanos() {
        return baseNanos + random.exponential(tailNanos);
    }

    /** When something of that size, sent now, arrives. */
    long arrivalNanos(long now, int sizeBytes) {
        if (bytesPerSecond == 0) {
            return now + latencyNanos();
        }
        busyUntil = Math.max(now, busyUntil) + sizeBytes * 1_000_000_000L / bytesPerSecond;
        return busyUntil + latencyNanos();
    }

    boolean blocked() {
        return blocks > 0;
    }

    void block() {
        blocks++;
    }

    /** What is to be tried again now; empty while another fault still blocks the link. */
    List<Runnable> unblock() {
        blocks = Math.max(0, blocks - 1);
        if (blocks > 0) {
            return List.of();
        }
        List<Runnable> retry = List.copyOf(stalled);
        stalled.clear();
        return retry;
    }

    List<Runnable> clear(Network.Latency latency) {
        blocks = 0;
        setLatency(latency);
        setBytesPerSecond(0);
        return unblock();
    }

    /** To be tried when the link is free again. */
    void stall(Runnable retry) {
        stalled.add(retry);
    }
}
