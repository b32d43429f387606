// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.records;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Where the records to produce come from. Confined to one thread. */
interface RecordSource {
    /** The next record, or null when there are no more. */
    @Nullable
    InputRecord next() throws IOException;

    /**
     * A record read from input; the arrays belong to the caller.
     *
     * @param partition null where the input names none
     * @param timestampMillis null where the input names none
     */
    record InputRecord(
            byte @Nullable [] key,
            byte @Nullable [] value,
            @Nullable Integer partition,
            @Nullable Long timestampMillis) {}

    /** Input that cannot be read as the format says. The message is for the user and names the record. */
    final class InvalidInputException extends IOException {
        private static final long serialVersionUID = 1L;

        InvalidInputException(String message) {
            super(message);
        }
    }
}
