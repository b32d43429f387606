// SPDX-License-Identifier: Apache-2.0
package io.varve.client.errors;

import io.varve.client.ErrorDetails;
import io.varve.client.VarveException;

/** A batch whose parts contradict each other. */
public final class InvalidRecordException extends VarveException {
    private static final long serialVersionUID = 1L;

    public InvalidRecordException(ErrorDetails details) {
        super(details);
    }
}
