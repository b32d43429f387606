// SPDX-License-Identifier: Apache-2.0
package io.varve.client.errors;

import io.varve.client.ErrorDetails;
import io.varve.client.VarveException;

/** A record or batch above the topic's limit; the metadata has {@code limit} and {@code actual}. */
public final class RecordTooLargeException extends VarveException {
    private static final long serialVersionUID = 1L;

    public RecordTooLargeException(ErrorDetails details) {
        super(details);
    }
}
