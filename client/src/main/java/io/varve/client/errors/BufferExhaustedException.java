// SPDX-License-Identifier: Apache-2.0
package io.varve.client.errors;

import io.varve.client.ErrorDetails;
import io.varve.client.VarveException;

/** All of the producer's buffer memory is taken. */
public final class BufferExhaustedException extends VarveException {
    private static final long serialVersionUID = 1L;

    public BufferExhaustedException(ErrorDetails details) {
        super(details);
    }
}
