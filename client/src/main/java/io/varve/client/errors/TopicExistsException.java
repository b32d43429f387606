// SPDX-License-Identifier: Apache-2.0
package io.varve.client.errors;

import io.varve.client.ErrorDetails;
import io.varve.client.VarveException;

/** A topic of this name exists. */
public final class TopicExistsException extends VarveException {
    private static final long serialVersionUID = 1L;

    public TopicExistsException(ErrorDetails details) {
        super(details);
    }
}
