// SPDX-License-Identifier: Apache-2.0
package io.varve.client.errors;

import io.varve.client.ErrorDetails;
import io.varve.client.VarveException;

/** Bytes that are not a batch, or whose checksum does not match. */
public final class CorruptRecordException extends VarveException {
    private static final long serialVersionUID = 1L;

    public CorruptRecordException(ErrorDetails details) {
        super(details);
    }
}
