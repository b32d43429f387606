// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

/**
 * A copy has lost or changed what was once durable (P34, P35): it may neither lead nor be counted on, and its node says so to the controller.
 */
public final class DamageException extends InvariantException {
    private static final long serialVersionUID = 1L;

    public DamageException(String message) {
        super(message);
    }
}
