// SPDX-License-Identifier: Apache-2.0
package io.varve.client.errors;

import io.varve.client.ErrorDetails;
import io.varve.client.VarveException;

/** A serde failed. */
public final class SerializationException extends VarveException {
    private static final long serialVersionUID = 1L;

    public SerializationException(ErrorDetails details) {
        super(details);
    }
}
