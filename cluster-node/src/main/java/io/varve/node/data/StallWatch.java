// SPDX-License-Identifier: Apache-2.0
package io.varve.node.data;

import java.time.Duration;

/**
 * Notices a client that does not read although there is something for it. Confined to the stream's event loop.
 */
final class StallWatch {
    private final StreamLoop<?> loop;
    private final long timeoutNanos;
    private final Runnable onStalled;
    private boolean stalled; // something waits and the stream is not ready
    private boolean timing;
    private long since;

    StallWatch(StreamLoop<?> loop, Duration timeout, Runnable onStalled) {
        this.loop = loop;
        this.timeoutNanos = timeout.toNanos();
        this.onStalled = onStalled;
    }

    /** Something waits for a stream that is not ready. */
    void waiting() {
        if (!stalled) {
            stalled = true;
            since = System.nanoTime();
        }
        startTimer(timeoutNanos);
    }

    /** Something could be sent, or nothing waits. */
    void moving() {
        stalled = false;
    }

    private void startTimer(long nanos) {
        if (!timing) {
            timing = true;
            loop.schedule(this::look, nanos);
        }
    }

    private void look() {
        timing = false;
        if (stalled) {
            long left = timeoutNanos - (System.nanoTime() - since);
            if (left <= 0) {
                onStalled.run();
            } else {
                startTimer(left);
            }
        }
    }
}
