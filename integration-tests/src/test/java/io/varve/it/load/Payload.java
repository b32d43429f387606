// SPDX-License-Identifier: Apache-2.0
package io.varve.it.load;

import io.varve.it.history.ConsumedRecord;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/** A value that says which record it is: sequence, then noise that compresses a little. */
final class Payload {
    private static final int SEQUENCE_BYTES = Long.BYTES;

    private Payload() {}

    static byte[] of(long sequence, int sizeBytes, Random random) {
        byte[] value = new byte[Math.max(SEQUENCE_BYTES, sizeBytes)];
        for (int at = SEQUENCE_BYTES; at < value.length; at++) {
            value[at] = (byte) random.nextInt(64);
        }
        ByteBuffer.wrap(value).putLong(0, sequence);
        return value;
    }

    static long sequenceOf(byte @Nullable [] value) {
        return value == null || value.length < SEQUENCE_BYTES
                ? ConsumedRecord.UNREADABLE
                : ByteBuffer.wrap(value).getLong(0);
    }

    static long hashOf(byte @Nullable [] value) {
        CRC32 crc = new CRC32();
        crc.update(value == null ? new byte[0] : value);
        return crc.getValue() << Integer.SIZE | (value == null ? 0 : value.length);
    }
}
