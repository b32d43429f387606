// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

import io.varve.replication.leader.FollowerView;
import java.util.List;

/**
 * Everything that a replica knows of its partition, of one moment. *Immutable.*
 *
 * @param writtenEndOffset end of what this replica has written (exclusive), flushed or not
 * @param isr the in-sync set as the metadata has it; empty unless this replica leads
 * @param maximalIsr who counts: those, and who would be among them if the proposal that is under way were accepted (P22)
 * @param followers of the leader: how far each of them is; empty unless this replica leads
 * @param takenNanos when, on the clock of {@link FollowerView#lastCaughtUpNanos}
 */
public record PartitionView(
        PartitionStatus status,
        long writtenEndOffset,
        List<Integer> isr,
        List<Integer> maximalIsr,
        List<FollowerView> followers,
        long takenNanos) {
    public PartitionView {
        isr = List.copyOf(isr);
        maximalIsr = List.copyOf(maximalIsr);
        followers = List.copyOf(followers);
    }
}
