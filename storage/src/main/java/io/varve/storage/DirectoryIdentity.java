// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import java.util.UUID;

/**
 * Whose a data directory is; written once by {@code format}.
 *
 * <p><i>immutable</i>
 */
public record DirectoryIdentity(UUID clusterId, int nodeId, UUID directoryId, int formatVersion) {
    /** The newest format this code reads and the one it writes. */
    public static final int FORMAT_VERSION = 1;

    public DirectoryIdentity {
        if (nodeId < 1) {
            throw new IllegalArgumentException("node id " + nodeId + " is not positive");
        }
    }
}
