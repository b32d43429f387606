// SPDX-License-Identifier: Apache-2.0
package io.varve.client.errors;

import io.varve.client.ErrorDetails;
import io.varve.client.VarveException;

/** A codec that the node does not know. */
public final class UnsupportedCompressionTypeException extends VarveException {
    private static final long serialVersionUID = 1L;

    public UnsupportedCompressionTypeException(ErrorDetails details) {
        super(details);
    }
}
