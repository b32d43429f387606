// SPDX-License-Identifier: Apache-2.0
package io.varve.client.errors;

import io.varve.client.ErrorDetails;
import io.varve.client.VarveException;

/** The node asked does not lead the partition. */
public final class NotLeaderOrFollowerException extends VarveException {
    private static final long serialVersionUID = 1L;

    public NotLeaderOrFollowerException(ErrorDetails details) {
        super(details);
    }
}
