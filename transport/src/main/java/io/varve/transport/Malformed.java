// SPDX-License-Identifier: Apache-2.0
package io.varve.transport;

import io.grpc.StatusRuntimeException;
import io.varve.proto.ErrorReasons;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.Outcome;
import java.util.Map;

/** The exceptions that a message which cannot be taken ends its call with. Nothing of the message was applied. */
final class Malformed {
    private Malformed() {}

    /** Bytes that are not the message that they should be. */
    static StatusRuntimeException message(String name, String problem) {
        return refused(ErrorReason.ERROR_REASON_INVALID_REQUEST, name + ": " + problem, Map.of());
    }

    static StatusRuntimeException refused(ErrorReason reason, String message, Map<String, String> metadata) {
        return ErrorReasons.toStatus(ErrorReasons.error(reason, message, "", Outcome.OUTCOME_NOT_APPLIED, metadata));
    }
}
