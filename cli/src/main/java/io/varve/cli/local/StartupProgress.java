// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.local;

import io.varve.cli.Console;
import io.varve.cli.Units;
import java.util.concurrent.locks.LockSupport;

/** One line that says what is going on and for how long; on a screen it overwrites itself. Confined to one thread. */
final class StartupProgress {
    private static final long TICK_NANOS = 30_000_000;
    private static final String ERASE_LINE = "\r\u001b[K";

    private final Console console;
    private final long began = System.nanoTime();
    private String what = "";

    StartupProgress(Console console) {
        this.console = console;
    }

    void show(String step) {
        what = step;
        if (console.showsProgress()) {
            draw();
        } else {
            console.err().println(step + " ...");
        }
    }

    /** Waits a moment. */
    void tick() {
        LockSupport.parkNanos(TICK_NANOS);
        if (console.showsProgress()) {
            draw();
        }
    }

    void clear() {
        if (console.showsProgress()) {
            console.err().print(ERASE_LINE);
            console.err().flush();
        }
    }

    private void draw() {
        console.err().print(ERASE_LINE + what + " ... " + Units.seconds((System.nanoTime() - began) / 1e9));
        console.err().flush();
    }
}
