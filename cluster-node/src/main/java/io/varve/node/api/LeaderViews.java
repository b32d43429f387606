// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

import io.varve.metadata.image.PartitionImage;
import io.varve.proto.v1.DescribeQuorumResponse;
import io.varve.proto.v1.Error;
import io.varve.proto.v1.LeaderView;
import io.varve.proto.v1.ReplicaState;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** What only leaders know, asked of them wherever they are. Futures never fail. <i>Thread-safe.</i> */
public interface LeaderViews {

    /** Node ids with a vote in the metadata quorum. */
    Set<Integer> voters();

    /** The quorum as its leader sees it; with an error and less in it when the leader cannot be asked. */
    CompletableFuture<DescribeQuorumResponse> quorum();

    /** A partition that has a leader, as that one sees it. */
    CompletableFuture<PartitionSight> partition(UUID topicId, PartitionImage partition);

    /**
     * What a leader tells. <i>Immutable.</i>
     *
     * @param view empty when it could not be asked: then {@code error} says why
     * @param replicas the leader itself among them, in no order; the answering node adds what the metadata says
     */
    record PartitionSight(Optional<LeaderView> view, List<ReplicaState> replicas, Optional<Error> error) {

        public PartitionSight {
            replicas = List.copyOf(replicas);
        }

        public static PartitionSight of(LeaderView view, List<ReplicaState> replicas) {
            return new PartitionSight(Optional.of(view), replicas, Optional.empty());
        }

        public static PartitionSight missing(Error why) {
            return new PartitionSight(Optional.empty(), List.of(), Optional.of(why));
        }
    }
}
