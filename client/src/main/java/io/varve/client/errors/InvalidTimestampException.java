// SPDX-License-Identifier: Apache-2.0
package io.varve.client.errors;

import io.varve.client.ErrorDetails;
import io.varve.client.VarveException;

/** A timestamp that the topic does not take. */
public final class InvalidTimestampException extends VarveException {
    private static final long serialVersionUID = 1L;

    public InvalidTimestampException(ErrorDetails details) {
        super(details);
    }
}
