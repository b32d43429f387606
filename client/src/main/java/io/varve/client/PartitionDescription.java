// SPDX-License-Identifier: Apache-2.0
package io.varve.client;

import java.util.List;

/**
 * A partition as its leader sees it. <i>Immutable.</i>
 *
 * @param leader the leader's node id; 0 for none
 * @param leaderEpoch from 1; 0 for none
 * @param partitionEpoch the version of the partition's metadata
 * @param sizeBytes of the leader's log
 * @param status {@code ok}, or the reason why not
 */
public record PartitionDescription(
        int partition,
        int leader,
        int leaderEpoch,
        int partitionEpoch,
        ReplicaSets replicaSets,
        Offsets offsets,
        long sizeBytes,
        String status) {

    /**
     * Node ids by role.
     *
     * @param replicas all of them, the preferred leader first
     * @param isr those in sync
     * @param elr those eligible to lead although not in sync
     */
    public record ReplicaSets(List<Integer> replicas, List<Integer> isr, List<Integer> elr) {
        public ReplicaSets {
            replicas = List.copyOf(replicas);
            isr = List.copyOf(isr);
            elr = List.copyOf(elr);
        }
    }

    /**
     * Where the log begins and ends; ends are exclusive.
     *
     * @param logStartOffset the first offset that still exists
     * @param highWatermark end of the committed records
     * @param logEndOffset end of the log
     * @param flushedEndOffset end of what is on the leader's disk
     */
    public record Offsets(long logStartOffset, long highWatermark, long logEndOffset, long flushedEndOffset) {}
}
