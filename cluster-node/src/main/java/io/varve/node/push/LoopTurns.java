// SPDX-License-Identifier: Apache-2.0
package io.varve.node.push;

import io.netty.channel.EventLoop;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jctools.queues.MpscUnboundedArrayQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns on a network loop: any thread posts events, and all that are there run in one go, with one end of turn after
 * them. Unbounded in form; what those who post may have under way bounds it. <i>Thread-safe.</i>
 */
final class LoopTurns {

    private static final int QUEUE_CHUNK = 64;
    private static final int TURN_EVENTS = 256;
    private static final Logger LOG = LoggerFactory.getLogger(LoopTurns.class);

    private final String name;
    private final EventLoop loop;
    private final Runnable endOfTurn;
    private final Consumer<Throwable> onFailure;
    private final List<Future<?>> timers = new CopyOnWriteArrayList<>();
    private final Queue<Runnable> events = new MpscUnboundedArrayQueue<>(QUEUE_CHUNK);
    private final AtomicBoolean scheduled = new AtomicBoolean();

    /**
     * @param endOfTurn runs after the events of a turn, on the loop
     * @param onFailure hears, on the loop, what an event or the end of a turn has thrown
     */
    LoopTurns(String name, EventLoop loop, Runnable endOfTurn, Consumer<Throwable> onFailure) {
        this.name = name;
        this.loop = loop;
        this.endOfTurn = endOfTurn;
        this.onFailure = onFailure;
    }

    EventLoop loop() {
        return loop;
    }

    void post(Runnable event) {
        events.add(event);
        schedule();
    }

    /** Posts the same event again and again, until {@link #stopTimers}. */
    void every(long millis, Runnable event) {
        timers.add(loop.scheduleAtFixedRate(() -> post(event), millis, millis, TimeUnit.MILLISECONDS));
    }

    void stopTimers() {
        timers.forEach(timer -> timer.cancel(false));
    }

    private void schedule() {
        if (scheduled.compareAndSet(false, true)) {
            try {
                loop.execute(this::turn);
            } catch (RejectedExecutionException e) { // the loops are shut down: what is left is accounted for here
                synchronized (this) {
                    turn();
                }
            }
        }
    }

    private void turn() {
        scheduled.set(false); // before the events are taken: what comes later schedules again
        Runnable event;
        for (int i = 0; i < TURN_EVENTS && (event = events.poll()) != null; i++) {
            guarded(event);
        }
        guarded(endOfTurn);
        if (!events.isEmpty()) {
            schedule();
        }
    }

    private void guarded(Runnable event) {
        try {
            event.run();
        } catch (Throwable t) {
            LOG.error("{}: an event failed", name, t);
            onFailure.accept(t);
        }
    }
}
