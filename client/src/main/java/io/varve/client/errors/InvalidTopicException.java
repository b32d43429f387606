// SPDX-License-Identifier: Apache-2.0
package io.varve.client.errors;

import io.varve.client.ErrorDetails;
import io.varve.client.VarveException;

/** A name that no topic can have. */
public final class InvalidTopicException extends VarveException {
    private static final long serialVersionUID = 1L;

    public InvalidTopicException(ErrorDetails details) {
        super(details);
    }
}
