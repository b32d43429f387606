// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import java.nio.ByteBuffer;

/** Sees the headers of a run of batches, in offset order. */
@FunctionalInterface
public interface BatchVisitor {
    /**
     * The header of one batch starts at {@code at} of {@code headers} (read it with the accessors of {@code BatchHeader}); what follows the header is
     * not there. The buffer is valid during the call only.
     */
    void visit(ByteBuffer headers, int at);
}
