// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import io.varve.node.config.NodeConfig;
import io.varve.replication.LoopGroup;
import io.varve.transport.EventLoops;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The threads that several parts share; they outlive all of these. */
final class ThreadsStep implements NodeStep {

    private static final long TIMER_STOP_SECONDS = 5;

    private final NodeConfig config;
    private @Nullable LoopGroup loops;
    private @Nullable EventLoops network;
    private @Nullable ExecutorService coldReads;
    private @Nullable ExecutorService calls;
    private @Nullable ScheduledExecutorService timer;

    ThreadsStep(NodeConfig config) {
        this.config = config;
    }

    @Override
    public String name() {
        return "threads";
    }

    @Override
    public void start() {
        loops = new LoopGroup(config.threads().partitionLoops(), config.memory().tailCacheBytes());
        network = EventLoops.open("network", config.threads().network());
        coldReads = ThreadPools.fixed("cold-read", config.threads().coldReads());
        calls = ThreadPools.fixed("call", 2 * config.threads().network());
        timer = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "timer");
            thread.setDaemon(true);
            return thread;
        });
    }

    LoopGroup loops() {
        return Objects.requireNonNull(loops);
    }

    EventLoops network() {
        return Objects.requireNonNull(network);
    }

    ExecutorService coldReads() {
        return Objects.requireNonNull(coldReads);
    }

    /** Runs unary calls and frames their answers. */
    ExecutorService calls() {
        return Objects.requireNonNull(calls);
    }

    /** For short tasks only: signs of life depend on it. */
    ScheduledExecutorService timer() {
        return Objects.requireNonNull(timer);
    }

    @Override
    public void stop() throws InterruptedException {
        timer().shutdownNow();
        timer().awaitTermination(TIMER_STOP_SECONDS, TimeUnit.SECONDS);
        ThreadPools.stop("call", calls());
        network().close();
        loops().close();
        ThreadPools.stop("cold-read", coldReads());
    }
}
