// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.image;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What an acknowledgement of a topic's records means. Chosen when the topic is created, for ever. */
public enum Durability {
    /** The records have been through fdatasync. */
    FLUSHED,
    /** The records are in the page cache. */
    WRITTEN;

    /** The word that configs and descriptions use. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<Durability> ofWord(String word) {
        return Arrays.stream(values()).filter(d -> d.word().equals(word)).findFirst();
    }
}
