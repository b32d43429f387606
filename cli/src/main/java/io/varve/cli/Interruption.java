// SPDX-License-Identifier: Apache-2.0
package io.varve.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * What a long command does on Ctrl-C: it is told to stop, and gets a moment to tell what it did so far. The exit code is
 * that of the signal. Thread-safe.
 */
public final class Interruption implements AutoCloseable {
    private final CountDownLatch finished = new CountDownLatch(1);
    private final Thread hook;

    private Interruption(Runnable stop, Duration patience) {
        hook = new Thread(
                () -> {
                    if (finished.getCount() == 0) {
                        return;
                    }
                    stop.run();
                    try {
                        if (!finished.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                            return;
                        }
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "interruption");
    }

    /** Until closed, a signal runs {@code stop} on another thread and then waits for the close, as long as patience goes. */
    public static Interruption stopsBy(Runnable stop, Duration patience) {
        Interruption interruption = new Interruption(stop, patience);
        Runtime.getRuntime().addShutdownHook(interruption.hook);
        return interruption;
    }

    /** The command has ended, by itself or because it was told to. */
    @Override
    public void close() {
        finished.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The signal came: the hook is running, and ends now that it is told.
        }
    }
}
