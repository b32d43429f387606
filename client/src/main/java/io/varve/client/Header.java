// SPDX-License-Identifier: Apache-2.0
package io.varve.client;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A name and a value beside a record. The array is not copied: leave it alone once it is here.
 *
 * @param key never null; need not be unique within a record
 * @param value may be null
 */
public record Header(String key, byte @Nullable [] value) {
    public Header {
        Objects.requireNonNull(key, "header key");
    }

    /** A header with the text's UTF-8 bytes. */
    public static Header of(String key, String value) {
        return new Header(key, value.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Header that && key.equals(that.key) && Arrays.equals(value, that.value);
    }

    @Override
    public int hashCode() {
        return 31 * key.hashCode() + Arrays.hashCode(value);
    }

    @Override
    public String toString() {
        return key + "=" + (value == null ? "null" : new String(value, StandardCharsets.UTF_8));
    }
}
