// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.follower;

import io.varve.replication.protocol.EpochPage;
import io.varve.storage.EpochEntry;
import java.util.List;

/**
 * A log's epoch chain at one moment. *Immutable.*
 *
 * @param chain oldest first
 * @param logEndOffset where its last epoch ends
 */
record EpochView(List<EpochEntry> chain, long logEndOffset) {
    static EpochView of(FollowerLog log) {
        return new EpochView(log.epochChain(), log.stagedEndOffset());
    }

    /** Epoch of the record at {@code offset}, 0 if the chain does not say. */
    int epochAt(long offset) {
        return EpochEntry.epochAt(chain, offset);
    }

    /** Epoch of the last record: an epoch that began at the end and has none does not count. */
    int lastEpoch() {
        return epochAt(logEndOffset - 1);
    }

    /** The newest epochs below {@code epochsBelow}, as many as one answer holds. */
    EpochPage page(int epochsBelow) {
        int end = chain.size();
        while (end > 0 && chain.get(end - 1).leaderEpoch() >= epochsBelow) {
            end--;
        }
        int begin = Math.max(0, end - EpochPage.MAX_ENTRIES);
        long endOffset = end < chain.size() ? chain.get(end).startOffset() : logEndOffset;
        return new EpochPage(chain.subList(begin, end), endOffset, begin == 0);
    }
}
