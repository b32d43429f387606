// SPDX-License-Identifier: Apache-2.0
package io.varve.client.errors;

import io.varve.client.ErrorDetails;
import io.varve.client.VarveException;

/** The leader has had these records already. */
public final class DuplicateSequenceException extends VarveException {
    private static final long serialVersionUID = 1L;

    public DuplicateSequenceException(ErrorDetails details) {
        super(details);
    }
}
