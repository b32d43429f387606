// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

import java.util.List;

/**
 * Wherever two logs have the same offset under the same epoch, everything up to there is the same; what is below
 * a replica's high watermark is what is committed.
 */
final class LogMatching extends Invariant {
    LogMatching(Evidence evidence) {
        super("I5", evidence);
    }

    @Override
    void appending(ReplicaMirror replica, BatchSeen batch) {
        compare(replica, batch, replica.log.digestWith(batch));
    }

    @Override
    void recovered(ReplicaMirror replica, List<BatchSeen> found) {
        MirrorLog log = replica.log;
        for (int i = 0; i < log.size(); i++) {
            BatchSeen batch = log.at(i);
            Long known = replica.partition.staged.get(key(batch));
            if (known == null) {
                fail(
                        replica.id(),
                        "node " + replica.node + " found " + batch + " in its log, which nobody ever appended");
                return;
            }
            compare(replica, batch, log.digestOf(i + 1));
        }
    }

    @Override
    void touched(ReplicaMirror replica, ReplicaView view) {
        PartitionTruth partition = replica.partition;
        long highWatermark = view.highWatermark();
        if (highWatermark == replica.highWatermark || isOutdated(replica)) {
            return;
        }
        int count = replica.log.countBelow(highWatermark);
        if (highWatermark > partition.committed.endOffset()) {
            fail(
                    partition.id,
                    "node " + replica.node + " has high watermark " + highWatermark + ", but no leader committed"
                            + " more than " + partition.committed.endOffset());
        } else if (!partition.committed.beginsWith(replica.log, count)) {
            fail(
                    partition.id,
                    "node " + replica.node + " has other records below its high watermark " + highWatermark + ": "
                            + partition.difference(replica.log));
        }
    }

    /** Whether it has not yet heard of an unclean election that may cut what it thinks is committed. */
    private static boolean isOutdated(ReplicaMirror replica) {
        return replica.log.lastEpoch() < replica.partition.uncleanEpoch();
    }

    private void compare(ReplicaMirror replica, BatchSeen batch, long digest) {
        Long known = replica.partition.staged.putIfAbsent(key(batch), digest);
        if (known != null && known != digest) {
            fail(
                    replica.id(),
                    "node " + replica.node + " has " + batch + ", and before it other records than another log with"
                            + " this offset and epoch, or another batch at this place");
        }
    }

    private static long key(BatchSeen batch) {
        return ((long) batch.leaderEpoch() << 40) + batch.baseOffset();
    }
}
