// SPDX-License-Identifier: Apache-2.0
package io.varve.client.errors;

import io.varve.client.ErrorDetails;
import io.varve.client.VarveException;

/** The node speaks no protocol version that this client speaks. */
public final class UnsupportedVersionException extends VarveException {
    private static final long serialVersionUID = 1L;

    public UnsupportedVersionException(ErrorDetails details) {
        super(details);
    }
}
