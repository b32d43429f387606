// SPDX-License-Identifier: Apache-2.0
package io.varve.cli;

import io.varve.client.TopicPartition;
import java.util.OptionalInt;
import picocli.CommandLine.ITypeConverter;

/**
 * A partition as people write it: {@code orders:1}, or {@code orders} for all of a topic. Immutable.
 *
 * @param partition empty for all of the topic
 */
public record PartitionName(String topic, OptionalInt partition) {

    /** Topic names have no colon, so the last one ends the topic. */
    public static PartitionName parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 0) {
            return new PartitionName(text, OptionalInt.empty());
        }
        String number = text.substring(colon + 1);
        if (colon == 0 || !number.matches("\\d{1,9}")) {
            throw CommandFailure.usage(
                    "'" + text + "' is not a partition", "write TOPIC:PARTITION, for example orders:0");
        }
        return new PartitionName(text.substring(0, colon), OptionalInt.of(Integer.parseInt(number)));
    }

    /** Where one partition is needed. */
    public TopicPartition single() {
        return TopicPartition.of(
                topic,
                partition.orElseThrow(() -> CommandFailure.usage(
                        "'" + topic + "' names a topic, and a partition is needed",
                        "write TOPIC:PARTITION, for example " + topic + ":0")));
    }

    @Override
    public String toString() {
        return partition.isPresent() ? topic + ":" + partition.getAsInt() : topic;
    }

    /** Reads one from the command line. Stateless. */
    public static final class Converter implements ITypeConverter<PartitionName> {
        @Override
        public PartitionName convert(String value) {
            return parse(value);
        }
    }
}
