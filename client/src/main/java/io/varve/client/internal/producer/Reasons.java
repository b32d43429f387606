// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal.producer;

import io.varve.client.ErrorCode;
import io.varve.client.ErrorDetails;
import io.varve.client.Outcome;
import java.util.Map;
import java.util.Set;

/** What the core does about each reason. Names are those of {@code varve/v1/error.proto}. */
public final class Reasons {
    private static final Set<String> OTHER_LEADER = Set.of(
            "NOT_LEADER_OR_FOLLOWER",
            "LEADER_NOT_AVAILABLE",
            "FENCED_LEADER_EPOCH",
            "UNKNOWN_LEADER_EPOCH",
            "UNKNOWN_TOPIC_OR_PARTITION",
            "UNKNOWN_TOPIC_ID",
            "KAFKA_STORAGE_ERROR",
            "NETWORK_EXCEPTION");
    private static final Set<String> GAP = Set.of("OUT_OF_ORDER_SEQUENCE_NUMBER", "UNKNOWN_PRODUCER_ID");

    private Reasons() {}

    /** The partition may be led elsewhere: ask before the next attempt. */
    static boolean wantsMetadata(ErrorDetails error) {
        return OTHER_LEADER.contains(error.reason());
    }

    /** The leader misses what came before this batch, and did not take it. */
    static boolean isGap(ErrorDetails error) {
        return GAP.contains(error.reason());
    }

    /** The leader had it before, but no longer knows at which offset. */
    static boolean isDuplicate(ErrorDetails error) {
        return error.reason().equals("DUPLICATE_SEQUENCE_NUMBER");
    }

    /** The leader knows a later epoch of this producer id than this producer does. */
    static boolean isForeignEpoch(ErrorDetails error) {
        return error.reason().equals("INVALID_PRODUCER_EPOCH");
    }

    /** Another attempt at this node ends the same way. */
    static boolean isHopeless(ErrorDetails error) {
        return switch (error.code()) {
            case UNIMPLEMENTED, UNAUTHENTICATED, PERMISSION_DENIED -> true;
            default -> false;
        };
    }

    public static ErrorDetails missingPartition(String topic, int partition, int count) {
        return new ErrorDetails(
                ErrorCode.NOT_FOUND,
                "UNKNOWN_TOPIC_OR_PARTITION",
                "partition " + partition + " of topic " + topic + " is not there: it has " + count + " partitions",
                "partitions are numbered from 0",
                true,
                Outcome.NOT_APPLIED,
                Map.of("topic", topic, "partition", Integer.toString(partition)),
                null);
    }

    static ErrorDetails noLeader(String topic, int partition) {
        return new ErrorDetails(
                ErrorCode.UNAVAILABLE,
                "LEADER_NOT_AVAILABLE",
                "partition " + topic + "-" + partition + " has no leader at the moment",
                "",
                true,
                Outcome.NOT_APPLIED,
                Map.of("topic", topic, "partition", Integer.toString(partition)),
                null);
    }

    static ErrorDetails timedOut(String topic, int partition, String what, long timeoutNanos) {
        return new ErrorDetails(
                ErrorCode.DEADLINE_EXCEEDED,
                "REQUEST_TIMED_OUT",
                "partition " + topic + "-" + partition + ": " + what + " within " + timeoutNanos / 1_000_000 + " ms",
                "",
                true,
                Outcome.NOT_APPLIED,
                Map.of("topic", topic, "partition", Integer.toString(partition)),
                null);
    }
}
