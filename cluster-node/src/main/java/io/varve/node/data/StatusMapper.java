// SPDX-License-Identifier: Apache-2.0
package io.varve.node.data;

import io.varve.proto.ErrorReasons;
import io.varve.proto.v1.Error;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.Outcome;
import io.varve.record.BatchCheck;
import io.varve.replication.AppendResult;
import io.varve.replication.OffsetAnswer;
import io.varve.replication.RejectReason;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** The one place where refusals of partitions become errors of the public API. *Thread-safe.* */
final class StatusMapper {
    private static final Map<RejectReason, ErrorReason> REASONS = reasons();
    private static final Map<RejectReason, String> HINTS = hints();

    private static final Set<ErrorReason> OTHER_LEADER = EnumSet.of(
            ErrorReason.ERROR_REASON_NOT_LEADER_OR_FOLLOWER,
            ErrorReason.ERROR_REASON_LEADER_NOT_AVAILABLE,
            ErrorReason.ERROR_REASON_FENCED_LEADER_EPOCH);

    private StatusMapper() {}

    static ErrorReason reason(RejectReason reason) {
        return REASONS.getOrDefault(reason, ErrorReason.ERROR_REASON_UNKNOWN_SERVER_ERROR);
    }

    static Error of(AppendResult.Rejected rejected) {
        return error(rejected.reason(), rejected.message(), Outcome.OUTCOME_NOT_APPLIED);
    }

    static Error of(AppendResult.Indeterminate unknown) {
        return error(unknown.reason(), unknown.message(), Outcome.OUTCOME_INDETERMINATE);
    }

    static Error of(OffsetAnswer.Refused refused) {
        return refused(refused.reason(), refused.message());
    }

    static Error refused(RejectReason reason, String message) {
        return error(reason, message, Outcome.OUTCOME_NOT_APPLIED);
    }

    /** Records that were read are gone; reading may go on at {@code endOffset}. */
    static Error truncated(long endOffset, String message) {
        return refused(RejectReason.LOG_TRUNCATED, message).toBuilder()
                .putMetadata("endOffset", Long.toString(endOffset))
                .build();
    }

    static Error refused(ErrorReason reason, String message) {
        return ErrorReasons.error(reason, message);
    }

    private static Error error(RejectReason reason, String message, Outcome outcome) {
        return ErrorReasons.error(reason(reason), message, HINTS.getOrDefault(reason, ""), outcome, Map.of());
    }

    /** Says who leads instead, if that is what the error is about. */
    static Error withLeader(Error error, PartitionLookup lookup, UUID topicId, int partition) {
        return OTHER_LEADER.contains(error.getReason())
                ? error.toBuilder()
                        .putAllMetadata(lookup.leader(topicId, partition))
                        .build()
                : error;
    }

    /** For a batch that is not what a producer may send. */
    static Error of(BatchCheck check, String partition) {
        String message = "partition " + partition + ": " + check.detail();
        return switch (check.kind()) {
            case TOO_LARGE ->
                ErrorReasons.error(
                        ErrorReason.ERROR_REASON_MESSAGE_TOO_LARGE,
                        message,
                        "send smaller batches, or raise max.message.bytes of the topic",
                        Outcome.OUTCOME_NOT_APPLIED,
                        Map.of());
            case BAD_CRC, TOO_SHORT, BAD_LENGTH, NOT_ONE_BATCH ->
                refused(ErrorReason.ERROR_REASON_CORRUPT_MESSAGE, message);
            case BAD_CODEC -> refused(ErrorReason.ERROR_REASON_UNSUPPORTED_COMPRESSION_TYPE, message);
            default -> refused(ErrorReason.ERROR_REASON_INVALID_RECORD, message);
        };
    }

    private static Map<RejectReason, ErrorReason> reasons() {
        Map<RejectReason, ErrorReason> reasons = new EnumMap<>(RejectReason.class);
        for (RejectReason reason : RejectReason.values()) {
            reasons.put(reason, ErrorReason.valueOf("ERROR_REASON_" + reason.name()));
        }
        return reasons;
    }

    private static Map<RejectReason, String> hints() {
        Map<RejectReason, String> hints = new EnumMap<>(RejectReason.class);
        String refresh = "refresh the metadata and go to the leader that it names";
        hints.put(RejectReason.NOT_LEADER_OR_FOLLOWER, refresh);
        hints.put(RejectReason.FENCED_LEADER_EPOCH, refresh);
        hints.put(RejectReason.UNKNOWN_LEADER_EPOCH, "try again: this node is about to learn of it");
        hints.put(RejectReason.LEADER_NOT_AVAILABLE, "try again soon");
        hints.put(RejectReason.INVALID_REQUIRED_ACKS, "use acks=all, or a producer without idempotence");
        hints.put(
                RejectReason.INVALID_TIMESTAMP,
                "set the producer's clock right, or let the leader stamp the topic (message.timestamp.type=LogAppendTime)");
        hints.put(RejectReason.UNKNOWN_PRODUCER_ID, "begin a new producer epoch once nothing is outstanding");
        hints.put(RejectReason.INVALID_PRODUCER_EPOCH, "a newer instance of this producer is at work");
        hints.put(
                RejectReason.DISK_FULL,
                "delete topics, lower their retention, or give the node a larger disk; producers go on by themselves then");
        hints.put(RejectReason.KAFKA_STORAGE_ERROR, "look into the node's log");
        hints.put(RejectReason.THROTTLING_QUOTA_EXCEEDED, "try again with fewer batches in flight");
        hints.put(RejectReason.OFFSET_OUT_OF_RANGE, "start from the beginning or the end");
        hints.put(RejectReason.LOG_TRUNCATED, "read on from the end offset that the error names");
        return hints;
    }
}
