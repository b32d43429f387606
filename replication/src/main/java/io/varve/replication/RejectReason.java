// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

/** Why an append or a read was refused or failed. Each has the name of the public error reason that it becomes at the edge. */
public enum RejectReason {
    NOT_LEADER_OR_FOLLOWER,
    /** This replica is about to lead and still reads what it needs for that. */
    LEADER_NOT_AVAILABLE,
    FENCED_LEADER_EPOCH,
    UNKNOWN_LEADER_EPOCH,
    NOT_ENOUGH_REPLICAS,
    NOT_ENOUGH_REPLICAS_AFTER_APPEND,
    OUT_OF_ORDER_SEQUENCE_NUMBER,
    DUPLICATE_SEQUENCE_NUMBER,
    INVALID_PRODUCER_EPOCH,
    UNKNOWN_PRODUCER_ID,
    INVALID_REQUIRED_ACKS,
    INVALID_REQUEST,
    /** A record says a time that the topic does not take. */
    INVALID_TIMESTAMP,
    REQUEST_TIMED_OUT,
    KAFKA_STORAGE_ERROR,
    DISK_FULL,
    THROTTLING_QUOTA_EXCEEDED,
    OFFSET_OUT_OF_RANGE,
    /** The records before the position are not those that were read there (P32). */
    LOG_TRUNCATED,
    CORRUPT_MESSAGE,
    /** The partition was closed: the node shuts down or the topic was deleted. */
    NETWORK_EXCEPTION,
    /** A broken invariant stopped the replica. */
    UNKNOWN_SERVER_ERROR
}
