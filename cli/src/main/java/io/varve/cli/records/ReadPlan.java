// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.records;

import io.varve.client.TopicPartition;
import io.varve.client.VarveClient;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What to read, in offsets: positions are resolved once, before the first record. Immutable.
 *
 * @param ranges of the partitions that have something to read, in the order asked for
 * @param notices what the user may not expect
 */
record ReadPlan(Map<TopicPartition, Range> ranges, List<String> notices, boolean follow) {
    /**
     * Invariant: begin &lt;= end, begin &lt; end unless following.
     *
     * @param begin the first offset to print
     * @param end the first offset not to print; {@link Long#MAX_VALUE} when following
     * @param log the partition when it was planned
     */
    record Range(long begin, long end, ReadRecord.Log log) {}

    /** What the command line asks for; no partitions means all. */
    record Request(List<String> topics, List<Integer> partitions, Position from, Position to, boolean follow) {}

    static ReadPlan make(VarveClient client, Request request) {
        List<TopicPartition> partitions = partitions(client, request);
        LogBounds bounds = LogBounds.ask(client.admin(), partitions);
        Map<TopicPartition, Long> begins = bounds.offsets(request.from());
        Map<TopicPartition, Long> ends = bounds.offsets(request.to());
        Map<TopicPartition, Range> ranges = new LinkedHashMap<>();
        List<String> notices = new ArrayList<>();
        for (TopicPartition partition : partitions) {
            long start = bounds.start(partition);
            long watermark = bounds.end(partition);
            long begin = begins.getOrDefault(partition, 0L);
            if (begin < start) {
                notices.add(partition + " begins at " + start + ": the records from " + begin + " on are deleted");
                begin = start;
            }
            if (begin > watermark) {
                notices.add(partition + " ends at " + watermark + ", before " + begin);
            }
            long end = request.follow() ? Long.MAX_VALUE : Math.min(ends.getOrDefault(partition, 0L), watermark);
            if (begin < end) {
                ranges.put(partition, new Range(begin, end, new ReadRecord.Log(start, watermark)));
            }
        }
        return new ReadPlan(ranges, notices, request.follow());
    }

    private static List<TopicPartition> partitions(VarveClient client, Request request) {
        List<TopicPartition> all = new ArrayList<>();
        for (String topic : request.topics().stream().distinct().toList()) {
            int count = TopicLookup.describe(client, topic).partitions().size();
            for (int partition : request.partitions()) {
                if (partition < 0 || partition >= count) {
                    throw TopicLookup.noSuchPartition(topic, partition, count);
                }
                all.add(new TopicPartition(topic, partition));
            }
            for (int partition = 0; request.partitions().isEmpty() && partition < count; partition++) {
                all.add(new TopicPartition(topic, partition));
            }
        }
        return all.stream().distinct().toList();
    }
}
