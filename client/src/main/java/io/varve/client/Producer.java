// SPDX-License-Identifier: Apache-2.0
package io.varve.client;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Appends records to topics. Records are collected into one batch per partition and sent when the batch is full or has
 * lingered long enough; failures that may pass are retried until the delivery timeout. An idempotent producer (the
 * default) stores each record once and in order within its partition, however often it retries.
 *
 * <p>Every failure is reported through the future or callback, as a {@link VarveException} whose
 * {@link VarveException#outcome()} says whether the record may have been stored all the same. Futures and callbacks
 * complete exactly once, in order within a partition, on a thread of the producer that runs nothing but user code.
 *
 * <p><i>Thread-safe.</i>
 */
public interface Producer<K, V> extends AutoCloseable {
    /**
     * Takes a record and returns at once; with {@link BufferFull#BLOCK} it may wait for room.
     *
     * @throws IllegalStateException after {@link #close()}
     */
    CompletableFuture<RecordMetadata> send(ProducerRecord<K, V> record);

    /** As {@link #send(ProducerRecord)}, telling a callback instead of completing a future. */
    void send(ProducerRecord<K, V> record, SendCallback callback);

    /**
     * Sends and waits for the outcome, without lingering.
     *
     * @throws VarveException as the future would have failed
     */
    RecordMetadata sendSync(ProducerRecord<K, V> record);

    /** One future for each record, in the same order. Not atomic: some may fail while others succeed. */
    List<CompletableFuture<RecordMetadata>> sendAll(List<ProducerRecord<K, V>> records);

    /** Sends what lingers and waits until every record sent before this call has its outcome, good or bad. */
    void flush();

    /** The partitions of a topic, ordered by number. */
    List<PartitionInfo> partitionsFor(String topic);

    /** Counts since the producer was built. */
    ProducerMetrics metrics();

    /** As {@link #close(Duration)} with the delivery timeout. */
    @Override
    void close();

    /**
     * Takes no more records, waits up to the timeout for those under way, then fails the rest: as indeterminate where
     * they may be stored. With {@link Acks#NONE} it waits until the nodes have read what was sent; only a connection that
     * fails, or the timeout, loses records then. When this returns no thread of the producer is left. May be called again.
     */
    void close(Duration timeout);
}
