// SPDX-License-Identifier: Apache-2.0
package io.varve.client.errors;

import io.varve.client.ErrorDetails;
import io.varve.client.VarveException;

/** The consumer was woken up or closed by another thread. */
public final class WakeupException extends VarveException {
    private static final long serialVersionUID = 1L;

    public WakeupException(ErrorDetails details) {
        super(details);
    }
}
