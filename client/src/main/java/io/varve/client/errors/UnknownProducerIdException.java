// SPDX-License-Identifier: Apache-2.0
package io.varve.client.errors;

import io.varve.client.ErrorDetails;
import io.varve.client.VarveException;

/** The leader has forgotten this producer. */
public final class UnknownProducerIdException extends VarveException {
    private static final long serialVersionUID = 1L;

    public UnknownProducerIdException(ErrorDetails details) {
        super(details);
    }
}
