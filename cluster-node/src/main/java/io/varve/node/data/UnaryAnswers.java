// SPDX-License-Identifier: Apache-2.0
package io.varve.node.data;

import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.varve.proto.ErrorReasons;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.Outcome;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers unary calls from futures. *Thread-safe.* */
final class UnaryAnswers {
    private static final Logger LOG = LoggerFactory.getLogger(UnaryAnswers.class);

    private UnaryAnswers() {}

    /**
     * Answers a call when its future completes, on {@code executor}: futures complete on a partition's loop, which frames no answers.
     */
    static <T> void send(CompletableFuture<T> response, StreamObserver<T> observer, Executor executor) {
        send(response, observer, executor, () -> {});
    }

    /** @param onCancel runs when the caller has gone; then nothing is sent */
    static <T> void send(
            CompletableFuture<T> response, StreamObserver<T> observer, Executor executor, Runnable onCancel) {
        if (observer instanceof ServerCallStreamObserver<T> call) {
            call.setOnCancelHandler(onCancel); // also keeps onNext from throwing when the caller has gone
        }
        var unused = response.whenCompleteAsync(
                (result, failure) -> {
                    if (failure != null) {
                        observer.onError(toStatus(failure));
                    } else {
                        observer.onNext(result);
                        observer.onCompleted();
                    }
                },
                executor);
    }

    /** The failure as it is if it already is a status; else an error with an id that is in the node's log. */
    static StatusRuntimeException toStatus(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof StatusRuntimeException status) {
            return status;
        }
        String id = Long.toString(ThreadLocalRandom.current().nextLong(1L << 40), 36);
        LOG.error("failure {}", id, cause);
        return ErrorReasons.toStatus(ErrorReasons.error(
                ErrorReason.ERROR_REASON_UNKNOWN_SERVER_ERROR,
                "the node failed at this request; its log has the cause under failure " + id,
                "",
                Outcome.OUTCOME_INDETERMINATE,
                Map.of("failure", id)));
    }
}
