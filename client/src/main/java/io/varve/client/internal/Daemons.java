// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/** Makes the client's threads: daemons with names. <i>Thread-safe.</i> */
public final class Daemons {
    private Daemons() {}

    /** Threads called {@code name}, or {@code name-2} and so on should the first one be replaced. */
    public static ThreadFactory named(String name) {
        AtomicInteger count = new AtomicInteger();
        return task -> {
            int number = count.incrementAndGet();
            Thread thread = new Thread(task, number == 1 ? name : name + "-" + number);
            thread.setDaemon(true);
            return thread;
        };
    }
}
