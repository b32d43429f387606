// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Where logs write, flush and recover. One task per log at a time.
 *
 * <p>A pool of threads ({@link #of}) gets tasks of many steps: a group is written and flushed without another hop. A {@link #stepwise} pool gets every
 * step as a task of its own and may let time pass, or the process die, between any two: then a group is written, reported as written, flushed later and
 * reported as flushed, and what is staged meanwhile waits.
 *
 * <p><i>thread-safe</i> unless it is stepwise: then it and all logs on it are confined to one thread
 */
public interface IoPool {
    /** What a task does first; in a stepwise pool, all that it does. */
    enum Step {
        /** Recovers one log: when the directory is opened, or a log reopened. */
        OPEN,
        /** Makes the beginning of an epoch durable. */
        EPOCH,
        /** Writes one group. Rolls, too, if a segment is full: then it has flushed that one. */
        WRITE,
        /** Flushes what was written. */
        FLUSH,
        /** Truncates, resets, rolls, moves the log's start, closes. */
        CHANGE,
        /** Removes files that nobody uses any more. */
        DELETE
    }

    void execute(Step step, Runnable task);

    /** Whether a task ends after one step. Constant. */
    default boolean stepwise() {
        return false;
    }

    /**
     * Waits for a result of tasks of this pool: {@link DataDirectory}'s open, delete, set aside, start afresh and close do. No other call waits for a task. A stepwise
     * pool runs its tasks here until the result is there.
     *
     * @throws java.util.concurrent.CompletionException as {@link CompletableFuture#join}
     */
    default <T> T await(CompletableFuture<T> result) {
        return result.join();
    }

    /** A pool of threads, or one that runs each task at once on the thread that brings it. */
    static IoPool of(Executor executor) {
        return (step, task) -> executor.execute(task);
    }
}
