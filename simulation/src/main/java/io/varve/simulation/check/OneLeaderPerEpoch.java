// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.PartitionImage;
import java.util.Objects;

/**
 * Nobody but one node leads, or appends as leader, in one leader epoch.
 */
final class OneLeaderPerEpoch extends Invariant {
    OneLeaderPerEpoch(Evidence evidence) {
        super("I7", evidence);
    }

    @Override
    void elected(ReplicaMirror leader, ReplicaView view) {
        check(leader, view.leaderEpoch());
    }

    @Override
    void changed(PartitionTruth partition, MetadataImage now) {
        PartitionImage image = Objects.requireNonNull(partition.image);
        if (image.hasLeader()) {
            check(partition.replica(image.leader()), image.leaderEpoch());
        }
    }

    private void check(ReplicaMirror leader, int leaderEpoch) {
        Integer other = leader.partition.leaders.putIfAbsent(leaderEpoch, leader.node);
        if (other != null && other != leader.node) {
            fail(leader.id(), "nodes " + other + " and " + leader.node + " both lead in epoch " + leaderEpoch);
        }
    }
}
