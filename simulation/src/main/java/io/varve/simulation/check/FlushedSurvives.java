// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

/**
 * What a replica said is flushed is on its disk: no crash and no power loss takes it, only a cut or another disk. The
 * disk itself is asked, by the next process that opens the log; what is counted as committed rests on nothing else.
 */
final class FlushedSurvives extends Invariant {
    FlushedSurvives(Evidence evidence) {
        super("P14", evidence);
    }

    @Override
    void shortened(ReplicaMirror replica, MirrorLog before, int same) {
        if (same < before.countBelow(replica.durableEndOffset)) {
            fail(
                    replica.id(),
                    "node " + replica.node + " said that everything below " + replica.durableEndOffset
                            + " is flushed, but of that its disk gives back only what is below "
                            + before.baseAt(same));
        }
    }
}
