// SPDX-License-Identifier: Apache-2.0
package io.varve.node.push;

import io.netty.channel.EventLoop;
import java.util.Queue;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
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
    private final Queue<Runnable> events = new MpscUnboundedArrayQueue<>(QUEUE_CHUNK);
    private final AtomicBoolean scheduled = new AtomicBoolean();

    /** @param endOfTurn runs after the events of a turn, on the loop */
    LoopTurns(String name, EventLoop loop, Runnable endOfTurn) {
        this.name = name;
        this.loop = loop;
        this.endOfTurn = endOfTurn;
    }

    EventLoop loop() {
        return loop;
    }

    void post(Runnable event) {
        events.add(event);
        schedule();
    }

    /** Posts the same event again and again. */
    Future<?> every(long millis, Runnable event) {
        return loop.scheduleAtFixedRate(() -> post(event), millis, millis, TimeUnit.MILLISECONDS);
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
            LOG.error("{}: an event failed; the others go on", name, t);
        }
    }
}
