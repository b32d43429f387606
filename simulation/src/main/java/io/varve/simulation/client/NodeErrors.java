// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.client;

import io.varve.client.ErrorCode;
import io.varve.client.ErrorDetails;
import io.varve.metadata.MetadataRejection;
import io.varve.proto.ErrorReasons;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.Outcome;
import io.varve.record.BatchCheck;
import io.varve.replication.AppendResult;
import io.varve.replication.RejectReason;
import java.util.EnumMap;
import java.util.Map;

/** What a node's refusals look like to a client: the same reasons and outcomes as those of the real edge of a node. */
public final class NodeErrors {
    private static final Map<RejectReason, ErrorReason> REASONS = reasons();

    /** In the order of the RPC codes, from 1 on. */
    private static final ErrorCode[] CODES = ErrorCode.values();

    private NodeErrors() {}

    /** To an append. */
    public static ClientAnswer of(AppendResult result) {
        if (result instanceof AppendResult.Appended stored) {
            return new ClientAnswer.Stored(stored.baseOffset(), stored.logAppendTimeMillis());
        } else if (result instanceof AppendResult.Rejected refused) {
            return refused(refused.reason(), refused.message());
        } else if (result instanceof AppendResult.Indeterminate unknown) {
            return refused(reason(unknown.reason()), unknown.message(), Outcome.OUTCOME_INDETERMINATE);
        }
        throw new IllegalStateException("unknown result " + result);
    }

    /** Nothing was done. */
    public static ClientAnswer refused(RejectReason reason, String message) {
        return refused(reason(reason), message);
    }

    /** Nothing was done. */
    public static ClientAnswer refused(ErrorReason reason, String message) {
        return refused(reason, message, Outcome.OUTCOME_NOT_APPLIED);
    }

    public static ClientAnswer refused(ErrorReason reason, String message, Outcome outcome) {
        return new ClientAnswer.Refused(details(reason, message, outcome));
    }

    public static ClientAnswer refused(MetadataRejection rejection) {
        return refused(rejection.reason(), rejection.error().message(), rejection.outcome());
    }

    /** For a batch that is not what a producer may send. */
    public static ClientAnswer refused(BatchCheck check) {
        return refused(
                switch (check.kind()) {
                    case TOO_LARGE -> ErrorReason.ERROR_REASON_MESSAGE_TOO_LARGE;
                    case BAD_CRC, TOO_SHORT, BAD_LENGTH, NOT_ONE_BATCH -> ErrorReason.ERROR_REASON_CORRUPT_MESSAGE;
                    case BAD_CODEC -> ErrorReason.ERROR_REASON_UNSUPPORTED_COMPRESSION_TYPE;
                    default -> ErrorReason.ERROR_REASON_INVALID_RECORD;
                },
                check.detail());
    }

    public static ErrorDetails details(ErrorReason reason, String message, Outcome outcome) {
        return new ErrorDetails(
                CODES[ErrorReasons.of(reason).getGrpcCode() - 1],
                ErrorReasons.name(reason),
                message,
                "",
                ErrorReasons.isRetriable(reason),
                outcome == Outcome.OUTCOME_NOT_APPLIED
                        ? io.varve.client.Outcome.NOT_APPLIED
                        : io.varve.client.Outcome.INDETERMINATE,
                Map.of(),
                null);
    }

    private static ErrorReason reason(RejectReason reason) {
        return REASONS.getOrDefault(reason, ErrorReason.ERROR_REASON_UNKNOWN_SERVER_ERROR);
    }

    private static Map<RejectReason, ErrorReason> reasons() {
        Map<RejectReason, ErrorReason> reasons = new EnumMap<>(RejectReason.class);
        for (RejectReason reason : RejectReason.values()) {
            reasons.put(reason, ErrorReason.valueOf("ERROR_REASON_" + reason.name()));
        }
        return reasons;
    }
}
