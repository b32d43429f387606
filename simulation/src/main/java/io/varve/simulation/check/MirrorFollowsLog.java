// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

/** No invariant of the cluster: what these checks believe a log to hold ends where it does. */
final class MirrorFollowsLog extends Invariant {
    MirrorFollowsLog(Evidence evidence) {
        super("M", evidence);
    }

    @Override
    void touched(ReplicaMirror replica, ReplicaView view) {
        if (view.stagedEndOffset() != replica.log.endOffset()) {
            fail(
                    replica.id(),
                    "node " + replica.node + ": the log ends at " + view.stagedEndOffset()
                            + ", the checks were told of everything below " + replica.log.endOffset());
        }
    }
}
