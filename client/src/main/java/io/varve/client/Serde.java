// SPDX-License-Identifier: Apache-2.0
package io.varve.client;

import java.nio.charset.StandardCharsets;

/**
 * Turns values into bytes and back. Null never reaches it: a null key or value is null on the wire. Called on the
 * thread that sends or polls; one that is shared by threads must be <i>thread-safe</i>.
 */
public interface Serde<T> {
    /** The bytes of a value. They are copied before the send returns. */
    byte[] serialize(String topic, T value);

    /** The value of some bytes, which are the callee's to keep. */
    T deserialize(String topic, byte[] bytes);

    /** Bytes as they are. */
    static Serde<byte[]> bytes() {
        return new Serde<>() {
            @Override
            public byte[] serialize(String topic, byte[] value) {
                return value;
            }

            @Override
            public byte[] deserialize(String topic, byte[] bytes) {
                return bytes;
            }
        };
    }

    /** Text in UTF-8. Bytes that are not UTF-8 read as replacement characters. */
    static Serde<String> string() {
        return new Serde<>() {
            @Override
            public byte[] serialize(String topic, String value) {
                return value.getBytes(StandardCharsets.UTF_8);
            }

            @Override
            public String deserialize(String topic, byte[] bytes) {
                return new String(bytes, StandardCharsets.UTF_8);
            }
        };
    }
}
