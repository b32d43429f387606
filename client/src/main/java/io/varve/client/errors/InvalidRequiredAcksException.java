// SPDX-License-Identifier: Apache-2.0
package io.varve.client.errors;

import io.varve.client.ErrorDetails;
import io.varve.client.VarveException;

/** A setting of acks that is not one, or that idempotence does not allow. */
public final class InvalidRequiredAcksException extends VarveException {
    private static final long serialVersionUID = 1L;

    public InvalidRequiredAcksException(ErrorDetails details) {
        super(details);
    }
}
