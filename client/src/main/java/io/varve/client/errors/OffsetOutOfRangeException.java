// SPDX-License-Identifier: Apache-2.0
package io.varve.client.errors;

import io.varve.client.ErrorDetails;
import io.varve.client.VarveException;

/** A position before the first offset that exists, or behind the end. */
public final class OffsetOutOfRangeException extends VarveException {
    private static final long serialVersionUID = 1L;

    public OffsetOutOfRangeException(ErrorDetails details) {
        super(details);
    }
}
