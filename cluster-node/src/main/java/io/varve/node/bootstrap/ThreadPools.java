// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the node's thread pools: named daemons, a fixed number, gone when idle. */
final class ThreadPools {

    private static final Logger LOG = LoggerFactory.getLogger(ThreadPools.class);
    private static final long IDLE_SECONDS = 30;
    private static final long STOP_SECONDS = 10;

    private ThreadPools() {}

    /** The queue is bounded by whoever submits: one task per log, per reader, per call. */
    static ExecutorService fixed(String name, int threads) {
        AtomicInteger number = new AtomicInteger();
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads, threads, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, name + "-" + number.getAndIncrement());
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /** Lets what is queued finish. Interrupts nobody: a thread interrupted in a file operation loses the file. */
    static void stop(String name, ExecutorService pool) throws InterruptedException {
        pool.shutdown();
        if (!pool.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
            LOG.warn("threads {} still work after {} s, leaving them", name, STOP_SECONDS);
        }
    }
}
