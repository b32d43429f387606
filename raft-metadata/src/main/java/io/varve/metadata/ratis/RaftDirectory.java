// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.ratis;

import java.io.IOException;

/** The Raft directory of one voter. */
public final class RaftDirectory {
    private RaftDirectory() {}

    /**
     * Writes the identity of a voter into a new directory. Formatting again with the same identity does nothing.
     *
     * @throws RaftStartException if the directory has another identity
     */
    public static void format(java.nio.file.Path directory, RaftIdentity identity) throws IOException {
        throw new UnsupportedOperationException("not yet");
    }
}
