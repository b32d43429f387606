// SPDX-License-Identifier: Apache-2.0
package io.varve.client.errors;

import io.varve.client.ErrorDetails;
import io.varve.client.VarveException;

/** The partition has no leader at the moment. */
public final class LeaderNotAvailableException extends VarveException {
    private static final long serialVersionUID = 1L;

    public LeaderNotAvailableException(ErrorDetails details) {
        super(details);
    }
}
