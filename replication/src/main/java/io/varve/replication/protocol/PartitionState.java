// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.protocol;

import java.util.List;

/**
 * What the metadata says about a partition. *Immutable.*
 *
 * @param leader node id, 0 for none
 * @param leaderEpoch at least 1
 * @param partitionEpoch grows with every change of any field; an older one than a replica has seen is ignored (P3)
 * @param replicas node ids, the preferred leader first
 * @param minIsr the effective {@code min.insync.replicas}, at least 1 (P25)
 * @param lastUncleanEpoch the leader epoch that began by an unclean election, 0 for never (P13)
 */
public record PartitionState(
        int leader,
        int leaderEpoch,
        int partitionEpoch,
        List<Integer> replicas,
        List<Integer> isr,
        List<Integer> elr,
        int minIsr,
        int lastUncleanEpoch) {
    public PartitionState {
        replicas = List.copyOf(replicas);
        isr = List.copyOf(isr);
        elr = List.copyOf(elr);
        if (leaderEpoch < 1 || minIsr < 1) {
            throw new IllegalArgumentException("leader epoch " + leaderEpoch + " and min " + minIsr + " begin at 1");
        }
        if (leader != 0 && !isr.contains(leader)) {
            throw new IllegalArgumentException("leader " + leader + " is not in the isr " + isr + " (I14)");
        }
    }
}
