// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal.consume;

import io.varve.client.ConsumerRecord;
import io.varve.client.ConsumerRecords;
import io.varve.client.ErrorCode;
import io.varve.client.ErrorDetails;
import io.varve.client.Header;
import io.varve.client.Outcome;
import io.varve.client.Serde;
import io.varve.client.TopicPartition;
import io.varve.record.BatchReader;
import io.varve.record.InvalidBatchException;
import io.varve.record.LogRecord;
import io.varve.record.RecordHeader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Takes records out of what was fetched, and moves positions. <i>Confined to the consumer's thread.</i> */
final class RecordDecoder<K, V> {
    private final Serde<K> keySerde;
    private final Serde<V> valueSerde;
    private final ConsumerCounts counts;
    private int rotation;

    RecordDecoder(Serde<K> keySerde, Serde<V> valueSerde, ConsumerCounts counts) {
        this.keySerde = keySerde;
        this.valueSerde = valueSerde;
        this.counts = counts;
    }

    /** At most so many records; partitions take turns in being first. */
    ConsumerRecords<K, V> take(Collection<PartitionCursor> cursors, int max) {
        List<PartitionCursor> order = new ArrayList<>(cursors);
        Map<TopicPartition, List<ConsumerRecord<K, V>>> taken = new LinkedHashMap<>();
        int left = max;
        rotation = order.isEmpty() ? 0 : (rotation + 1) % order.size();
        for (int i = 0; i < order.size() && left > 0; i++) {
            PartitionCursor cursor = order.get((rotation + i) % order.size());
            if (cursor.paused || !cursor.hasFetched() || cursor.stuck) {
                continue;
            }
            List<ConsumerRecord<K, V>> records = new ArrayList<>();
            take(cursor, records, left);
            cursor.giveCredit();
            if (!records.isEmpty()) {
                taken.put(cursor.partition, records);
                left -= records.size();
            }
        }
        counts.records.add(max - left);
        return new ConsumerRecords<>(taken);
    }

    private void take(PartitionCursor cursor, List<ConsumerRecord<K, V>> records, int max) {
        FetchedBatches head = cursor.head();
        while (head != null && records.size() < max) {
            try {
                BatchReader batch = head.current();
                if (batch == null) {
                    cursor.position = Math.max(cursor.position, head.endOffset());
                    counts.buffered.add(-cursor.removeHead());
                    head = cursor.head();
                    continue;
                }
                LogRecord record = batch.next();
                if (record.offset() >= cursor.position) {
                    ConsumerRecord<K, V> decoded = decode(cursor.partition, record, head.leaderEpoch());
                    records.add(decoded);
                    cursor.position = record.offset() + 1;
                    cursor.lastReadEpoch = head.leaderEpoch();
                }
            } catch (InvalidBatchException e) {
                cursor.fail(damaged(cursor, head.baseOffset(), e), true);
                return;
            } catch (NotDecoded e) {
                // Thrown by poll as often as it is called: a record is not lost because its serde failed.
                cursor.fail(e.details, true);
                return;
            }
        }
    }

    private ConsumerRecord<K, V> decode(TopicPartition partition, LogRecord record, int leaderEpoch) throws NotDecoded {
        try {
            return new ConsumerRecord<>(
                    partition.topic(),
                    partition.partition(),
                    record.offset(),
                    record.timestampMs(),
                    leaderEpoch,
                    value(keySerde, partition.topic(), record.key()),
                    value(valueSerde, partition.topic(), record.value()),
                    headers(record.headers()));
        } catch (RuntimeException e) {
            throw new NotDecoded(new ErrorDetails(
                    ErrorCode.INVALID_ARGUMENT,
                    "SERIALIZATION",
                    "partition " + partition + ": the record at offset " + record.offset()
                            + " could not be deserialized: " + e,
                    "seek behind it, or read it as bytes",
                    false,
                    Outcome.NOT_APPLIED,
                    detail(partition, record.offset()),
                    e));
        }
    }

    private static <T> @Nullable T value(Serde<T> serde, String topic, @Nullable ByteBuffer bytes) {
        return bytes == null ? null : serde.deserialize(topic, copy(bytes));
    }

    private static byte[] copy(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(bytes.position(), copy);
        return copy;
    }

    private static List<Header> headers(List<RecordHeader> headers) {
        return headers.isEmpty()
                ? List.of()
                : headers.stream()
                        .map(h -> {
                            ByteBuffer value = h.value();
                            return new Header(h.key(), value == null ? null : copy(value));
                        })
                        .toList();
    }

    private static ErrorDetails damaged(PartitionCursor cursor, long baseOffset, InvalidBatchException e) {
        return new ErrorDetails(
                ErrorCode.DATA_LOSS,
                "CORRUPT_MESSAGE",
                "partition " + cursor.partition + ": the batch at offset " + baseOffset + " is damaged: "
                        + e.getMessage(),
                "seek behind it to go on",
                false,
                Outcome.NOT_APPLIED,
                detail(cursor.partition, baseOffset),
                e);
    }

    private static Map<String, String> detail(TopicPartition partition, long offset) {
        return Map.of(
                "topic",
                partition.topic(),
                "partition",
                Integer.toString(partition.partition()),
                "offset",
                Long.toString(offset));
    }

    private static final class NotDecoded extends Exception {
        private static final long serialVersionUID = 1L;
        private final transient ErrorDetails details;

        NotDecoded(ErrorDetails details) {
            super(details.message(), details.cause());
            this.details = details;
        }
    }
}
