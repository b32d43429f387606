// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

import io.varve.storage.IoPool.Step;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Something done to a log's files in turn with its writes. */
final class Change<T extends @Nullable Object> {
    /** The change itself. */
    interface Body<T extends @Nullable Object> {
        T run() throws IOException;
    }

    /** A change without a result. */
    interface Action {
        void run() throws IOException;
    }

    private final Step step;
    private final Body<T> body;
    private final CompletableFuture<T> result = new CompletableFuture<>();

    Change(Step step, Body<T> body) {
        this.step = step;
        this.body = body;
    }

    Step step() {
        return step;
    }

    CompletableFuture<T> result() {
        return result;
    }

    void fail(IOException cause) {
        result.completeExceptionally(cause);
    }

    /** Runs the body and returns the completion of its future: callers' code must not run under way. */
    Runnable run() throws IOException {
        T value = body.run();
        return () -> result.complete(value);
    }
}
