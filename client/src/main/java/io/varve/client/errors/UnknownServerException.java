// SPDX-License-Identifier: Apache-2.0
package io.varve.client.errors;

import io.varve.client.ErrorDetails;
import io.varve.client.VarveException;

/** A defect in the node. The message has an id that is in the node's log. */
public final class UnknownServerException extends VarveException {
    private static final long serialVersionUID = 1L;

    public UnknownServerException(ErrorDetails details) {
        super(details);
    }
}
