// SPDX-License-Identifier: Apache-2.0
package io.varve.client.errors;

import io.varve.client.ErrorDetails;
import io.varve.client.VarveException;

/** The topic was deleted, perhaps created again. */
public final class UnknownTopicIdException extends VarveException {
    private static final long serialVersionUID = 1L;

    public UnknownTopicIdException(ErrorDetails details) {
        super(details);
    }
}
