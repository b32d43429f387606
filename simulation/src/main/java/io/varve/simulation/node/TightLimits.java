// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.node;

import io.varve.replication.leader.LeaderSettings;
import io.varve.replication.link.LinkSettings;
import io.varve.storage.JournalSettings;

/** Bounds of a few batches, so that windows, credit and queues of links are full all the time. */
final class TightLimits {
    static final LinkSettings.Limits LINK = new LinkSettings.Limits(1_500, 4_000, 1_000, 300, 3_000, 1_000, 5_000, 60);

    private TightLimits() {}

    /** A leader's windows; its times are those of a node. */
    static LeaderSettings leader() {
        LeaderSettings normal = LeaderSettings.DEFAULT;
        return new LeaderSettings(
                2_000,
                800,
                10_000,
                normal.lagNanosMax(),
                normal.flushStallNanos(),
                normal.flushStableNanos(),
                normal.openTimeoutNanos(),
                normal.proposalTimeoutNanos());
    }

    /** Nodes of both kinds side by side: every other one flushes in its journal, whose files are soon full. */
    static JournalSettings journal(int nodeId) {
        return nodeId % 2 == 0 ? JournalSettings.DEFAULT : new JournalSettings(1, 64 << 10, 32 << 10, 2);
    }
}
