// SPDX-License-Identifier: Apache-2.0
package io.varve.client.errors;

import io.varve.client.ErrorDetails;
import io.varve.client.VarveException;

/** Replicas that cannot be placed like this. */
public final class InvalidReplicaAssignmentException extends VarveException {
    private static final long serialVersionUID = 1L;

    public InvalidReplicaAssignmentException(ErrorDetails details) {
        super(details);
    }
}
