// SPDX-License-Identifier: Apache-2.0
package io.varve.record;

import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How the records of a batch are compressed. The ids are part of the format. <i>Immutable.</i> */
public enum Codec {
    NONE(0),
    GZIP(1),
    SNAPPY(2),
    LZ4(3),
    ZSTD(4);

    private static final Codec[] BY_ID = values();

    private final int id;

    Codec(int id) {
        this.id = id;
    }

    /** The value of the attribute bits. */
    public int id() {
        return id;
    }

    /** The codec of the attribute bits, or null when there is none. */
    public static @Nullable Codec byId(int id) {
        return id >= 0 && id < BY_ID.length ? BY_ID[id] : null;
    }

    /** The codec of a lower-case name as users write it: {@code none}, {@code gzip}, {@code snappy}, {@code lz4}, {@code zstd}. */
    public static Optional<Codec> byName(String name) {
        for (Codec codec : BY_ID) {
            if (codec.lowerCaseName().equals(name)) {
                return Optional.of(codec);
            }
        }
        return Optional.empty();
    }

    /** The name as users write it. */
    public String lowerCaseName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
