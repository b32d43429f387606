// SPDX-License-Identifier: Apache-2.0
package io.varve.client.errors;

import io.varve.client.ErrorDetails;
import io.varve.client.VarveException;

/** A partition without a position: seek, or build the consumer with a start. */
public final class NoOffsetForPartitionException extends VarveException {
    private static final long serialVersionUID = 1L;

    public NoOffsetForPartitionException(ErrorDetails details) {
        super(details);
    }
}
