// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.local;

import io.varve.cli.Console;
import io.varve.cli.Units;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;

/**
 * One line for each node that says what is going on and for how long; on a screen the lines overwrite themselves. Confined to one thread.
 */
final class StartupProgress {
    private static final long TICK_NANOS = 30_000_000;
    private static final String UP_AND_ERASE = "\u001b[A\r\u001b[K";

    private final Console console;
    private final long began = System.nanoTime();
    private final Map<Integer, String> steps = new TreeMap<>(); // by node
    private int drawn; // lines on the screen that are ours

    StartupProgress(Console console) {
        this.console = console;
    }

    void show(int node, String step) {
        steps.put(node, step);
        if (console.showsProgress()) {
            draw();
        } else {
            console.err().println(step + " node " + node + " ...");
        }
    }

    /** A node needs no line any more: what is printed next is what is to be said about it. */
    void finish(int node) {
        clear();
        steps.remove(node);
    }

    /** Waits a moment. */
    void tick() {
        LockSupport.parkNanos(TICK_NANOS);
        if (console.showsProgress()) {
            draw();
        }
    }

    /** Takes the lines off the screen; the next tick brings them back. */
    void clear() {
        console.err().print(UP_AND_ERASE.repeat(drawn));
        console.err().flush();
        drawn = 0;
    }

    double seconds() {
        return (System.nanoTime() - began) / 1e9;
    }

    private void draw() {
        StringBuilder text = new StringBuilder(UP_AND_ERASE.repeat(drawn));
        steps.forEach((node, step) -> text.append(step)
                .append(" node ")
                .append(node)
                .append(" ... ")
                .append(Units.seconds(seconds()))
                .append('\n'));
        console.err().print(text);
        console.err().flush();
        drawn = steps.size();
    }
}
