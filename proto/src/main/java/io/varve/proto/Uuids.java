// SPDX-License-Identifier: Apache-2.0
package io.varve.proto;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.UUID;

/**
 * The two spellings of cluster, directory and topic ids: 16 bytes (most significant first) on the wire, and the 22
 * characters of URL-safe base64 without padding that Kafka prints. *Thread-safe.*
 */
public final class Uuids {
    /** Bytes of an id on the wire. */
    public static final int SIZE_BYTES = 16;

    /** Characters of an id as text. */
    public static final int TEXT_LENGTH = 22;

    private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();
    private static final Base64.Decoder DECODER = Base64.getUrlDecoder();

    private Uuids() {}

    /** A new random id whose text does not begin with '-', so that it can follow an option on a command line. */
    public static UUID random() {
        while (true) {
            UUID id = UUID.randomUUID();
            if (!toText(id).startsWith("-")) {
                return id;
            }
        }
    }

    public static ByteString toBytes(UUID id) {
        return ByteString.copyFrom(array(id));
    }

    /** Whether {@link #fromBytes} would take these bytes. */
    public static boolean isUuid(ByteString bytes) {
        return bytes.size() == SIZE_BYTES;
    }

    /** @throws IllegalArgumentException unless there are exactly 16 bytes */
    public static UUID fromBytes(ByteString bytes) {
        if (!isUuid(bytes)) {
            throw new IllegalArgumentException("an id has " + SIZE_BYTES + " bytes, not " + bytes.size());
        }
        ByteBuffer buffer = bytes.asReadOnlyByteBuffer();
        return new UUID(buffer.getLong(), buffer.getLong());
    }

    public static String toText(UUID id) {
        return ENCODER.encodeToString(array(id));
    }

    /** @throws IllegalArgumentException unless the text is what {@link #toText} prints for some id */
    public static UUID fromText(String text) {
        if (text.length() != TEXT_LENGTH) {
            throw notAnId(text);
        }
        byte[] bytes;
        try {
            bytes = DECODER.decode(text);
        } catch (IllegalArgumentException e) {
            throw notAnId(text);
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        UUID id = new UUID(buffer.getLong(), buffer.getLong());
        // The last character carries four unused bits: two texts for one id would make ids incomparable as text.
        if (!toText(id).equals(text)) {
            throw notAnId(text);
        }
        return id;
    }

    private static IllegalArgumentException notAnId(String text) {
        return new IllegalArgumentException(
                "'" + text + "' is not an id: " + TEXT_LENGTH + " characters of URL-safe base64 are");
    }

    private static byte[] array(UUID id) {
        return ByteBuffer.allocate(SIZE_BYTES)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array();
    }
}
