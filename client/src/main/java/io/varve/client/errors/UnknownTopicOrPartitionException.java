// SPDX-License-Identifier: Apache-2.0
package io.varve.client.errors;

import io.varve.client.ErrorDetails;
import io.varve.client.VarveException;

/** No topic of this name, or no partition of this number in it. */
public final class UnknownTopicOrPartitionException extends VarveException {
    private static final long serialVersionUID = 1L;

    public UnknownTopicOrPartitionException(ErrorDetails details) {
        super(details);
    }
}
