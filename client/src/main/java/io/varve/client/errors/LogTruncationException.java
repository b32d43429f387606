// SPDX-License-Identifier: Apache-2.0
package io.varve.client.errors;

import io.varve.client.ErrorDetails;
import io.varve.client.VarveException;

/** The records before the position are not those that were read there: the log lost its end in an unclean election. */
public final class LogTruncationException extends VarveException {
    private static final long serialVersionUID = 1L;

    public LogTruncationException(ErrorDetails details) {
        super(details);
    }
}
