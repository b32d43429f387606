// SPDX-License-Identifier: Apache-2.0
package io.varve.client.errors;

import io.varve.client.ErrorDetails;
import io.varve.client.VarveException;

/** The client believes in an older leader than the node. */
public final class FencedLeaderEpochException extends VarveException {
    private static final long serialVersionUID = 1L;

    public FencedLeaderEpochException(ErrorDetails details) {
        super(details);
    }
}
