// SPDX-License-Identifier: Apache-2.0
package io.varve.client.errors;

import io.varve.client.ErrorDetails;
import io.varve.client.VarveException;

/** A setting that is unknown, of the wrong type or out of range. */
public final class InvalidConfigurationException extends VarveException {
    private static final long serialVersionUID = 1L;

    public InvalidConfigurationException(ErrorDetails details) {
        super(details);
    }
}
