// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

/** No invariant of the cluster: what these checks believe a log to hold ends where it does. */
final class MirrorFollowsLog extends Invariant {
    MirrorFollowsLog(Evidence evidence) {
        super("M", evidence);
    }

    /** A log that was cut says so a little later. */
    @Override
    void touched(ReplicaMirror replica, ReplicaView view) {
        if (view.stagedEndOffset() > replica.log.endOffset()) {
            differ(replica, view);
        }
    }

    @Override
    void full(long round) {
        if (round >= 0) {
            return;
        }
        for (PartitionTruth partition : evidence.partitions()) {
            for (ReplicaMirror replica : partition.replicas.values()) {
                ReplicaView view = evidence.sound(replica);
                if (view != null && view.stagedEndOffset() != replica.log.endOffset()) {
                    differ(replica, view);
                }
            }
        }
    }

    private void differ(ReplicaMirror replica, ReplicaView view) {
        fail(
                replica.id(),
                "node " + replica.node + ": the log ends at " + view.stagedEndOffset()
                        + ", the checks were told of everything below " + replica.log.endOffset());
    }
}
