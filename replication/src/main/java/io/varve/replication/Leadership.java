// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

import java.util.List;

/**
 * What the metadata says about a partition that this node leads. *Immutable.*
 *
 * @param leaderEpoch at least 1
 * @param partitionEpoch grows with every change of the partition; an older one than the replica has seen is ignored (P3)
 * @param isr node ids, this node among them
 * @param minIsr the effective {@code min.insync.replicas}, at least 1
 */
public record Leadership(int leaderEpoch, int partitionEpoch, List<Integer> isr, int minIsr) {
    public Leadership {
        isr = List.copyOf(isr);
        if (leaderEpoch < 1 || minIsr < 1 || isr.isEmpty()) {
            throw new IllegalArgumentException("leadership with leader epoch " + leaderEpoch + ", isr " + isr + ", min "
                    + minIsr + ": epochs and min begin at 1, an isr has a member");
        }
    }
}
