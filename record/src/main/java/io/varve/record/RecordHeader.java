// SPDX-License-Identifier: Apache-2.0
package io.varve.record;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One header of a record. Keys may repeat. <i>Immutable</i> as long as nobody writes to the value's memory.
 *
 * @param value null is a value of its own, distinct from empty; read from position to limit, which nobody may move
 */
public record RecordHeader(String key, @Nullable ByteBuffer value) {
    public static RecordHeader of(String key, byte @Nullable [] value) {
        return new RecordHeader(key, value == null ? null : ByteBuffer.wrap(value));
    }

    public static RecordHeader of(String key, String value) {
        return of(key, value.getBytes(StandardCharsets.UTF_8));
    }
}
