// SPDX-License-Identifier: Apache-2.0
package io.varve.client.errors;

import io.varve.client.ErrorDetails;
import io.varve.client.VarveException;

/** A number of partitions out of range. */
public final class InvalidPartitionsException extends VarveException {
    private static final long serialVersionUID = 1L;

    public InvalidPartitionsException(ErrorDetails details) {
        super(details);
    }
}
