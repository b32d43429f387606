// SPDX-License-Identifier: Apache-2.0
package io.varve.node.data;

import io.grpc.Deadline;
import io.varve.proto.ErrorReasons;
import io.varve.proto.v1.DeleteRecordsRequest;
import io.varve.proto.v1.DeleteRecordsResponse;
import io.varve.proto.v1.DeleteRecordsResult;
import io.varve.proto.v1.Error;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.Outcome;
import io.varve.proto.v1.RecordsToDelete;
import io.varve.replication.OffsetAnswer;
import io.varve.replication.Partition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Deletes the records before an offset, by the leader of each partition: here, or passed on once. *Thread-safe*, never
 * blocking.
 */
public final class RecordDeletions {
    private static final long NO_OFFSET = -1;

    private final PartitionLookup lookup;
    private final @Nullable LeaderCalls leaders;

    /** @param leaders the way to other nodes; null for one that does only what it leads itself */
    public RecordDeletions(PartitionLookup lookup, @Nullable LeaderCalls leaders) {
        this.lookup = lookup;
        this.leaders = leaders;
    }

    /** One result for each partition, in the same order. Never fails. */
    public CompletableFuture<DeleteRecordsResponse> delete(DeleteRecordsRequest request, @Nullable Deadline deadline) {
        boolean forward = !request.hasAllowForward() || request.getAllowForward();
        List<RecordsToDelete> wanted = request.getPartitionsList();
        List<CompletableFuture<DeleteRecordsResult>> results = new ArrayList<>();
        Map<Integer, List<Integer>> elsewhere = new TreeMap<>(); // by node, which of them
        for (int i = 0; i < wanted.size(); i++) {
            int leader = forward ? leader(wanted.get(i)) : 0;
            if (leader == 0) {
                results.add(here(wanted.get(i)));
            } else {
                results.add(new CompletableFuture<>());
                elsewhere.computeIfAbsent(leader, node -> new ArrayList<>()).add(i);
            }
        }
        elsewhere.forEach((node, which) -> passOn(node, which, wanted, deadline, results));
        return CompletableFuture.allOf(results.toArray(CompletableFuture<?>[]::new))
                .thenApply(done -> {
                    DeleteRecordsResponse.Builder response = DeleteRecordsResponse.newBuilder();
                    results.forEach(result -> response.addResults(result.join()));
                    return response.build();
                });
    }

    /** Another node that leads it; 0 for this one, and where nobody knows. */
    private int leader(RecordsToDelete one) {
        PartitionLookup.Topic topic = lookup.topic(one.getTopic());
        return leaders == null || topic == null ? 0 : leaders.elsewhere(topic.id(), one.getPartition());
    }

    private void passOn(
            int node,
            List<Integer> which,
            List<RecordsToDelete> wanted,
            @Nullable Deadline deadline,
            List<CompletableFuture<DeleteRecordsResult>> results) {
        LeaderCalls others = leaders;
        if (others == null) {
            throw new IllegalStateException("nothing is passed on without a way to node " + node);
        }
        DeleteRecordsRequest.Builder question = DeleteRecordsRequest.newBuilder();
        which.forEach(i -> question.addPartitions(wanted.get(i)));
        var unused = others.deleteRecords(node, question.build(), deadline).whenComplete((answer, failure) -> {
            for (int k = 0; k < which.size(); k++) {
                int i = which.get(k);
                DeleteRecordsResult result = failure == null && k < answer.getResultsCount()
                        ? answer.getResults(k)
                        : failed(wanted.get(i), lost(node, failure));
                results.get(i).complete(result);
            }
        });
    }

    /** Deleting to the same offset once more does no harm, but whether it happened is not known. */
    private static Error lost(int node, @Nullable Throwable failure) {
        Throwable cause = failure == null ? new IllegalStateException("too few results") : failure;
        return ErrorReasons.fromThrowable(cause.getCause() == null ? cause : cause.getCause())
                .or(() -> ErrorReasons.fromThrowable(cause))
                .orElseGet(() -> ErrorReasons.error(
                        ErrorReason.ERROR_REASON_NETWORK_EXCEPTION,
                        "node " + node + ", the leader, did not answer: " + cause.getMessage(),
                        "try again",
                        Outcome.OUTCOME_INDETERMINATE,
                        Map.of("leader", Integer.toString(node))));
    }

    private CompletableFuture<DeleteRecordsResult> here(RecordsToDelete one) {
        PartitionLookup.Topic topic = lookup.topic(one.getTopic());
        if (topic == null) {
            return CompletableFuture.completedFuture(failed(one, lookup.whyNoTopic(one.getTopic())));
        }
        Partition partition = lookup.find(topic.id(), one.getPartition());
        if (partition == null) {
            return CompletableFuture.completedFuture(failed(one, lookup.whyMissing(topic.id(), one.getPartition())));
        }
        if (one.getBeforeOffset() < Partition.HIGH_WATERMARK) {
            return CompletableFuture.completedFuture(failed(
                    one,
                    StatusMapper.refused(
                            ErrorReason.ERROR_REASON_INVALID_REQUEST,
                            "partition " + partition.name() + ": before_offset is " + one.getBeforeOffset()
                                    + ", not -1 or more")));
        }
        return partition.trim(one.getBeforeOffset()).thenApply(answer -> {
            if (answer instanceof OffsetAnswer.Found found) {
                return result(one).setLogStartOffset(found.offset()).build();
            }
            Error why = StatusMapper.of((OffsetAnswer.Refused) answer);
            return failed(one, StatusMapper.withLeader(why, lookup, topic.id(), one.getPartition()));
        });
    }

    private static DeleteRecordsResult failed(RecordsToDelete one, Error why) {
        return result(one).setLogStartOffset(NO_OFFSET).setError(why).build();
    }

    private static DeleteRecordsResult.Builder result(RecordsToDelete one) {
        return DeleteRecordsResult.newBuilder().setTopic(one.getTopic()).setPartition(one.getPartition());
    }
}
