// SPDX-License-Identifier: Apache-2.0
package io.varve.client.errors;

import io.varve.client.ErrorDetails;
import io.varve.client.VarveException;

/** A queue or memory budget of the node is full. */
public final class ThrottlingQuotaExceededException extends VarveException {
    private static final long serialVersionUID = 1L;

    public ThrottlingQuotaExceededException(ErrorDetails details) {
        super(details);
    }
}
