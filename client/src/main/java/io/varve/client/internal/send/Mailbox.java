// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal.send;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** What others want of one thread: that thread alone waits and takes. <i>Thread-safe.</i> */
final class Mailbox<T> {
    private final ConcurrentLinkedQueue<T> queue = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean asleep = new AtomicBoolean();
    private volatile @Nullable Thread reader;

    /** Names the thread that takes; before it waits for the first time. */
    void readBy(Thread thread) {
        reader = thread;
    }

    void post(T message) {
        queue.add(message);
        if (asleep.get() && asleep.compareAndSet(true, false)) {
            LockSupport.unpark(reader);
        }
    }

    @Nullable
    T take() {
        return queue.poll();
    }

    /** Returns when there is something, at the latest after the pause, sometimes for no reason. */
    void await(long nanos) {
        asleep.set(true);
        // Posted between the last take and now: the poster did not see anyone asleep.
        if (queue.isEmpty() && nanos > 0) {
            LockSupport.parkNanos(this, nanos);
        }
        asleep.set(false);
    }
}
