// SPDX-License-Identifier: Apache-2.0
package io.varve.client.errors;

import io.varve.client.ErrorDetails;
import io.varve.client.VarveException;

/** A request that contradicts itself. */
public final class InvalidRequestException extends VarveException {
    private static final long serialVersionUID = 1L;

    public InvalidRequestException(ErrorDetails details) {
        super(details);
    }
}
