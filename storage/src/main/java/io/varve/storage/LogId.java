// SPDX-License-Identifier: Apache-2.0
package io.varve.storage;

import java.util.UUID;

/**
 * Names one partition's log. Its text form, which is also the name of its directory, is the topic id in base64 (22 URL-safe characters), a dash and the partition.
 *
 * <p><i>immutable</i>
 */
public record LogId(UUID topicId, int partition) implements Comparable<LogId> {
    private static final int ID_CHARS = 22;

    public LogId {
        if (partition < 0) {
            throw new IllegalArgumentException("partition " + partition + " is negative");
        }
    }

    /** The inverse of {@link #toString()}; throws {@link IllegalArgumentException} for any other text. */
    public static LogId parse(String text) {
        if (text.length() < ID_CHARS + 2 || text.charAt(ID_CHARS) != '-') {
            throw new IllegalArgumentException("not a log's name: " + text);
        }
        LogId parsed = new LogId(
                DirectoryIdentity.parseId(text.substring(0, ID_CHARS)), Integer.parseInt(text.substring(ID_CHARS + 1)));
        if (!parsed.toString().equals(text)) { // refuses "+1", "01" and stray bits in the last character
            throw new IllegalArgumentException("not a log's name: " + text);
        }
        return parsed;
    }

    @Override
    public int compareTo(LogId other) {
        int byTopic = topicId.compareTo(other.topicId);
        return byTopic != 0 ? byTopic : Integer.compare(partition, other.partition);
    }

    @Override
    public String toString() {
        return DirectoryIdentity.idText(topicId) + "-" + partition;
    }
}
