// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import java.util.List;

/**
 * One link of an epoch chain: records from {@code startOffset} up to the next link's start were appended under {@code leaderEpoch}.
 *
 * <p><i>immutable</i>
 */
public record EpochEntry(int leaderEpoch, long startOffset) {
    /** The epoch of the record at {@code offset} by a chain that has its oldest link first; 0 if it does not say. */
    public static int epochAt(List<EpochEntry> chain, long offset) {
        for (int i = chain.size() - 1; i >= 0; i--) { // from the newest: nearly every question is about it
            if (chain.get(i).startOffset() <= offset) {
                return chain.get(i).leaderEpoch();
            }
        }
        return 0;
    }
}
