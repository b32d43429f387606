// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

import io.varve.node.api.LeaderViews.PartitionSight;
import io.varve.proto.v1.DescribeQuorumResponse;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** What this node knows as a leader. Futures never fail. <i>Thread-safe.</i> */
public interface LocalLeaders {

    /** The quorum as this node's voter sees it; without voters if it has none. */
    CompletableFuture<DescribeQuorumResponse> quorum();

    /** A partition that this node leads; with an error for any other. */
    CompletableFuture<PartitionSight> partition(UUID topicId, int partition);
}
