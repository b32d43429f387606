// SPDX-License-Identifier: Apache-2.0
package io.varve.client.errors;

import io.varve.client.ErrorDetails;
import io.varve.client.VarveException;

/** The node does not yet know of the leader that the client believes in. */
public final class UnknownLeaderEpochException extends VarveException {
    private static final long serialVersionUID = 1L;

    public UnknownLeaderEpochException(ErrorDetails details) {
        super(details);
    }
}
