// SPDX-License-Identifier: Apache-2.0
package io.varve.client;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads committed records of the partitions assigned to it, each from a position that moves with what {@link #poll}
 * returns. Nodes push ahead of the position as far as the prefetch budget goes, so memory is bounded by it (plus one
 * batch per partition); decoding happens on the caller's thread. A broken connection is replaced and reading goes on at
 * the position.
 *
 * <p><i>Confined to one thread at a time</i>: a call while another thread is inside throws
 * {@link java.util.ConcurrentModificationException} naming both threads. {@link #wakeup}, {@link #close} and
 * {@link #metrics} are <i>thread-safe</i>.
 */
public interface Consumer<K, V> extends AutoCloseable {
    /**
     * Reads these partitions and no others. Those that stay keep their position and what was prefetched; new ones begin
     * where {@link ConsumerBuilder#startFrom} says.
     */
    void assign(Collection<TopicPartition> partitions);

    Set<TopicPartition> assignment();

    /** The next record returned for the partition is that at the offset, or the first one after it. */
    void seek(TopicPartition partition, long offset);

    /** As {@link #seek(TopicPartition, long)}, with a position that is resolved by the next poll. */
    void seek(TopicPartition partition, Start start);

    void seekToBeginning(Collection<TopicPartition> partitions);

    void seekToEnd(Collection<TopicPartition> partitions);

    /**
     * Returns records as soon as there is at least one, at most as many as {@link ConsumerBuilder#maxPollRecords} says;
     * none when the time is up. Failures that may pass are retried inside; others are thrown, and the consumer can be
     * used again after a seek.
     *
     * @throws io.varve.client.errors.WakeupException after {@link #wakeup}
     * @throws io.varve.client.errors.OffsetOutOfRangeException with {@link OutOfRange#FAIL}
     * @throws io.varve.client.errors.UnknownTopicOrPartitionException for a partition that is not there
     * @throws io.varve.client.errors.CorruptRecordException for a damaged batch, naming its offset
     */
    ConsumerRecords<K, V> poll(Duration timeout);

    /** The offset of the next record that poll would return; resolves it first if need be. */
    long position(TopicPartition partition);

    /** The first offset of each partition that still exists. */
    Map<TopicPartition, Long> beginningOffsets(Collection<TopicPartition> partitions);

    /** The end of the committed records (exclusive) of each partition. */
    Map<TopicPartition, Long> endOffsets(Collection<TopicPartition> partitions);

    /** The first record with the given time or a later one, for each partition; empty if there is none. */
    Map<TopicPartition, Optional<OffsetAndTimestamp>> offsetsForTimes(Map<TopicPartition, Instant> times);

    /** Poll returns nothing of these partitions until they are resumed; what was prefetched is kept. */
    void pause(Collection<TopicPartition> partitions);

    void resume(Collection<TopicPartition> partitions);

    Set<TopicPartition> paused();

    /** Makes a poll that is waiting, or else the next one, throw {@link io.varve.client.errors.WakeupException}. */
    void wakeup();

    ConsumerMetrics metrics();

    /** Ends all subscriptions. A poll that is waiting in another thread ends with a WakeupException. */
    @Override
    void close();
}
