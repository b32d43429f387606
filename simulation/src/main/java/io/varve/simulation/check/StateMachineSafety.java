// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

/**
 * No offset is ever committed with two different records or epochs, by whatever leaders.
 */
final class StateMachineSafety extends Invariant {
    StateMachineSafety(Evidence evidence) {
        super("I2", evidence);
    }

    @Override
    void advancing(ReplicaMirror leader, ReplicaView view) {
        PartitionTruth partition = leader.partition;
        if (!partition.isHeldBy(leader.log)) {
            fail(
                    partition.id,
                    "leader " + leader.node + " of epoch " + view.leaderEpoch() + " moves its high watermark to "
                            + view.highWatermark() + " over other records than were committed: "
                            + partition.difference(leader.log));
        }
    }
}
