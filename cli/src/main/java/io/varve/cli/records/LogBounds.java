// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.records;

import io.varve.client.Admin;
import io.varve.client.Start;
import io.varve.client.TopicPartition;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where logs begin and end at one moment, and what positions mean in them. A partition of which nothing is known begins and
 * ends at 0. Immutable, but for the questions that {@link #offsets} asks.
 */
public final class LogBounds {
    private final Admin admin;
    private final List<TopicPartition> partitions;
    private final Map<TopicPartition, Long> starts;
    private final Map<TopicPartition, Long> watermarks;

    private LogBounds(Admin admin, List<TopicPartition> partitions) {
        this.admin = admin;
        this.partitions = List.copyOf(partitions);
        starts = resolve(Start.EARLIEST);
        watermarks = resolve(Start.LATEST);
    }

    public static LogBounds ask(Admin admin, List<TopicPartition> partitions) {
        return new LogBounds(admin, partitions);
    }

    public long start(TopicPartition partition) {
        return starts.getOrDefault(partition, 0L);
    }

    /** The high watermark. */
    public long end(TopicPartition partition) {
        return watermarks.getOrDefault(partition, 0L);
    }

    /** The offset of a position in each partition, inside its bounds or not; without another question where that is known. */
    public Map<TopicPartition, Long> offsets(Position position) {
        if (position instanceof Position.Beginning) {
            return starts;
        }
        if (position instanceof Position.End) {
            return watermarks;
        }
        if (position instanceof Position.Time time) {
            return resolve(Start.at(time.instant()));
        }
        long offset = ((Position.Offset) position).offset();
        Map<TopicPartition, Long> offsets = new LinkedHashMap<>();
        partitions.forEach(partition -> offsets.put(partition, offset));
        return offsets;
    }

    private Map<TopicPartition, Long> resolve(Start position) {
        Map<TopicPartition, Start> asked = new LinkedHashMap<>();
        partitions.forEach(partition -> asked.put(partition, position));
        Map<TopicPartition, Long> offsets = new LinkedHashMap<>();
        admin.listOffsets(asked).join().forEach((partition, found) -> offsets.put(partition, found.offset()));
        return offsets;
    }
}
