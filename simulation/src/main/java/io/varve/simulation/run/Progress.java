// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.run;

import java.io.PrintStream;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** How far it is: a live line on a terminal, now and then a line elsewhere. <i>Thread-safe.</i> */
final class Progress implements AutoCloseable {
    private static final long LINE_EVERY_NANOS = 10_000_000_000L;

    private final long wanted;
    private final PrintStream out;
    private final @Nullable ProgressBar bar;
    private long lastLineNanos = System.nanoTime(); // guarded by this

    Progress(long wanted, PrintStream out) {
        this.wanted = wanted;
        this.out = out;
        // Java knows a console only when both input and output are one.
        this.bar = System.console() == null
                ? null
                : new ProgressBarBuilder()
                        .setTaskName("seeds")
                        .setInitialMax(wanted)
                        .setStyle(ProgressBarStyle.ASCII)
                        .setUpdateIntervalMillis(200)
                        .build();
    }

    synchronized void show(Tally tally) {
        if (bar != null) {
            bar.stepTo(tally.seeds());
            bar.setExtraMessage(" " + tally.progress(wanted));
        } else if (System.nanoTime() - lastLineNanos >= LINE_EVERY_NANOS) {
            lastLineNanos = System.nanoTime();
            out.println(tally.progress(wanted));
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
