// SPDX-License-Identifier: Apache-2.0
package io.varve.client.errors;

import io.varve.client.ErrorDetails;
import io.varve.client.VarveException;

/** No answer within the time allowed. */
public final class TimeoutException extends VarveException {
    private static final long serialVersionUID = 1L;

    public TimeoutException(ErrorDetails details) {
        super(details);
    }
}
