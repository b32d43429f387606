// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

import java.util.concurrent.CompletableFuture;

/** The partitions of this node. <i>Thread-safe.</i> */
@FunctionalInterface
public interface LocalPartitions {

    /** Completes when this node's partitions have taken up everything that the metadata said up to this index. */
    CompletableFuture<Void> whenApplied(long metadataIndex);
}
