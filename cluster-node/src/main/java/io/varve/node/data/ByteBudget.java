// SPDX-License-Identifier: Apache-2.0
package io.varve.node.data;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A number of bytes that many streams share. Taking never fails, since the bytes are there already; whoever finds no room stops asking for more and
 * is called when there is room again. *Thread-safe.*
 */
public final class ByteBudget {
    private final long limitBytes;
    private final AtomicLong takenBytes = new AtomicLong();
    private final ConcurrentLinkedQueue<Runnable> waiting = new ConcurrentLinkedQueue<>();

    public ByteBudget(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    public boolean hasRoom() {
        return takenBytes.get() < limitBytes;
    }

    public long takenBytes() {
        return takenBytes.get();
    }

    void take(long bytes) {
        takenBytes.addAndGet(bytes);
    }

    void give(long bytes) {
        long left = takenBytes.addAndGet(-bytes);
        if (left < limitBytes) {
            wake();
        }
    }

    /** Calls {@code hungry} once, soon after there is room; at once if there is. It must only enqueue. */
    void whenRoom(Runnable hungry) {
        waiting.add(hungry);
        if (hasRoom()) { // given back between the caller's look and now
            wake();
        }
    }

    private void wake() {
        for (Runnable hungry = waiting.poll(); hungry != null; hungry = waiting.poll()) {
            hungry.run();
        }
    }
}
