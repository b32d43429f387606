// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal.producer;

import io.varve.client.ErrorDetails;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A topic as one metadata answer has it. <i>Immutable.</i>
 *
 * @param id null when the topic is not there
 * @param error why it is not there
 * @param partitions by number
 */
public record TopicView(
        String name, @Nullable UUID id, @Nullable ErrorDetails error, List<Leader> partitions, int maxBatchBytes) {
    public TopicView {
        partitions = List.copyOf(partitions);
    }

    /**
     * Who leads a partition.
     *
     * @param node 0 for none
     * @param epoch 0 for none
     */
    public record Leader(int node, int epoch) {}
}
