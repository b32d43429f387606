// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal.consume;

import java.time.Duration;
import java.util.ConcurrentModificationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Lets one thread in at a time, and says so to the second one. <i>Thread-safe.</i> */
final class Confinement {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final ReentrantLock lock = new ReentrantLock();
    private volatile @Nullable Thread inside;

    void enter() {
        if (!lock.tryLock()) {
            Thread other = inside;
            throw new ConcurrentModificationException("a consumer belongs to one thread at a time: "
                    + Thread.currentThread().getName() + " called it while "
                    + (other == null ? "another thread" : other.getName())
                    + " was inside; only wakeup, close and metrics may be called then");
        }
        inside = Thread.currentThread();
    }

    /** Waits until whoever is inside has left. */
    void takeOver() {
        try {
            if (!lock.tryLock(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException("the consumer is still in use by " + inside + " after " + PATIENCE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            lock.lock();
        }
        inside = Thread.currentThread();
    }

    void leave() {
        if (lock.getHoldCount() == 1) {
            inside = null;
        }
        lock.unlock();
    }
}
