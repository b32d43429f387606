// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal;

import io.varve.client.ErrorDetails;
import io.varve.client.VarveException;
import io.varve.client.errors.CorruptRecordException;
import io.varve.client.errors.DiskFullException;
import io.varve.client.errors.DuplicateSequenceException;
import io.varve.client.errors.FencedLeaderEpochException;
import io.varve.client.errors.InvalidConfigurationException;
import io.varve.client.errors.InvalidPartitionsException;
import io.varve.client.errors.InvalidProducerEpochException;
import io.varve.client.errors.InvalidRecordException;
import io.varve.client.errors.InvalidReplicaAssignmentException;
import io.varve.client.errors.InvalidReplicationFactorException;
import io.varve.client.errors.InvalidRequestException;
import io.varve.client.errors.InvalidRequiredAcksException;
import io.varve.client.errors.InvalidTimestampException;
import io.varve.client.errors.InvalidTopicException;
import io.varve.client.errors.LeaderNotAvailableException;
import io.varve.client.errors.LogTruncationException;
import io.varve.client.errors.NetworkException;
import io.varve.client.errors.NoOffsetForPartitionException;
import io.varve.client.errors.NotControllerException;
import io.varve.client.errors.NotEnoughReplicasAfterAppendException;
import io.varve.client.errors.NotEnoughReplicasException;
import io.varve.client.errors.NotLeaderOrFollowerException;
import io.varve.client.errors.OffsetOutOfRangeException;
import io.varve.client.errors.OutOfOrderSequenceException;
import io.varve.client.errors.QuorumUnavailableException;
import io.varve.client.errors.RecordTooLargeException;
import io.varve.client.errors.SerializationException;
import io.varve.client.errors.StorageException;
import io.varve.client.errors.ThrottlingQuotaExceededException;
import io.varve.client.errors.TimeoutException;
import io.varve.client.errors.TopicExistsException;
import io.varve.client.errors.UnknownLeaderEpochException;
import io.varve.client.errors.UnknownProducerIdException;
import io.varve.client.errors.UnknownServerException;
import io.varve.client.errors.UnknownTopicIdException;
import io.varve.client.errors.UnknownTopicOrPartitionException;
import io.varve.client.errors.UnsupportedCompressionTypeException;
import io.varve.client.errors.UnsupportedVersionException;
import java.util.Map;
import java.util.function.Function;

/** The exception class of each reason. <i>Thread-safe.</i> */
public final class Exceptions {
    private static final Map<String, Function<ErrorDetails, VarveException>> BY_REASON = Map.ofEntries(
            Map.entry("UNKNOWN_TOPIC_OR_PARTITION", UnknownTopicOrPartitionException::new),
            Map.entry("UNKNOWN_TOPIC_ID", UnknownTopicIdException::new),
            Map.entry("TOPIC_ALREADY_EXISTS", TopicExistsException::new),
            Map.entry("INVALID_TOPIC_EXCEPTION", InvalidTopicException::new),
            Map.entry("INVALID_PARTITIONS", InvalidPartitionsException::new),
            Map.entry("INVALID_REPLICATION_FACTOR", InvalidReplicationFactorException::new),
            Map.entry("INVALID_REPLICA_ASSIGNMENT", InvalidReplicaAssignmentException::new),
            Map.entry("INVALID_CONFIG", InvalidConfigurationException::new),
            Map.entry("NOT_LEADER_OR_FOLLOWER", NotLeaderOrFollowerException::new),
            Map.entry("LEADER_NOT_AVAILABLE", LeaderNotAvailableException::new),
            Map.entry("FENCED_LEADER_EPOCH", FencedLeaderEpochException::new),
            Map.entry("UNKNOWN_LEADER_EPOCH", UnknownLeaderEpochException::new),
            Map.entry("NOT_ENOUGH_REPLICAS", NotEnoughReplicasException::new),
            Map.entry("NOT_ENOUGH_REPLICAS_AFTER_APPEND", NotEnoughReplicasAfterAppendException::new),
            Map.entry("NOT_CONTROLLER", NotControllerException::new),
            Map.entry("MESSAGE_TOO_LARGE", RecordTooLargeException::new),
            Map.entry("CORRUPT_MESSAGE", CorruptRecordException::new),
            Map.entry("INVALID_RECORD", InvalidRecordException::new),
            Map.entry("UNSUPPORTED_COMPRESSION_TYPE", UnsupportedCompressionTypeException::new),
            Map.entry("INVALID_TIMESTAMP", InvalidTimestampException::new),
            Map.entry("INVALID_REQUIRED_ACKS", InvalidRequiredAcksException::new),
            Map.entry("OFFSET_OUT_OF_RANGE", OffsetOutOfRangeException::new),
            Map.entry("LOG_TRUNCATED", LogTruncationException::new),
            Map.entry("OUT_OF_ORDER_SEQUENCE_NUMBER", OutOfOrderSequenceException::new),
            Map.entry("DUPLICATE_SEQUENCE_NUMBER", DuplicateSequenceException::new),
            Map.entry("INVALID_PRODUCER_EPOCH", InvalidProducerEpochException::new),
            Map.entry("UNKNOWN_PRODUCER_ID", UnknownProducerIdException::new),
            Map.entry("QUORUM_UNAVAILABLE", QuorumUnavailableException::new),
            Map.entry("DISK_FULL", DiskFullException::new),
            Map.entry("KAFKA_STORAGE_ERROR", StorageException::new),
            Map.entry("THROTTLING_QUOTA_EXCEEDED", ThrottlingQuotaExceededException::new),
            Map.entry("INVALID_REQUEST", InvalidRequestException::new),
            Map.entry("REQUEST_TIMED_OUT", TimeoutException::new),
            Map.entry("UNSUPPORTED_VERSION", UnsupportedVersionException::new),
            Map.entry("NETWORK_EXCEPTION", NetworkException::new),
            Map.entry("UNKNOWN_SERVER_ERROR", UnknownServerException::new),
            Map.entry("NO_OFFSET_FOR_PARTITION", NoOffsetForPartitionException::new),
            Map.entry("SERIALIZATION", SerializationException::new));

    private Exceptions() {}

    /** A new exception for the failure; of the common class if its reason is not known here. */
    public static VarveException of(ErrorDetails details) {
        return BY_REASON.getOrDefault(details.reason(), VarveException::new).apply(details);
    }
}
