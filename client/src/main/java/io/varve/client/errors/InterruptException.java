// SPDX-License-Identifier: Apache-2.0
package io.varve.client.errors;

import io.varve.client.ErrorDetails;
import io.varve.client.VarveException;

/** The thread was interrupted while it waited; its interrupt flag is set again. */
public final class InterruptException extends VarveException {
    private static final long serialVersionUID = 1L;

    public InterruptException(ErrorDetails details) {
        super(details);
    }
}
