// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

/** An index file holds something that nobody wrote. The log is the truth: build it anew. */
final class DamagedIndexException extends Exception {
    private static final long serialVersionUID = 1L;

    DamagedIndexException(String message) {
        super(message);
    }
}
