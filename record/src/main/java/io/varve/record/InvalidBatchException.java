// SPDX-License-Identifier: Apache-2.0
package io.varve.record;

/**
 * The bytes are not a batch that can be read: damaged, cut, or larger than the reader allows. Nothing read from that batch may be used. <i>Immutable.</i>
 */
public final class InvalidBatchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final BatchCheck.Kind kind;

    public InvalidBatchException(BatchCheck.Kind kind, String detail) {
        super(kind + ": " + detail);
        this.kind = kind;
    }

    public InvalidBatchException(BatchCheck.Kind kind, String detail, Throwable cause) {
        super(kind + ": " + detail, cause);
        this.kind = kind;
    }

    /** What is wrong; never {@link BatchCheck.Kind#VALID}. */
    public BatchCheck.Kind kind() {
        return kind;
    }
}
