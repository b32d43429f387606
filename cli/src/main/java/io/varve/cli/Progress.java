// SPDX-License-Identifier: Apache-2.0
package io.varve.cli;

import java.util.Optional;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A progress bar on standard error; nothing at all where that is no screen. Thread-safe. */
public final class Progress implements AutoCloseable {
    private static final int DEFAULT_COLUMNS = 80;
    private static final int UPDATE_MILLIS = 200;

    private final Optional<ProgressBar> bar;

    private Progress(Optional<ProgressBar> bar) {
        this.bar = bar;
    }

    /** Nothing to see. */
    public static Progress none() {
        return new Progress(Optional.empty());
    }

    /** A bar that counts up to {@code max} steps. */
    public static Progress of(Console console, String task, long max) {
        if (!console.showsProgress()) {
            return none();
        }
        int columns = console.variable("COLUMNS")
                .filter(text -> text.matches("\\d{2,4}"))
                .map(Integer::parseInt)
                .orElse(DEFAULT_COLUMNS);
        return new Progress(Optional.of(new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(max)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(UPDATE_MILLIS)
                .setConsumer(new ConsoleProgressBarConsumer(console.err(), columns))
                .build()));
    }

    public void stepTo(long done) {
        bar.ifPresent(shown -> shown.stepTo(done));
    }

    @Override
    public void close() {
        bar.ifPresent(ProgressBar::close);
    }
}
