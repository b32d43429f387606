// SPDX-License-Identifier: Apache-2.0
package io.varve.it.load;

import io.varve.client.Consumer;
import io.varve.client.ConsumerRecord;
import io.varve.client.TopicPartition;
import io.varve.client.VarveClient;
import io.varve.it.history.AcknowledgedRecordsChecker;
import io.varve.it.history.ConsumedRecord;
import io.varve.it.history.Finding;
import io.varve.it.history.PartitionHistory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads partitions from their beginning to the end seen at the start. */
public final class ReadBack {
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration STUCK = Duration.ofSeconds(30);

    private ReadBack() {}

    /** Everything committed in these partitions; fails when nothing comes for half a minute. */
    public static Map<TopicPartition, List<ConsumedRecord>> all(VarveClient client, Set<TopicPartition> partitions) {
        Map<TopicPartition, List<ConsumedRecord>> read = new HashMap<>();
        partitions.forEach(p -> read.put(p, new ArrayList<>()));
        try (Consumer<byte[], byte[]> consumer = client.consumer().build()) {
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long deadline = System.nanoTime() + STUCK.toNanos();
            while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.getOrDefault(p, 0L))) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    byte[] value = record.value();
                    read.getOrDefault(record.topicPartition(), new ArrayList<>())
                            .add(new ConsumedRecord(record.offset(), Payload.sequenceOf(value), Payload.hashOf(value)));
                    deadline = System.nanoTime() + STUCK.toNanos();
                }
                if (System.nanoTime() > deadline) {
                    throw new AssertionError("the consumer is stuck below " + ends);
                }
            }
        }
        return read;
    }

    /** Reads all partitions of these histories and says what is wrong with them. */
    public static List<Finding> check(VarveClient client, Map<TopicPartition, PartitionHistory> histories) {
        Map<TopicPartition, List<ConsumedRecord>> read = all(client, histories.keySet());
        List<Finding> findings = new ArrayList<>();
        histories.forEach((partition, history) ->
                findings.addAll(AcknowledgedRecordsChecker.check(history, read.getOrDefault(partition, List.of()))));
        return findings;
    }
}
