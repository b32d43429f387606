// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** The partitions that this node leads. <i>Thread-safe.</i> */
public interface LocalPartitions {

    /** Empty for a partition that this node does not lead. */
    Optional<PartitionNumbers> numbers(UUID topicId, int partition);

    /** Completes when this node's partitions have taken up everything that the metadata said up to this index. */
    CompletableFuture<Void> whenApplied(long metadataIndex);
}
