// SPDX-License-Identifier: Apache-2.0
package io.varve.client.errors;

import io.varve.client.ErrorDetails;
import io.varve.client.VarveException;

/** The node cannot be reached, or the connection to it was lost. */
public final class NetworkException extends VarveException {
    private static final long serialVersionUID = 1L;

    public NetworkException(ErrorDetails details) {
        super(details);
    }
}
