// SPDX-License-Identifier: Apache-2.0
package io.varve.node.data;

import io.grpc.Deadline;
import io.varve.proto.v1.AppendRequest;
import io.varve.proto.v1.AppendResponse;
import io.varve.proto.v1.DeleteRecordsRequest;
import io.varve.proto.v1.DeleteRecordsResponse;
import io.varve.proto.v1.ReadRequest;
import io.varve.proto.v1.ReadResponse;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The way to the node that leads a partition, for single calls of clients that reach only this one. *Thread-safe*, never blocking. */
public interface LeaderCalls {
    /** The node that leads the partition, if it is another one and known; else 0. */
    int elsewhere(UUID topicId, int partition);

    /** Fails with a status that carries an error. */
    CompletableFuture<AppendResponse> append(int nodeId, AppendRequest request, @Nullable Deadline deadline);

    /** Fails with a status that carries an error. */
    CompletableFuture<ReadResponse> read(int nodeId, ReadRequest request, @Nullable Deadline deadline);

    /** Fails with a status that carries an error. */
    CompletableFuture<DeleteRecordsResponse> deleteRecords(
            int nodeId, DeleteRecordsRequest request, @Nullable Deadline deadline);
}
