// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.journal;

import io.varve.storage.LogId;
import io.varve.storage.journal.Journal.Logs;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Has the logs flush their own files, some at a time: in the background, beside what they are used for. One at a time would take a thousand turns of the I/O
 * pool for a thousand logs, and the journal would be full meanwhile.
 *
 * <p><i>thread-safe</i>
 */
final class Freeing {
    private static final int AT_ONCE = 32;

    private final Logs logs;
    private final Iterator<Map.Entry<LogId, Long>> left; // guarded by this
    private final Consumer<@Nullable Throwable> over;
    private int underWay; // guarded by this
    private boolean ended; // guarded by this
    private @Nullable Throwable failure; // guarded by this; then no further log is asked

    /**
     * @param ends up to where each log must be flushed
     * @param over hears once why a log could not, or null
     */
    Freeing(Logs logs, Map<LogId, Long> ends, Consumer<@Nullable Throwable> over) {
        this.logs = logs;
        this.left = ends.entrySet().iterator();
        this.over = over;
    }

    /** Asks as many logs as it may; those that end later go on with it. */
    void go() {
        for (Map.Entry<LogId, Long> next = next(); next != null; next = next()) {
            CompletableFuture<Void> flush = logs.flush(next.getKey(), next.getValue());
            if (flush.isDone()) { // no recursion: there may be thousands of them
                flush.whenComplete((done, why) -> flushed(why));
            } else {
                var unused = flush.whenComplete((done, why) -> {
                    flushed(why);
                    go();
                });
            }
        }
        if (isOver()) {
            over.accept(failure());
        }
    }

    private synchronized Map.@Nullable Entry<LogId, Long> next() {
        if (failure != null || underWay == AT_ONCE || !left.hasNext()) {
            return null;
        }
        underWay++;
        return left.next();
    }

    private synchronized void flushed(@Nullable Throwable why) {
        underWay--;
        failure = failure == null ? why : failure;
    }

    private synchronized boolean isOver() {
        boolean first = !ended && underWay == 0 && (failure != null || !left.hasNext());
        ended |= first;
        return first;
    }

    private synchronized @Nullable Throwable failure() {
        return failure;
    }
}
