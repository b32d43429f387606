// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

/**
 * A new leader holds everything that is committed when it begins to lead.
 */
final class LeaderCompleteness extends Invariant {
    LeaderCompleteness(Evidence evidence) {
        super("I4", evidence);
    }

    @Override
    void elected(ReplicaMirror leader, ReplicaView view) {
        PartitionTruth partition = leader.partition;
        if (partition.image != null && partition.image.leaderEpoch() > view.leaderEpoch()) {
            return; // late news: it has been deposed already, and what was committed since is not its own
        }
        if (view.leaderEpoch() >= partition.uncleanEpoch() && !partition.isHeldBy(leader.log)) {
            fail(
                    partition.id,
                    "node " + leader.node + " leads in epoch " + view.leaderEpoch() + " without all of it: "
                            + partition.difference(leader.log));
        }
    }
}
