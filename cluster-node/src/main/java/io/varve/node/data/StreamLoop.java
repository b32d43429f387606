// SPDX-License-Identifier: Apache-2.0
package io.varve.node.data;

import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.internal.ThreadExecutorMap;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jctools.queues.MpscUnboundedArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * The mailbox of one stream: any thread leaves items, and a handler on the stream's event loop takes all that are there in one go, so that many results
 * become one message. Unbounded in form; what a stream may have outstanding bounds it. *Thread-safe.*
 */
final class StreamLoop<T> {
    private static final int QUEUE_CHUNK = 64;

    private final EventExecutor loop;
    private final Queue<T> items = new MpscUnboundedArrayQueue<>(QUEUE_CHUNK);
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final Runnable handler;

    /** To be called on the thread of the new call: its event loop is the stream's, if it is one. */
    StreamLoop(EventLoopGroup workers, Runnable handler) {
        EventExecutor current = ThreadExecutorMap.currentExecutor();
        this.loop = current != null ? current : workers.next();
        this.handler = handler;
    }

    void leave(T item) {
        items.add(item);
        wake();
    }

    /** Runs the handler on the event loop, soon. */
    void wake() {
        if (scheduled.compareAndSet(false, true)) {
            try {
                loop.execute(this::run);
            } catch (RejectedExecutionException e) {
                run(); // the loops are shut down, nobody else runs here: what is left is accounted for and dropped
            }
        }
    }

    /** Runs {@code task} on the event loop, soon. */
    void later(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException e) {
            // shutting down: the stream ends with its connection
        }
    }

    private void run() {
        scheduled.set(false); // before the items are taken: what comes later schedules again
        handler.run();
    }

    @Nullable
    T poll() {
        return items.poll();
    }

    boolean isEmpty() {
        return items.isEmpty();
    }

    /** Runs {@code task} on the event loop after a while. */
    void schedule(Runnable task, long nanos) {
        try {
            var unused = loop.schedule(task, nanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            // shutting down: the stream ends with its connection
        }
    }
}
