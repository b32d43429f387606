// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.client;

import io.varve.metadata.image.MetadataImage;
import io.varve.storage.LogId;
import org.jspecify.annotations.Nullable;

/** What a simulated administrator can find out: what is committed, and where replicas stand. */
public interface OperatorView {
    MetadataImage committed();

    /** Null if the node does not run, or has no sound replica of it. */
    @Nullable
    Standing standing(int node, LogId id);

    /** How far a replica's log goes; a later epoch beats a longer log. */
    record Standing(int lastEpoch, long endOffset) implements Comparable<Standing> {
        @Override
        public int compareTo(Standing other) {
            return lastEpoch != other.lastEpoch
                    ? Integer.compare(lastEpoch, other.lastEpoch)
                    : Long.compare(endOffset, other.endOffset);
        }
    }
}
