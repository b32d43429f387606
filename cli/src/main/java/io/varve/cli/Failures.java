// SPDX-License-Identifier: Apache-2.0
package io.varve.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.varve.client.ErrorCode;
import io.varve.client.Outcome;
import io.varve.client.VarveException;
import io.varve.proto.ErrorReasons;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** The one place where what went wrong becomes what the user reads. Stateless. */
public final class Failures {
    private Failures() {}

    /** What to tell about any throwable. */
    public static CommandFailure of(Throwable thrown) {
        if ((thrown instanceof CompletionException || thrown instanceof ExecutionException)
                && thrown.getCause() != null) {
            return of(thrown.getCause());
        }
        if (thrown instanceof CommandFailure failure) {
            return failure;
        }
        if (thrown instanceof VarveException failure) {
            return ofClient(failure);
        }
        if (thrown instanceof OutOfMemoryError) {
            return new CommandFailure(
                    ExitStatus.FAILURE,
                    "OUT_OF_MEMORY",
                    "the command ran out of memory",
                    "give it more: VARVE_JAVA_OPTS=-Xmx1g");
        }
        return new CommandFailure(
                ExitStatus.FAILURE,
                "INTERNAL_ERROR",
                "a defect in the command: " + thrown,
                "VARVE_DEBUG=1 shows where");
    }

    /** What to tell about an error inside an answer. */
    public static CommandFailure of(io.varve.proto.v1.Error error) {
        String code = ErrorReasons.grpcCodeName(error.getReason());
        return new CommandFailure(
                ExitStatus.of(ErrorCode.valueOf(code)),
                code,
                ErrorReasons.name(error.getReason()),
                error.getMessage(),
                error.getHint(),
                error.getMetadataMap());
    }

    private static CommandFailure ofClient(VarveException failure) {
        Map<String, String> metadata = new LinkedHashMap<>(failure.metadata());
        metadata.put("outcome", failure.outcome().name());
        String message = String.valueOf(failure.getMessage());
        if (failure.outcome() == Outcome.INDETERMINATE) {
            message += " (it may have been applied all the same)";
        }
        return new CommandFailure(
                ExitStatus.of(failure.code()),
                failure.code().name(),
                failure.reason(),
                message,
                failure.hint().orElse(""),
                metadata);
    }

    /** Prints a failure: two lines for people, one object for programs. Never a stack trace, unless VARVE_DEBUG is set. */
    public static void print(Throwable thrown, boolean json, Console console) {
        CommandFailure failure = of(thrown);
        if (console.variable("VARVE_DEBUG").isPresent()) {
            thrown.printStackTrace(console.err());
        }
        if (json) {
            console.err().println(asJson(failure));
            return;
        }
        String label = console.takesColour() ? "\u001b[31merror:\u001b[0m " : "error: ";
        console.err().println(label + failure.reason() + ": " + oneLine(failure.message()));
        if (!failure.hint().isEmpty()) {
            console.err().println("hint: " + oneLine(failure.hint()));
        }
    }

    private static String oneLine(String text) {
        return text.strip().replaceAll("\\s*\\R\\s*", " ");
    }

    private static String asJson(CommandFailure failure) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("code", failure.code());
        object.put("reason", failure.reason());
        object.put("message", failure.message());
        object.put("metadata", failure.metadata());
        object.put("hint", failure.hint());
        try {
            return new ObjectMapper().writeValueAsString(object);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a map of strings is always JSON", e);
        }
    }
}
