// SPDX-License-Identifier: Apache-2.0
package io.varve.node.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Reads a configuration: YAML first, then the environment, which wins. Finds all problems before it complains.
 * <i>Immutable.</i>
 */
public final class ConfigReader {

    /** Prefix of environment variables; the rest is the key in capitals with {@code _} for {@code .} and {@code -}. */
    public static final String ENVIRONMENT_PREFIX = "VARVE_NODE_";

    private static final String DIRECTORIES = "storage.directories";
    private static final String TOPIC_DEFAULT = "topic.default.";

    private final Map<String, String> environment;
    private final TopicDefaults topicDefaults;

    /** Checks the topic configs under {@code topic.default.}; the machine that creates topics knows them. */
    public interface TopicDefaults {

        Set<String> names();

        /** What is wrong with the value, as a sentence; empty if nothing is. */
        String problem(String name, String value);
    }

    public ConfigReader(Map<String, String> environment, TopicDefaults topicDefaults) {
        this.environment = Map.copyOf(environment);
        this.topicDefaults = topicDefaults;
    }

    /** Reads a file in UTF-8. */
    public LoadedConfig readFile(Path file) throws ConfigException {
        try {
            return read(file.getFileName().toString(), Files.readString(file));
        } catch (NoSuchFileException e) {
            throw new ConfigException(List.of("there is no configuration file " + file));
        } catch (CharacterCodingException e) {
            throw new ConfigException(List.of("the configuration file %s is not UTF-8".formatted(file)));
        } catch (IOException e) {
            String why = Files.isDirectory(file) ? "it is a directory" : "it cannot be read: " + e.getMessage();
            throw new ConfigException(List.of("%s is no configuration file: %s".formatted(file, why)));
        }
    }

    /** Reads a document; the name is for messages. */
    public LoadedConfig read(String fileName, String yaml) throws ConfigException {
        YamlSettings document = YamlSettings.read(fileName, yaml);
        Map<String, RawSetting> given = new LinkedHashMap<>(document.settings());
        overrideFromEnvironment(given);
        SettingValues values = new SettingValues(given, document.problems());
        NodeConfig config = take(values);
        values.noteUnknown(knownNames());
        if (!values.problems().isEmpty()) {
            throw new ConfigException(values.problems());
        }
        return new LoadedConfig(config, values.effective());
    }

    private NodeConfig take(SettingValues values) {
        var identity = new IdentityConfig(
                values.take(SettingKeys.NODE_ID), values.take(SettingKeys.RACK), values.take(SettingKeys.LOG_LEVEL));
        var quorum = QuorumSettings.take(values, identity.id());
        var network = new NetworkConfig(
                ListenerSettings.take(values),
                quorum.peerBind(),
                quorum.peerAdvertised(),
                quorum.raftBind(),
                values.take(SettingKeys.HTTP_BIND));
        var threads = new ThreadsConfig(
                values.take(SettingKeys.IO_THREADS),
                values.take(SettingKeys.COLD_READ_THREADS),
                values.take(SettingKeys.PARTITION_LOOPS),
                values.take(SettingKeys.NETWORK_THREADS));
        var memory = new MemoryConfig(
                values.take(SettingKeys.CHUNK_BUDGET),
                values.take(SettingKeys.TAIL_CACHE),
                Math.toIntExact(values.take(SettingKeys.MAX_BATCH)));
        if (memory.maxBatchBytes() > memory.chunkBudgetBytes()) {
            values.problem("max.batch.bytes (%d) must not be above chunk.budget.bytes (%d), which has to hold a batch"
                    .formatted(memory.maxBatchBytes(), memory.chunkBudgetBytes()));
        }
        var disk = new DiskConfig(
                values.take(SettingKeys.DISK_SOFT),
                values.take(SettingKeys.DISK_HARD),
                millis(values, SettingKeys.DISK_CHECK));
        if (disk.hardFreeBytes() > disk.softFreeBytes()) {
            values.problem(
                    "disk.watermark.hard.bytes (%d) must not be above disk.watermark.soft.bytes (%d): the warning comes first"
                            .formatted(disk.hardFreeBytes(), disk.softFreeBytes()));
        }
        var timers = new TimersConfig(
                millis(values, SettingKeys.RETENTION_CHECK),
                millis(values, SettingKeys.FLUSH),
                millis(values, SettingKeys.CHECKPOINT),
                new CompactionConfig(
                        millis(values, SettingKeys.COMPACTION_CHECK),
                        values.take(SettingKeys.COMPACTION_RATE),
                        values.take(SettingKeys.COMPACTION_KEY_MAP)));
        return new NodeConfig(
                identity, storage(values), network, threads, memory, disk, timers, cluster(values, quorum.quorum()));
    }

    private static StorageConfig storage(SettingValues values) {
        List<RawSetting> directories = values.takeList(DIRECTORIES);
        if (directories.size() != 1 || directories.get(0).text().isBlank()) {
            values.problem("%s must be a list of exactly one directory, but has %d"
                    .formatted(DIRECTORIES, directories.size()));
        }
        String first = directories.isEmpty() ? "" : directories.get(0).text();
        Path directory = Path.of(first).toAbsolutePath().normalize();
        String raft = values.take(SettingKeys.RAFT_DIRECTORY);
        Path raftDirectory = raft.isEmpty()
                ? directory.resolve("raft")
                : Path.of(raft).toAbsolutePath().normalize();
        values.show(DIRECTORIES, directory.toString());
        values.show(SettingKeys.RAFT_DIRECTORY.name(), raftDirectory.toString());
        var scrub = new ScrubConfig(values.take(SettingKeys.SCRUB_RATE), millis(values, SettingKeys.SCRUB_INTERVAL));
        return new StorageConfig(directory, raftDirectory, scrub);
    }

    private ClusterConfig cluster(SettingValues values, QuorumConfig quorum) {
        var membership =
                new MembershipConfig(millis(values, SettingKeys.HEARTBEAT), millis(values, SettingKeys.SESSION));
        if (membership.heartbeatInterval().multipliedBy(2).compareTo(membership.sessionTimeout()) > 0) {
            values.problem("session.timeout.ms (%d) must be at least twice heartbeat.interval.ms (%d)"
                    .formatted(
                            membership.sessionTimeout().toMillis(),
                            membership.heartbeatInterval().toMillis()));
        }
        Map<String, String> defaults = new TreeMap<>();
        values.takePrefix(TOPIC_DEFAULT).forEach((name, setting) -> {
            defaults.put(name, setting.text());
            values.show(setting.name(), setting.text());
            if (!topicDefaults.names().contains(name)) {
                values.problem("%s is not a setting (in %s)%s"
                        .formatted(
                                setting.name(),
                                setting.origin(),
                                NearestName.of(name, topicDefaults.names())
                                        .map(near -> "; did you mean " + TOPIC_DEFAULT + near + "?")
                                        .orElse("")));
            } else if (!topicDefaults.problem(name, setting.text()).isEmpty()) {
                values.problem("%s: %s (in %s)"
                        .formatted(setting.name(), topicDefaults.problem(name, setting.text()), setting.origin()));
            }
        });
        return new ClusterConfig(values.take(SettingKeys.CLUSTER_ID), quorum, membership, defaults);
    }

    private void overrideFromEnvironment(Map<String, RawSetting> given) {
        Map<String, String> byVariable = new TreeMap<>();
        for (String name : knownNames()) {
            if (!name.contains("[")) {
                byVariable.put(variable(name), name);
            }
        }
        new TreeMap<>(environment).forEach((variable, text) -> {
            if (variable.startsWith(ENVIRONMENT_PREFIX)) {
                String name = byVariable.getOrDefault(
                        variable,
                        variable.substring(ENVIRONMENT_PREFIX.length())
                                .toLowerCase(Locale.ROOT)
                                .replace('_', '.'));
                given.keySet().removeIf(other -> other.startsWith(name + "["));
                given.put(name, new RawSetting(name, text, variable));
            }
        });
    }

    private Set<String> knownNames() {
        Set<String> names = new TreeSet<>(ListenerSettings.NAMES);
        SettingKeys.ALL.forEach(key -> names.add(key.name()));
        topicDefaults.names().forEach(name -> names.add(TOPIC_DEFAULT + name));
        names.add(DIRECTORIES);
        names.add("listeners");
        names.add(QuorumSettings.VOTERS);
        return names;
    }

    private static String variable(String name) {
        return ENVIRONMENT_PREFIX
                + name.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    private static Duration millis(SettingValues values, SettingKey<Integer> key) {
        return Duration.ofMillis(values.take(key));
    }
}
