// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.topic;

import io.varve.metadata.image.Durability;
import io.varve.metadata.image.TopicImage;
import io.varve.metadata.topic.ConfigKey.OneOf;
import io.varve.metadata.topic.ConfigKey.Ratio;
import io.varve.metadata.topic.ConfigKey.WholeNumber;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The settings that a topic may have. Names and meanings are Kafka's wherever the thing is the same. */
public final class TopicConfigs {

    public static final String CLEANUP_POLICY = "cleanup.policy";
    public static final String COMPRESSION_TYPE = "compression.type";
    public static final String DELETE_RETENTION_MS = "delete.retention.ms";
    public static final String DURABILITY = "durability";
    public static final String INDEX_INTERVAL_BYTES = "index.interval.bytes";
    public static final String MAX_COMPACTION_LAG_MS = "max.compaction.lag.ms";
    public static final String MAX_MESSAGE_BYTES = "max.message.bytes";
    public static final String MESSAGE_TIMESTAMP_AFTER_MAX_MS = "message.timestamp.after.max.ms";
    public static final String MESSAGE_TIMESTAMP_BEFORE_MAX_MS = "message.timestamp.before.max.ms";
    public static final String MESSAGE_TIMESTAMP_TYPE = "message.timestamp.type";
    public static final String MIN_CLEANABLE_DIRTY_RATIO = "min.cleanable.dirty.ratio";
    public static final String MIN_COMPACTION_LAG_MS = "min.compaction.lag.ms";
    public static final String MIN_INSYNC_REPLICAS = "min.insync.replicas";
    public static final String RETENTION_BYTES = "retention.bytes";
    public static final String RETENTION_MS = "retention.ms";
    public static final String SEGMENT_BYTES = "segment.bytes";
    public static final String SEGMENT_MS = "segment.ms";
    public static final String UNCLEAN_RECOVERY = "unclean.recovery";

    /** Of {@link #UNCLEAN_RECOVERY}: whoever has most leads, once all who could have it were asked (P31). */
    public static final String BALANCED = "balanced";

    /** The largest batch that any topic may allow: also the bound on a request's payload. */
    public static final int MAX_MESSAGE_BYTES_LIMIT = 64 * 1024 * 1024;

    private static final long NO_LIMIT = -1;
    private static final long HOUR_MILLIS = 60L * 60 * 1000;
    private static final long DAY_MILLIS = 24L * 60 * 60 * 1000;
    private static final long WEEK_MILLIS = 7L * 24 * 60 * 60 * 1000;
    private static final SortedMap<String, ConfigKey> KEYS = keys();

    private TopicConfigs() {}

    private static SortedMap<String, ConfigKey> keys() {
        var keys = new TreeMap<String, ConfigKey>();
        compactionKeys().forEach(key -> keys.put(key.name(), key));
        for (var key : List.of(
                words(COMPRESSION_TYPE, List.of("producer"), "Batches are stored as the producer compressed them."),
                durability(),
                number(INDEX_INTERVAL_BYTES, 64, 1 << 30, 4096, "Bytes of log between two entries of its index."),
                number(
                        MAX_MESSAGE_BYTES,
                        128,
                        MAX_MESSAGE_BYTES_LIMIT,
                        1024 * 1024,
                        "The largest batch of records in bytes, as it is stored."),
                number(
                        MESSAGE_TIMESTAMP_AFTER_MAX_MS,
                        0,
                        Long.MAX_VALUE,
                        HOUR_MILLIS,
                        "Milliseconds that a producer's timestamp may be ahead of the leader's clock."),
                number(
                        MESSAGE_TIMESTAMP_BEFORE_MAX_MS,
                        0,
                        Long.MAX_VALUE,
                        Long.MAX_VALUE,
                        "Milliseconds that a producer's timestamp may be behind the leader's clock."),
                words(
                        MESSAGE_TIMESTAMP_TYPE,
                        List.of("CreateTime", "LogAppendTime"),
                        "Whose clock a record's timestamp is: the producer's or the leader's."),
                minInsyncReplicas(),
                number(
                        RETENTION_BYTES,
                        NO_LIMIT,
                        Long.MAX_VALUE,
                        NO_LIMIT,
                        "Bytes of a partition beyond which whole old segments go; -1 for no limit."),
                number(
                        RETENTION_MS,
                        NO_LIMIT,
                        Long.MAX_VALUE,
                        WEEK_MILLIS,
                        "Milliseconds after which old records go; -1 for no limit."),
                number(SEGMENT_BYTES, 1024, Integer.MAX_VALUE, 1 << 30, "Bytes at which a new segment begins."),
                number(SEGMENT_MS, 1, Long.MAX_VALUE, WEEK_MILLIS, "Milliseconds after which a new segment begins."),
                words(
                        UNCLEAN_RECOVERY,
                        List.of(BALANCED, "manual"),
                        "Who leads when nobody is known to have every record: the replica that has most, or whom a"
                                + " person names."))) {
            keys.put(key.name(), key);
        }
        return Collections.unmodifiableSortedMap(keys);
    }

    private static List<ConfigKey> compactionKeys() {
        return List.of(
                words(
                        CLEANUP_POLICY,
                        List.of("delete", "compact", "compact,delete", "delete,compact"),
                        "What becomes of old records: they go by age and size, all but the last of each key go, or both."),
                number(
                        DELETE_RETENTION_MS,
                        0,
                        Long.MAX_VALUE,
                        DAY_MILLIS,
                        "Milliseconds for which compaction keeps a record without a value, which deletes its key, once"
                                + " nothing is left before it that it could delete."),
                number(
                        MAX_COMPACTION_LAG_MS,
                        1,
                        Long.MAX_VALUE,
                        Long.MAX_VALUE,
                        "Milliseconds after which records are compacted, however little there is to gain."),
                new ConfigKey(
                        MIN_CLEANABLE_DIRTY_RATIO,
                        new Ratio(),
                        "0.5",
                        false,
                        "The part of a log, by bytes, that was never compacted when a pass of compaction begins."),
                number(
                        MIN_COMPACTION_LAG_MS,
                        0,
                        Long.MAX_VALUE,
                        0,
                        "Milliseconds for which every record stays, also when a later one of its key is there."));
    }

    private static ConfigKey words(String name, List<String> words, String meaning) {
        return new ConfigKey(name, new OneOf(words), words.get(0), false, meaning);
    }

    private static ConfigKey number(String name, long min, long max, long defaultValue, String meaning) {
        return new ConfigKey(name, new WholeNumber(min, max), Long.toString(defaultValue), false, meaning);
    }

    private static ConfigKey durability() {
        var words = List.of(Durability.FLUSHED.word(), Durability.WRITTEN.word());
        var meaning = "What an acknowledgement means: on disk, or in the page cache.";
        return new ConfigKey(DURABILITY, new OneOf(words), words.get(0), true, meaning);
    }

    private static ConfigKey minInsyncReplicas() {
        var meaning = "Replicas that must have a record before acks=all answers; by default a majority.";
        return new ConfigKey(MIN_INSYNC_REPLICAS, new WholeNumber(1, Short.MAX_VALUE), "", false, meaning);
    }

    /** All settings, by name. */
    public static SortedMap<String, ConfigKey> all() {
        return KEYS;
    }

    /** What is wrong with these settings of a new topic, one sentence each; empty if nothing is. */
    public static List<String> problems(Map<String, String> configs) {
        var problems = new ArrayList<String>();
        new TreeMap<>(configs).forEach((name, value) -> problem(name, value).ifPresent(problems::add));
        return problems;
    }

    /** What is wrong with one setting, as a sentence; empty if nothing is. */
    public static Optional<String> problem(String name, String value) {
        var key = KEYS.get(name);
        return key == null ? Optional.of(unknown(name)) : key.problem(value);
    }

    /** Says that there is no such setting, and which name comes nearest. */
    public static String unknown(String name) {
        return "unknown topic config \"" + name + "\", the nearest is \"" + nearest(name) + "\"";
    }

    /** The value that holds for a topic, set or not. */
    public static String value(TopicImage topic, String name) {
        return Optional.ofNullable(topic.configs().get(name)).orElseGet(() -> defaultValue(topic, name));
    }

    /** As {@link #value}, for a setting that is a number. */
    public static long number(TopicImage topic, String name) {
        return Long.parseLong(value(topic, name));
    }

    /** Whether segments go by age and size. */
    public static boolean isDeleted(TopicImage topic) {
        return value(topic, CLEANUP_POLICY).contains("delete");
    }

    /** Whether only the last record of each key stays. */
    public static boolean isCompacted(TopicImage topic) {
        return value(topic, CLEANUP_POLICY).contains("compact");
    }

    /** From when on a change counts, on every node and without a restart; the end of a sentence. */
    public static String takesEffect(String name) {
        return switch (name) {
            case DURABILITY -> "never: it is chosen when a topic is created";
            case INDEX_INTERVAL_BYTES -> "in segments that begin from then on";
            case MAX_MESSAGE_BYTES,
                    MESSAGE_TIMESTAMP_AFTER_MAX_MS,
                    MESSAGE_TIMESTAMP_BEFORE_MAX_MS,
                    MESSAGE_TIMESTAMP_TYPE,
                    SEGMENT_BYTES -> "with the next batch";
            case CLEANUP_POLICY,
                    DELETE_RETENTION_MS,
                    MAX_COMPACTION_LAG_MS,
                    MIN_CLEANABLE_DIRTY_RATIO,
                    MIN_COMPACTION_LAG_MS ->
                "at the next look at what is to be compacted (compaction.check.interval.ms of the node)";
            case RETENTION_BYTES, RETENTION_MS, SEGMENT_MS ->
                "at the next pass of retention (retention.check.interval.ms of the node)";
            case UNCLEAN_RECOVERY -> "at the next decision about a partition without a leader";
            default -> "at once";
        };
    }

    /** What holds for this topic while nothing is set. */
    public static String defaultValue(TopicImage topic, String name) {
        return switch (name) {
            case MIN_INSYNC_REPLICAS -> Integer.toString(defaultMinIsr(topic.replicationFactor()));
            default -> {
                var key = KEYS.get(name);
                if (key == null) {
                    throw new IllegalArgumentException(unknown(name));
                }
                yield key.defaultValue();
            }
        };
    }

    /** A majority of the replicas. */
    public static int defaultMinIsr(int replicationFactor) {
        return replicationFactor / 2 + 1;
    }

    private static String nearest(String name) {
        return KEYS.keySet().stream()
                .min(Comparator.comparingInt(k -> editDistance(name, k)))
                .orElseThrow();
    }

    private static int editDistance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(change, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
