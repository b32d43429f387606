// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.replica;

import io.varve.replication.RejectReason;
import io.varve.replication.protocol.PartitionState;
import org.jspecify.annotations.Nullable;

/**
 * Tells the controller that a replica cannot lead, and again when it can, until the metadata says that it was heard. *Confined to the loop.*
 */
final class Comeback {
    private static final long TELL_AGAIN_NANOS = 1_000_000_000L;

    private final ReplicaPort port;
    private @Nullable Resignation unheard;
    private long tellAgainNanos;
    // of the failure that it would come back from; null: there is nothing to come back from
    private @Nullable RejectReason reason;
    private int epochGivenUp;
    private String detail = "";
    private boolean recordsLost;

    Comeback(ReplicaPort port) {
        this.port = port;
    }

    /** The replica gave up leading, or cannot begin to. */
    void gaveUp(int leaderEpoch, RejectReason why, String sentence, boolean lost) {
        epochGivenUp = leaderEpoch;
        reason = why;
        detail = sentence;
        recordsLost = lost;
    }

    /** Says so, once a second until it is answered. */
    void tell(int leaderEpoch, boolean reopened, long nowNanos) {
        RejectReason why = reason;
        if (why == null) {
            return;
        }
        Resignation said = new Resignation(leaderEpoch, why, detail, reopened, recordsLost);
        if (!said.equals(unheard)) {
            unheard = said;
            tellNow(said, nowNanos);
        }
    }

    /** Newer metadata: whoever was told under an older epoch was heard. A leader under a newer epoch ends it. */
    void onMetadata(PartitionState now) {
        if (unheard != null && now.leaderEpoch() > unheard.leaderEpoch()) {
            unheard = null;
        }
        if (now.leaderEpoch() > epochGivenUp && now.leader() != 0) {
            reason = null;
        }
    }

    boolean isWanted() {
        return reason != null;
    }

    boolean isUnheard() {
        return unheard != null;
    }

    void tick(long nowNanos) {
        if (unheard != null && nowNanos - tellAgainNanos >= 0) {
            tellNow(unheard, nowNanos);
        }
    }

    private void tellNow(Resignation said, long nowNanos) {
        tellAgainNanos = nowNanos + TELL_AGAIN_NANOS;
        port.resign(said);
    }
}
