// SPDX-License-Identifier: Apache-2.0
package io.varve.client;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is known about one failure. <i>Immutable.</i>
 *
 * @param code the broad kind
 * @param reason a name of the list in {@code varve/v1/error.proto}, the constants of Kafka's {@code Errors} where one
 *     exists, for example {@code NOT_LEADER_OR_FOLLOWER}; failures found by the client itself use the same list where
 *     it has the condition
 * @param message one sentence that names the thing and the numbers
 * @param hint the way out; empty when there is nothing to add
 * @param retriable whether the same request may succeed later without being changed
 * @param outcome whether it may have been applied
 * @param metadata detail for programs: topic, partition, broker, limit, actual, ...
 * @param cause what was caught below, if anything
 */
public record ErrorDetails(
        ErrorCode code,
        String reason,
        String message,
        String hint,
        boolean retriable,
        Outcome outcome,
        Map<String, String> metadata,
        @Nullable Throwable cause) {

    public ErrorDetails {
        metadata = Map.copyOf(metadata);
    }

    /** The same failure, of which less is certain or more: with another outcome. */
    public ErrorDetails withOutcome(Outcome other) {
        return new ErrorDetails(code, reason, message, hint, retriable, other, metadata, cause);
    }

    /** The same failure told in another sentence. */
    public ErrorDetails withMessage(String other) {
        return new ErrorDetails(code, reason, other, hint, retriable, outcome, metadata, cause);
    }
}
