// SPDX-License-Identifier: Apache-2.0
package io.varve.client.errors;

import io.varve.client.ErrorDetails;
import io.varve.client.VarveException;

/** No majority of the metadata quorum answers. */
public final class QuorumUnavailableException extends VarveException {
    private static final long serialVersionUID = 1L;

    public QuorumUnavailableException(ErrorDetails details) {
        super(details);
    }
}
