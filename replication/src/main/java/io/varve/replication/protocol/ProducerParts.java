// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.protocol;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Producers' state cut into parts of bounded size for {@link ReplicaMessage.Producers}, with a CRC-32C behind it, and put together again. */
public final class ProducerParts {
    /** Of one message. */
    public static final int PART_BYTES = 64 << 10;

    private static final int CRC_BYTES = Integer.BYTES;

    private ProducerParts() {}

    /** At least one. */
    public static List<ByteBuffer> split(ByteBuffer encoded) {
        ByteBuffer whole = ByteBuffer.allocate(encoded.remaining() + CRC_BYTES);
        whole.put(encoded.duplicate()).putInt(crc(encoded)).flip();
        List<ByteBuffer> parts = new ArrayList<>();
        for (int at = 0; at < whole.limit(); at += PART_BYTES) {
            parts.add(whole.slice(at, Math.min(PART_BYTES, whole.limit() - at)).asReadOnlyBuffer());
        }
        return parts;
    }

    /** Null if they are not what was split. */
    public static @Nullable ByteBuffer join(List<ByteBuffer> parts) {
        int bytes = parts.stream().mapToInt(ByteBuffer::remaining).sum();
        if (bytes < CRC_BYTES) {
            return null;
        }
        ByteBuffer whole = ByteBuffer.allocate(bytes);
        parts.forEach(part -> whole.put(part.duplicate()));
        ByteBuffer encoded = whole.slice(0, bytes - CRC_BYTES);
        return crc(encoded) == whole.getInt(bytes - CRC_BYTES) ? encoded : null;
    }

    private static int crc(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate());
        return (int) crc.getValue();
    }
}
