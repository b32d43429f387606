// SPDX-License-Identifier: Apache-2.0
package io.varve.client.errors;

import io.varve.client.ErrorDetails;
import io.varve.client.VarveException;

/** The leader misses records that this producer sent before these. */
public final class OutOfOrderSequenceException extends VarveException {
    private static final long serialVersionUID = 1L;

    public OutOfOrderSequenceException(ErrorDetails details) {
        super(details);
    }
}
