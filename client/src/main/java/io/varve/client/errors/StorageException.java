// SPDX-License-Identifier: Apache-2.0
package io.varve.client.errors;

import io.varve.client.ErrorDetails;
import io.varve.client.VarveException;

/** A disk of the node failed. */
public final class StorageException extends VarveException {
    private static final long serialVersionUID = 1L;

    public StorageException(ErrorDetails details) {
        super(details);
    }
}
