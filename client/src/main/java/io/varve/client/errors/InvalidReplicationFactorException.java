// SPDX-License-Identifier: Apache-2.0
package io.varve.client.errors;

import io.varve.client.ErrorDetails;
import io.varve.client.VarveException;

/** A replication factor out of range, or above the number of nodes. */
public final class InvalidReplicationFactorException extends VarveException {
    private static final long serialVersionUID = 1L;

    public InvalidReplicationFactorException(ErrorDetails details) {
        super(details);
    }
}
