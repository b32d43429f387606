// SPDX-License-Identifier: Apache-2.0
package io.varve.client.errors;

import io.varve.client.ErrorDetails;
import io.varve.client.VarveException;

/** Another producer took over this one's id. */
public final class InvalidProducerEpochException extends VarveException {
    private static final long serialVersionUID = 1L;

    public InvalidProducerEpochException(ErrorDetails details) {
        super(details);
    }
}
