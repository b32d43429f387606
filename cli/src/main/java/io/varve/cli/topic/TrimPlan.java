// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.topic;

import io.varve.cli.PartitionName;
import io.varve.cli.records.LogBounds;
import io.varve.cli.records.Position;
import io.varve.cli.records.TopicLookup;
import io.varve.client.DeleteRecordsResult;
import io.varve.client.TopicPartition;
import io.varve.client.VarveClient;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a trim would delete, in offsets: positions are resolved once, so that what is shown is what is done. Immutable.
 *
 * @param cuts of every partition that is meant, in the order asked for
 */
record TrimPlan(Map<TopicPartition, Cut> cuts) {

    /**
     * @param start of the log now
     * @param before the first offset that stays, from {@code start} to the high watermark
     */
    record Cut(long start, long before) {
        /** Offsets, that is: of a compacted topic some may be gone already. */
        long records() {
            return before - start;
        }
    }

    static TrimPlan make(VarveClient client, List<PartitionName> names, Position position) {
        List<TopicPartition> partitions = partitions(client, names);
        LogBounds bounds = LogBounds.ask(client.admin(), partitions);
        Map<TopicPartition, Long> wanted = bounds.offsets(position);
        Map<TopicPartition, Cut> cuts = new LinkedHashMap<>();
        for (TopicPartition partition : partitions) {
            long start = bounds.start(partition);
            long end = Math.max(start, bounds.end(partition));
            long before = Math.min(end, Math.max(start, wanted.getOrDefault(partition, 0L)));
            cuts.put(partition, new Cut(start, before));
        }
        return new TrimPlan(cuts);
    }

    long records() {
        return cuts.values().stream().mapToLong(Cut::records).sum();
    }

    /** Where each log starts when nothing is done. */
    List<DeleteRecordsResult> unchanged() {
        return cuts.entrySet().stream()
                .map(cut -> new DeleteRecordsResult(cut.getKey(), cut.getValue().start(), Optional.empty()))
                .toList();
    }

    private static List<TopicPartition> partitions(VarveClient client, List<PartitionName> names) {
        List<TopicPartition> all = new ArrayList<>();
        for (PartitionName name : names) {
            int count = TopicLookup.describe(client, name.topic()).partitions().size();
            if (name.partition().isPresent() && name.partition().getAsInt() >= count) {
                throw TopicLookup.noSuchPartition(name.topic(), name.partition().getAsInt(), count);
            }
            for (int p = 0; p < count; p++) {
                if (name.partition().orElse(p) == p) {
                    all.add(TopicPartition.of(name.topic(), p));
                }
            }
        }
        return all.stream().distinct().toList();
    }
}
