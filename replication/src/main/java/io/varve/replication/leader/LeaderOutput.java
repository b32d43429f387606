// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.leader;

import io.varve.replication.RejectReason;

/** What the leader has to say to the world beside the answers of appends. Called on the partition's loop; implementations enqueue. */
public interface LeaderOutput {
    /** Everything below {@code highWatermark} is committed and may be read (P18). Called once per move. */
    void highWatermarkMoved(long highWatermark);

    /** The leader gave up {@code leaderEpoch}: it takes no append any more, and leads again only under a higher epoch. */
    void resigned(int leaderEpoch, RejectReason reason, String detail);
}
