// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import java.nio.ByteBuffer;
import java.util.Base64;
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

    /** An id as people see it: URL-safe base64 of its 16 bytes, 22 characters. */
    public static String idText(UUID id) {
        byte[] bytes = ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array();
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** The inverse of {@link #idText}; throws {@link IllegalArgumentException} for any other text. */
    public static UUID parseId(String text) {
        byte[] bytes = Base64.getUrlDecoder().decode(text);
        if (bytes.length != 2 * Long.BYTES) {
            throw new IllegalArgumentException("not an id: " + text);
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return new UUID(buffer.getLong(), buffer.getLong());
    }
}
