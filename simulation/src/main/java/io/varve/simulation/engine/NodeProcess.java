// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.engine;

import io.varve.simulation.engine.Scheduler.Timer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The process of one node, or none: what it has to do runs while it lives, waits while it is paused, and is forgotten when it dies. Its machine may be
 * without power. A node has one of these for the whole simulation.
 */
public final class NodeProcess {
    private final int node;
    private final Scheduler scheduler;
    private final NodeClock clock;
    private final Deque<Task> backlog = new ArrayDeque<>();
    private final List<Runnable> onResume = new ArrayList<>();
    private final List<EndListener> onEnd = new ArrayList<>();
    private long incarnation;
    private boolean alive;
    private boolean powered = true;
    private long pausedUntil;
    private boolean draining;
    private long lastPost;

    public NodeProcess(int node, Scheduler scheduler, NodeClock clock) {
        this.node = node;
        this.scheduler = scheduler;
        this.clock = clock;
    }

    /** Hears that the process ended. */
    public interface EndListener {
        void ended(boolean powerLost);
    }

    /** Something that the process has to do. */
    public final class Task implements Runnable {
        private final String label;
        private final @Nullable Object detail;
        private final Runnable action;
        private final long of = incarnation;
        private @Nullable Timer timer;
        private boolean cancelled;

        private Task(String label, @Nullable Object detail, Runnable action) {
            this.label = label;
            this.detail = detail;
            this.action = action;
        }

        /** Its time has come; whether it is done depends on the process. */
        @Override
        public void run() {
            if (!alive || incarnation != of || cancelled) {
                return;
            }
            if (paused() || draining) {
                backlog.add(this);
            } else {
                action.run();
            }
        }

        /** It will not be done, also if its time came while the process was paused. Nothing if it was done. */
        public void cancel() {
            cancelled = true;
            if (timer != null) {
                timer.cancel();
            }
        }
    }

    public int node() {
        return node;
    }

    public NodeClock clock() {
        return clock;
    }

    /** Counts the starts. */
    public long incarnation() {
        return incarnation;
    }

    public boolean alive() {
        return alive;
    }

    /** Whether the machine has power: without it nothing answers, not even with a refusal. */
    public boolean powered() {
        return powered;
    }

    public boolean paused() {
        return alive && scheduler.now() < pausedUntil;
    }

    /** Whether it can run anything now. */
    public boolean running() {
        return alive && scheduler.now() >= pausedUntil;
    }

    /** A new process on this machine, which has power from now on. The old one must have ended. */
    public void start() {
        if (alive) {
            throw new IllegalStateException("node " + node + " runs already");
        }
        alive = true;
        powered = true;
        incarnation++;
        pausedUntil = 0;
    }

    /** Ends it. Everything that it still had to do is forgotten. Nothing if there is none, but for the power. */
    public void end(boolean powerLost) {
        powered &= !powerLost;
        if (!alive) {
            return;
        }
        alive = false;
        draining = false;
        pausedUntil = 0;
        backlog.clear();
        onResume.clear();
        onEnd.forEach(listener -> listener.ended(powerLost));
    }

    /** To be heard at every end; for the parts of the world that outlive processes. */
    public void addEndListener(EndListener listener) {
        onEnd.add(listener);
    }

    /** Stops it for that long of virtual time, or longer if it is already stopped for longer. */
    public void pause(long nanos) {
        long until = scheduler.now() + nanos;
        if (!alive || until <= pausedUntil) {
            return;
        }
        pausedUntil = until;
        long of = incarnation;
        scheduler.at(until, node, "resume", null, () -> {
            if (alive && incarnation == of && scheduler.now() == pausedUntil) {
                resume();
            }
        });
    }

    private void resume() {
        draining = true;
        List<Runnable> waiting = List.copyOf(onResume);
        onResume.clear();
        waiting.forEach(Runnable::run);
        drain();
    }

    /** One after the other, each an event of its own, and before anything that comes meanwhile. */
    private void drain() {
        Task next = backlog.poll();
        if (next == null) {
            draining = false;
            return;
        }
        long of = incarnation;
        scheduler.at(scheduler.now() + 1, node, next.label, next.detail, () -> {
            if (!alive || incarnation != of) {
                return;
            }
            if (paused()) {
                backlog.addFirst(next);
                draining = false;
                return;
            }
            if (!next.cancelled) {
                next.action.run();
            }
            if (alive && incarnation == of) {
                drain();
            }
        });
    }

    /** Called once, when the pause is over; never if the process ends in it. Only while {@link #paused}. */
    public void whenResumed(Runnable action) {
        onResume.add(action);
    }

    /** Ends a pause now. */
    public void endPause() {
        if (paused()) {
            pausedUntil = scheduler.now() - 1; // not the time that the scheduled end compares with
            resume();
        }
    }

    /** Runs it as soon as possible, after everything posted before. Dropped if the process ends before. */
    public Task post(String label, @Nullable Object detail, Runnable action) {
        // One nanosecond apart: events of one moment have no order.
        lastPost = Math.max(scheduler.now(), lastPost + 1);
        return schedule(lastPost, label, detail, action);
    }

    /** Runs it that much later by the clock of this machine. Dropped if the process ends before. */
    public Task after(long clockNanos, String label, @Nullable Object detail, Runnable action) {
        return schedule(scheduler.now() + clock.virtualNanos(clockNanos), label, detail, action);
    }

    /** Runs it that much later in virtual time: what the world does to the process, such as a disk that answers. */
    public Task afterVirtual(long nanos, String label, @Nullable Object detail, Runnable action) {
        return schedule(scheduler.now() + nanos, label, detail, action);
    }

    private Task schedule(long timeNanos, String label, @Nullable Object detail, Runnable action) {
        if (!alive) {
            throw new IllegalStateException("node " + node + " has no process, so it cannot do: " + label);
        }
        Task task = new Task(label, detail, action);
        task.timer = scheduler.at(timeNanos, node, label, detail, task);
        return task;
    }
}
