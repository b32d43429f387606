// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.engine;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Virtual time: runs events in the order of their time; among those of one moment, in an order drawn from the seed. Time stands still while an event
 * runs. An event may schedule and cancel others.
 */
public final class Scheduler {
    private final SimRandom ties;
    private final Trace trace;
    private Timer[] heap = new Timer[1024];
    private int size;
    private long now;
    private long sequence;
    private long executed;

    public Scheduler(SimRandom random, Trace trace) {
        this.ties = random.stream("ties");
        this.trace = trace;
    }

    /** One scheduled event. */
    public final class Timer {
        private final long time;
        private final long tie;
        private final long number;
        private final int node;
        private final String label;
        private final @Nullable Object detail;
        private final Runnable action;
        private int slot;

        private Timer(long time, int node, String label, @Nullable Object detail, Runnable action) {
            this.time = time;
            this.tie = ties.nextLong();
            this.number = sequence++;
            this.node = node;
            this.label = label;
            this.detail = detail;
            this.action = action;
        }

        public long timeNanos() {
            return time;
        }

        /** Whether it has neither run nor been cancelled. */
        public boolean isPending() {
            return slot >= 0;
        }

        /** Nothing if it has run or was cancelled. */
        public void cancel() {
            if (slot >= 0) {
                remove(slot);
            }
        }

        private boolean before(Timer other) {
            if (time != other.time) {
                return time < other.time;
            }
            return tie != other.tie ? tie < other.tie : number < other.number;
        }
    }

    /** Nanoseconds since the simulation began. */
    public long now() {
        return now;
    }

    /**
     * Schedules an event.
     *
     * @param timeNanos not before now; an earlier one means now
     * @param node whose event it is, 0 for nobody's; for the trace
     * @param label a constant, or one of few strings; part of the trace's hash
     * @param detail for people, see {@link Trace#event}
     */
    public Timer at(long timeNanos, int node, String label, @Nullable Object detail, Runnable action) {
        Timer timer = new Timer(Math.max(timeNanos, now), node, label, detail, action);
        if (size == heap.length) {
            heap = Arrays.copyOf(heap, size * 2);
        }
        up(size++, timer);
        return timer;
    }

    public Timer at(long timeNanos, String label, Runnable action) {
        return at(timeNanos, 0, label, null, action);
    }

    public Timer after(long delayNanos, String label, Runnable action) {
        return at(now + delayNanos, 0, label, null, action);
    }

    /** Runs the next event; false if there is none. */
    public boolean step() {
        if (size == 0) {
            return false;
        }
        Timer next = heap[0];
        remove(0);
        now = next.time;
        executed++;
        trace.event(now, next.node, next.label, next.detail);
        next.action.run();
        return true;
    }

    /** Runs every event up to this time, which is the time afterwards. */
    public void runUntil(long timeNanos) {
        while (size > 0 && heap[0].time <= timeNanos) {
            step();
        }
        now = Math.max(now, timeNanos);
    }

    /** When the next event runs; {@link Long#MAX_VALUE} if there is none. */
    public long nextNanos() {
        return size == 0 ? Long.MAX_VALUE : heap[0].time;
    }

    public long executed() {
        return executed;
    }

    public int pending() {
        return size;
    }

    public Trace trace() {
        return trace;
    }

    private void remove(int slot) {
        heap[slot].slot = -1;
        Timer last = heap[--size];
        clear(size);
        if (slot == size) {
            return;
        }
        if (slot > 0 && last.before(heap[(slot - 1) >>> 1])) {
            up(slot, last);
        } else {
            down(slot, last);
        }
    }

    @SuppressWarnings("NullAway") // slots from size on are empty, and nobody reads them
    private void clear(int slot) {
        heap[slot] = null;
    }

    private void up(int from, Timer timer) {
        int slot = from;
        while (slot > 0) {
            int parent = (slot - 1) >>> 1;
            if (!timer.before(heap[parent])) {
                break;
            }
            place(slot, heap[parent]);
            slot = parent;
        }
        place(slot, timer);
    }

    private void down(int from, Timer timer) {
        int slot = from;
        int half = size >>> 1;
        while (slot < half) {
            int child = 2 * slot + 1;
            if (child + 1 < size && heap[child + 1].before(heap[child])) {
                child++;
            }
            if (!heap[child].before(timer)) {
                break;
            }
            place(slot, heap[child]);
            slot = child;
        }
        place(slot, timer);
    }

    private void place(int slot, Timer timer) {
        heap[slot] = timer;
        timer.slot = slot;
    }
}
