// SPDX-License-Identifier: Apache-2.0
package io.varve.client.errors;

import io.varve.client.ErrorDetails;
import io.varve.client.VarveException;

/** Appended, then the in-sync set fell below its minimum: it may or may not survive. */
public final class NotEnoughReplicasAfterAppendException extends VarveException {
    private static final long serialVersionUID = 1L;

    public NotEnoughReplicasAfterAppendException(ErrorDetails details) {
        super(details);
    }
}
