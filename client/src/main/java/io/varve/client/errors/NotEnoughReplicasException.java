// SPDX-License-Identifier: Apache-2.0
package io.varve.client.errors;

import io.varve.client.ErrorDetails;
import io.varve.client.VarveException;

/** The in-sync set is below its minimum; nothing was appended. */
public final class NotEnoughReplicasException extends VarveException {
    private static final long serialVersionUID = 1L;

    public NotEnoughReplicasException(ErrorDetails details) {
        super(details);
    }
}
