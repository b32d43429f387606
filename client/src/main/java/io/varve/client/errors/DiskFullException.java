// SPDX-License-Identifier: Apache-2.0
package io.varve.client.errors;

import io.varve.client.ErrorDetails;
import io.varve.client.VarveException;

/** The node's disk has too little free space for appends. Reads and deletes go on. */
public final class DiskFullException extends VarveException {
    private static final long serialVersionUID = 1L;

    public DiskFullException(ErrorDetails details) {
        super(details);
    }
}
