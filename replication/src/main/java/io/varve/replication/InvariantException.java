// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

/** An invariant of a replica does not hold: a defect, or memory or disk that lies. The replica stops; it never goes on. */
public class InvariantException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public InvariantException(String message) {
        super(message);
    }

    /** Something else broke, which is no better. */
    public InvariantException(String message, Throwable cause) {
        super(message, cause);
    }
}
