// SPDX-License-Identifier: Apache-2.0
package io.varve.node.config;

import static io.varve.node.config.SettingKey.address;
import static io.varve.node.config.SettingKey.bytes;
import static io.varve.node.config.SettingKey.choice;
import static io.varve.node.config.SettingKey.whole;

import io.varve.node.config.IdentityConfig.LogLevel;
import java.util.List;
import java.util.Optional;

/** Every setting that stands alone. Lists of things are read by {@link ListenerSettings} and {@link ConfigReader}. */
final class SettingKeys {

    private static final long MIB = 1L << 20;
    private static final long GIB = 1L << 30;
    private static final int MAX_MS = 7 * 24 * 3600 * 1000;

    static final SettingKey<Integer> NODE_ID = whole(
                    "node.id", 1, 1, Integer.MAX_VALUE, "", "whoever adds a node: a number no other node has")
            .asRequired();
    static final SettingKey<String> RACK = new SettingKey<>(
            "node.rack", String::strip, "", false, "", "any text", "whoever places nodes in racks or zones");
    static final SettingKey<String> CLUSTER_ID = new SettingKey<>(
            "cluster.id",
            String::strip,
            "",
            false,
            "",
            "22 characters; default: what the directory says",
            "whoever wants a disk of another cluster refused");
    static final SettingKey<LogLevel> LOG_LEVEL =
            choice("log.level", LogLevel.INFO, LogLevel.class, "whoever looks for the cause of a problem");

    static final SettingKey<String> RAFT_DIRECTORY = new SettingKey<>(
            "raft.directory",
            String::strip,
            "",
            false,
            "path",
            "default: raft in the storage directory",
            "whoever puts the metadata log on a disk of its own");

    static final SettingKey<HostPort> PEER_BIND =
            address("peer.bind", new HostPort("127.0.0.1", 7172), "whoever runs several nodes: reachable by them only");
    static final SettingKey<Optional<HostPort>> PEER_ADVERTISED = new SettingKey<>(
            "peer.advertised",
            text -> Optional.of(HostPort.parse(text)),
            Optional.empty(),
            false,
            "HOST:PORT",
            "port 0 to 65535; default: this node's entry in quorum.voters, or else peer.bind",
            "whoever runs nodes that reach each other by other addresses than they listen on");
    static final SettingKey<HostPort> RAFT_BIND =
            address("raft.bind", new HostPort("127.0.0.1", 7173), "whoever runs several nodes: reachable by them only");
    static final SettingKey<HostPort> HTTP_BIND =
            address("http.bind", new HostPort("127.0.0.1", 7180), "whoever collects metrics or checks health");

    static final SettingKey<Integer> IO_THREADS =
            whole("io.threads", 8, 1, 256, "threads", "whoever has a disk that gains from more flushes at once");
    static final SettingKey<Integer> COLD_READ_THREADS =
            whole("cold.read.threads", 4, 1, 256, "threads", "whoever has many consumers far behind");
    static final SettingKey<Integer> PARTITION_LOOPS = whole(
            "partition.loops", cores(), 1, 256, "threads", "whoever shares the machine; default: one for each core");
    static final SettingKey<Integer> NETWORK_THREADS = whole(
            "network.threads", cores(), 1, 256, "threads", "whoever shares the machine; default: one for each core");

    static final SettingKey<Long> CHUNK_BUDGET = bytes(
            "chunk.budget.bytes", 64 * MIB, MIB, 64 * GIB, "whoever gives the node more direct memory for producers");
    static final SettingKey<Long> TAIL_CACHE =
            bytes("tail.cache.bytes", 64 * MIB, 0, 64 * GIB, "whoever gives the node more direct memory for consumers");
    static final SettingKey<Long> MAX_BATCH = bytes(
            "max.batch.bytes", 8 * MIB, 64 << 10, 64 * MIB, "whoever raises max.message.bytes of a topic above it");

    static final SettingKey<Long> DISK_SOFT =
            bytes("disk.watermark.soft.bytes", 2 * GIB, 0, 1L << 50, "whoever wants to be warned earlier or later");
    static final SettingKey<Long> DISK_HARD =
            bytes("disk.watermark.hard.bytes", GIB, 0, 1L << 50, "whoever has a small disk, or wants a larger reserve");
    static final SettingKey<Integer> DISK_CHECK =
            whole("disk.check.interval.ms", 1000, 10, MAX_MS, "ms", "whoever has a small and fast disk");

    static final SettingKey<Integer> RETENTION_CHECK =
            whole("retention.check.interval.ms", 30_000, 10, MAX_MS, "ms", "whoever needs space back sooner");
    static final SettingKey<Integer> FLUSH = whole(
            "flush.interval.ms",
            60_000,
            10,
            MAX_MS,
            "ms",
            "whoever has topics with durability=written and wants to lose less with the power");
    static final SettingKey<Integer> CHECKPOINT =
            whole("checkpoint.interval.ms", 5000, 10, MAX_MS, "ms", "whoever wants a shorter recovery");

    static final SettingKey<Integer> COMPACTION_CHECK = whole(
            "compaction.check.interval.ms",
            15_000,
            10,
            MAX_MS,
            "ms",
            "whoever has compacted topics that change so fast that it matters");
    static final SettingKey<Long> COMPACTION_RATE = bytes(
            "compaction.bytes.per.second",
            32 * MIB,
            64 << 10,
            64 * GIB,
            "whoever wants compaction to be done sooner, or to leave the disk more to others: read and written");
    static final SettingKey<Long> COMPACTION_KEY_MAP = bytes(
            "compaction.key.map.bytes",
            32 * MIB,
            MIB,
            16 * GIB,
            "whoever has partitions with more keys than a pass takes: 30 bytes of heap for each");
    static final SettingKey<Long> SCRUB_RATE = bytes(
            "scrub.bytes.per.second",
            8 * MIB,
            0,
            64 * GIB,
            "whoever wants rot found sooner, or has no disk time to spare; 0: never");
    static final SettingKey<Integer> SCRUB_INTERVAL =
            whole("scrub.interval.ms", MAX_MS, 10, MAX_MS, "ms", "whoever wants everything read again more often");

    static final SettingKey<Integer> HEARTBEAT =
            whole("heartbeat.interval.ms", 500, 10, 60_000, "ms", "whoever has a slow network");
    static final SettingKey<Integer> SESSION =
            whole("session.timeout.ms", 3000, 100, 600_000, "ms", "whoever sees nodes fenced that were only slow");

    static final List<SettingKey<?>> ALL = List.of(
            NODE_ID,
            RACK,
            CLUSTER_ID,
            LOG_LEVEL,
            RAFT_DIRECTORY,
            PEER_BIND,
            PEER_ADVERTISED,
            RAFT_BIND,
            HTTP_BIND,
            IO_THREADS,
            COLD_READ_THREADS,
            PARTITION_LOOPS,
            NETWORK_THREADS,
            CHUNK_BUDGET,
            TAIL_CACHE,
            MAX_BATCH,
            DISK_SOFT,
            DISK_HARD,
            DISK_CHECK,
            RETENTION_CHECK,
            FLUSH,
            CHECKPOINT,
            COMPACTION_CHECK,
            COMPACTION_RATE,
            COMPACTION_KEY_MAP,
            SCRUB_RATE,
            SCRUB_INTERVAL,
            HEARTBEAT,
            SESSION);

    private SettingKeys() {}

    private static int cores() {
        return Runtime.getRuntime().availableProcessors();
    }
}
