// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.demo;

import io.varve.cli.Console;
import io.varve.cli.Units;
import java.util.Locale;

/**
 * What happened, one line each with its time, and on a screen a last line that shows how far things are; elsewhere that
 * becomes a line every few seconds. Confined to one thread.
 */
final class Display {
    private static final long REDRAW_NANOS = 100_000_000;
    private static final long PLAIN_NANOS = 2_000_000_000;
    private static final int BAR_CHARACTERS = 24;
    private static final String ERASE = "\r\u001b[K";

    private final Console console;
    private final long began = System.nanoTime();
    private long shownNanos = began;
    private boolean drawn;

    Display(Console console) {
        this.console = console;
    }

    void event(String text) {
        clear();
        console.println(String.format(Locale.ROOT, "%5.1fs  %s", (System.nanoTime() - began) / 1e9, text));
    }

    /** Writes {@code 812ms}, {@code 1.43s}. */
    static String span(long millis) {
        return millis < 1_000 ? millis + "ms" : Units.seconds(millis / 1e3);
    }

    /** Shows how far things are, if that was not just done. */
    void progress(Ledger ledger, Sightings read, Pauses pauses) {
        long now = System.nanoTime();
        if (now - shownNanos < (console.showsProgress() ? REDRAW_NANOS : PLAIN_NANOS)) {
            return;
        }
        shownNanos = now;
        String text = "acknowledged %s of %s, read %s, longest pause %s"
                .formatted(
                        Units.grouped(ledger.acknowledgedCount()),
                        Units.grouped(ledger.records()),
                        Units.grouped(read.records()),
                        span(pauses.longestMillis()));
        if (console.showsProgress()) {
            int full = (int) ((long) BAR_CHARACTERS * ledger.acknowledgedCount() / Math.max(1, ledger.records()));
            console.err().print(ERASE + "[" + "#".repeat(full) + "-".repeat(BAR_CHARACTERS - full) + "]  " + text);
            console.err().flush();
            drawn = true;
        } else {
            event(text);
        }
    }

    /** Takes the last line off the screen. */
    void clear() {
        if (drawn) {
            console.err().print(ERASE);
            console.err().flush();
            drawn = false;
        }
    }
}
