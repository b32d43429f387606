// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts steps in order and stops them in the opposite order. A step that fails to stop does not keep the others from
 * stopping. Starting and stopping may come from different threads: a stop during the start takes effect before the
 * next step. <i>Thread-safe.</i>
 */
final class StepSequence {

    private static final Logger LOG = LoggerFactory.getLogger(StepSequence.class);

    private final List<NodeStep> steps;
    private final Consumer<String> onStep;
    private final Deque<NodeStep> started = new ArrayDeque<>(); // guarded by this
    private volatile boolean stopWanted;

    /** @param onStep hears the name of each step before it starts */
    StepSequence(List<NodeStep> steps, Consumer<String> onStep) {
        this.steps = List.copyOf(steps);
        this.onStep = onStep;
    }

    /**
     * Starts all steps. When one fails, those before it and itself are stopped before its exception is thrown.
     *
     * @return false if somebody asked for a stop meanwhile; everything is stopped then
     */
    synchronized boolean start() throws Exception {
        StringBuilder times = new StringBuilder();
        for (NodeStep step : steps) {
            if (stopWanted) {
                stop();
                return false;
            }
            onStep.accept(step.name());
            long begin = System.nanoTime();
            started.push(step);
            try {
                step.start();
            } catch (Exception | Error e) {
                stop();
                throw e;
            }
            times.append(times.isEmpty() ? "" : ", ")
                    .append(step.name())
                    .append(' ')
                    .append(millisSince(begin));
        }
        LOG.info("start-up took (ms): {}", times);
        return true;
    }

    /** A start under way stops everything before its next step. Does not wait. */
    void requestStop() {
        stopWanted = true;
    }

    /** Stops what runs. A second call finds nothing to do; a call during the start waits for the step under way. */
    void stop() {
        requestStop();
        synchronized (this) {
            StringBuilder times = new StringBuilder();
            while (!started.isEmpty()) {
                NodeStep step = started.pop();
                long begin = System.nanoTime();
                try {
                    step.stop();
                } catch (Exception e) {
                    LOG.warn("stopping {} failed, going on with the next step", step.name(), e);
                }
                times.append(times.isEmpty() ? "" : ", ")
                        .append(step.name())
                        .append(' ')
                        .append(millisSince(begin));
            }
            if (!times.isEmpty()) {
                LOG.info("shutdown took (ms): {}", times);
            }
        }
    }

    private static long millisSince(long beginNanos) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beginNanos);
    }
}
