// SPDX-License-Identifier: Apache-2.0
package io.varve.client;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Any failure of an operation of this client. Subclasses in {@code io.varve.client.errors} are named like Kafka's;
 * a reason that this version does not know arrives as this class itself. <i>Immutable.</i>
 */
public class VarveException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient ErrorDetails details;

    public VarveException(ErrorDetails details) {
        super(details.message(), details.cause());
        this.details = details;
    }

    /** All of it, as one value. */
    public ErrorDetails details() {
        return details;
    }

    /** The broad kind of failure. */
    public ErrorCode code() {
        return details.code();
    }

    /** The reason's name, for example {@code UNKNOWN_TOPIC_OR_PARTITION}. */
    public String reason() {
        return details.reason();
    }

    /** Whether the same request may succeed later without being changed. */
    public boolean isRetriable() {
        return details.retriable();
    }

    /** Whether the operation may have been applied although it failed. */
    public Outcome outcome() {
        return details.outcome();
    }

    /** What to do about it. */
    public Optional<String> hint() {
        return details.hint().isEmpty() ? Optional.empty() : Optional.of(details.hint());
    }

    /** Detail for programs. */
    public Map<String, String> metadata() {
        return details.metadata();
    }

    /** The topic concerned. */
    public Optional<String> topic() {
        return Optional.ofNullable(details.metadata().get("topic"));
    }

    /** The partition concerned. */
    public OptionalInt partition() {
        String text = details.metadata().get("partition");
        if (text == null || !text.matches("\\d{1,9}")) {
            return OptionalInt.empty();
        }
        return OptionalInt.of(Integer.parseInt(text));
    }
}
