// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.image;

import io.varve.proto.v1.ErrorReason;

/**
 * Why something was refused. *Immutable.*
 *
 * @param message a sentence that names the thing and both numbers
 * @param hint what to do about it; may be empty
 */
public record MetadataError(ErrorReason reason, String message, String hint) {

    private static final int PREFIX_LENGTH = "ERROR_REASON_".length();

    public static MetadataError of(ErrorReason reason, String message) {
        return new MetadataError(reason, message, "");
    }

    public static MetadataError of(ErrorReason reason, String message, String hint) {
        return new MetadataError(reason, message, hint);
    }

    /** Reason, message and hint in one line. */
    @Override
    public String toString() {
        return reason.name().substring(PREFIX_LENGTH) + ": " + message + (hint.isEmpty() ? "" : " (" + hint + ")");
    }
}
