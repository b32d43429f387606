// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal.send;

import io.varve.client.internal.Daemons;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The one thread on which a producer runs user code. <i>Thread-safe.</i> */
final class Callbacks {
    private final ThreadPoolExecutor executor;
    private volatile @Nullable Thread thread;

    Callbacks(String name) {
        var threads = Daemons.named(name);
        executor = new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
            Thread t = threads.newThread(task);
            thread = t;
            return t;
        });
    }

    void run(Runnable task) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException e) {
            // Closed: whoever is still told something is told here.
            task.run();
        }
    }

    boolean isCurrentThread() {
        return Thread.currentThread() == thread;
    }

    /** Runs what was handed in, for a bounded time unless called from user code. */
    void close(Duration patience) {
        executor.shutdown();
        if (!isCurrentThread()) {
            try {
                executor.awaitTermination(patience.toNanos(), TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
