// SPDX-License-Identifier: Apache-2.0
package io.varve.client;

import java.util.List;

/**
 * A partition as the metadata has it. <i>Immutable.</i>
 *
 * @param leader the leader's node id; 0 for none
 * @param leaderEpoch from 1; 0 for none
 * @param replicas node ids, the preferred leader first
 * @param isr node ids
 */
public record PartitionInfo(
        String topic, int partition, int leader, int leaderEpoch, List<Integer> replicas, List<Integer> isr) {
    public PartitionInfo {
        replicas = List.copyOf(replicas);
        isr = List.copyOf(isr);
    }
}
