// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.records;

/** A format string or a position that cannot be read. The message is for the user. */
final class InvalidFormatException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    InvalidFormatException(String message) {
        super(message);
    }
}
