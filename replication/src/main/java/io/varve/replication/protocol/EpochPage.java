// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.protocol;

import io.varve.storage.EpochEntry;
import java.util.List;

/**
 * A stretch of a log's epoch chain. *Immutable.*
 *
 * @param entries at most {@link #MAX_ENTRIES}, oldest first
 * @param endOffset where the last of these epochs ends: the log's end, or the start of the next epoch
 * @param complete whether there is no older entry
 */
public record EpochPage(List<EpochEntry> entries, long endOffset, boolean complete) {
    public static final int MAX_ENTRIES = 32;

    public EpochPage {
        entries = List.copyOf(entries);
    }
}
