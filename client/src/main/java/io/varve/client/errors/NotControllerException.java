// SPDX-License-Identifier: Apache-2.0
package io.varve.client.errors;

import io.varve.client.ErrorDetails;
import io.varve.client.VarveException;

/** The node asked is not the active controller. */
public final class NotControllerException extends VarveException {
    private static final long serialVersionUID = 1L;

    public NotControllerException(ErrorDetails details) {
        super(details);
    }
}
