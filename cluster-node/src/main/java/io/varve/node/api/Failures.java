// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

import io.grpc.StatusRuntimeException;
import io.varve.metadata.MetadataRejection;
import io.varve.metadata.image.MetadataError;
import io.varve.proto.ErrorReasons;
import io.varve.proto.v1.Error;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.Outcome;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one place where failures of the metadata side become errors of the public API. */
public final class Failures {

    private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

    private Failures() {}

    /** What a service may throw to end its call with this failure. */
    public static RuntimeException toAnswer(Throwable failure) {
        return toStatus(failure);
    }

    /** The status that ends a call. What nobody expected is logged under an id that the caller gets. */
    static StatusRuntimeException toStatus(Throwable failure) {
        Throwable cause = unwrap(failure);
        return cause instanceof StatusRuntimeException status ? status : ErrorReasons.toStatus(toError(cause));
    }

    static Error toError(Throwable failure) {
        Throwable cause = unwrap(failure);
        if (cause instanceof MetadataRejection rejection) {
            return toError(rejection.error(), rejection.outcome());
        }
        if (cause instanceof TimeoutException) {
            return ErrorReasons.error(
                    ErrorReason.ERROR_REASON_REQUEST_TIMED_OUT,
                    "the cluster did not finish this in time",
                    "look whether it happened before trying again",
                    Outcome.OUTCOME_INDETERMINATE,
                    Map.of());
        }
        String id = Long.toString(ThreadLocalRandom.current().nextLong(1L << 40), 36);
        LOG.error("failure {}", id, cause);
        return ErrorReasons.error(
                ErrorReason.ERROR_REASON_UNKNOWN_SERVER_ERROR,
                "the node failed at this request; its log has the cause under failure " + id,
                "",
                Outcome.OUTCOME_INDETERMINATE,
                Map.of("failure", id));
    }

    static Error toError(MetadataError error, Outcome outcome) {
        return ErrorReasons.error(error.reason(), error.message(), error.hint(), outcome, Map.of());
    }

    private static Throwable unwrap(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }
}
