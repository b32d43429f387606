// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata;

import io.varve.metadata.image.MetadataError;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.Outcome;

/**
 * A call that failed as a whole. Without a stack trace: it says what a user did or what the cluster is like, not where
 * the code was.
 */
public final class MetadataRejection extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient MetadataError error;
    private final Outcome outcome;

    public MetadataRejection(MetadataError error, Outcome outcome) {
        super(error.toString(), null, false, false);
        this.error = error;
        this.outcome = outcome;
    }

    public static MetadataRejection notApplied(ErrorReason reason, String message) {
        return new MetadataRejection(MetadataError.of(reason, message), Outcome.OUTCOME_NOT_APPLIED);
    }

    public static MetadataRejection indeterminate(ErrorReason reason, String message) {
        return new MetadataRejection(MetadataError.of(reason, message), Outcome.OUTCOME_INDETERMINATE);
    }

    public MetadataError error() {
        return error;
    }

    public ErrorReason reason() {
        return error.reason();
    }

    /** Whether it may have been applied, now or later. */
    public Outcome outcome() {
        return outcome;
    }
}
