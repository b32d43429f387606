// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.ratis;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.RaftServerConfigKeys.Log;
import org.apache.ratis.server.RaftServerConfigKeys.Rpc;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;

/**
 * What Ratis is told. Small metadata, three to five voters: segments, caches and buffers are far below its defaults,
 * which are meant for data; timeouts give a new leader within a second.
 */
final class RatisProperties {

    /** The largest entry: a little more than the largest command. */
    static final int MAX_ENTRY_BYTES = 1 << 20;

    private static final int THREADS = 8;

    private RatisProperties() {}

    static RaftProperties of(RaftSettings settings) {
        var p = new RaftProperties();
        RaftServerConfigKeys.setStorageDir(p, List.of(settings.directory().toFile()));
        RaftServerConfigKeys.setStorageFreeSpaceMin(
                p, SizeInBytes.valueOf(settings.tuning().freeSpaceMinBytes()));
        elections(p, settings);
        log(p);
        snapshots(p, settings.tuning());
        rpc(p, settings);
        return p;
    }

    private static void elections(RaftProperties p, RaftSettings settings) {
        var tuning = settings.tuning();
        Rpc.setTimeoutMin(p, time(tuning.electionTimeoutMin()));
        Rpc.setTimeoutMax(p, time(tuning.electionTimeoutMax()));
        // A sole voter has nobody to wait for. With others, they must have had the time to start their election timer.
        boolean sole = settings.initialVoters().size() <= 1;
        Rpc.setFirstElectionTimeoutMin(p, millis(sole ? 1 : 100));
        Rpc.setFirstElectionTimeoutMax(p, millis(sole ? 2 : 300));
        Rpc.setRequestTimeout(p, millis(2_000));
        Rpc.setSlownessTimeout(p, millis(30_000));
        // The default of 10 s would be an outage of 10 s after a blip of the network.
        RaftServerConfigKeys.LeaderElection.setLeaderStepDownWaitTime(p, millis(2_000));
        RaftServerConfigKeys.LeaderElection.setPreVote(p, true);
        // A pause longer than this closes the server for good, and leaves a process that looks alive.
        RaftServerConfigKeys.setCloseThreshold(p, millis(300_000));
        RaftServerConfigKeys.setSleepDeviationThreshold(p, millis(300));
        RaftServerConfigKeys.Notification.setNoLeaderTimeout(p, millis(10_000));
        RaftServerConfigKeys.setStagingTimeout(p, millis(30_000));
        RaftServerConfigKeys.Read.setOption(p, RaftServerConfigKeys.Read.Option.LINEARIZABLE);
        RaftServerConfigKeys.Read.setLeaderLeaseEnabled(p, true);
        RaftServerConfigKeys.RetryCache.setExpiryTime(p, millis(120_000));
    }

    private static void log(RaftProperties p) {
        Log.setSegmentSizeMax(p, SizeInBytes.valueOf("8MB"));
        Log.setPreallocatedSize(p, SizeInBytes.valueOf("1MB"));
        Log.setSegmentCacheNumMax(p, 2);
        Log.setSegmentCacheSizeMax(p, SizeInBytes.valueOf("16MB"));
        // After half a minute the default asks a voter that is down every five seconds, and goes on like that when it
        // is
        // back: in the meantime it holds one election after another. This one never grows, and never ends.
        Log.Appender.setRetryPolicy(p, "10ms,10, 100ms,2000000000");
        Log.Appender.setBufferByteLimit(p, SizeInBytes.valueOf(MAX_ENTRY_BYTES));
        Log.setWriteBufferSize(p, SizeInBytes.valueOf("1100KB"));
        Log.setQueueByteLimit(p, SizeInBytes.valueOf("16MB"));
        RaftServerConfigKeys.Write.setElementLimit(p, 4_096);
        RaftServerConfigKeys.Write.setByteLimit(p, SizeInBytes.valueOf("16MB"));
        // Followers learn what is committed 100 ms sooner. LogTailCheck also lives on these entries.
        Log.setLogMetadataEnabled(p, true);
        // Neither of these two flushes before it acknowledges.
        Log.setUnsafeFlushEnabled(p, false);
        Log.setAsyncFlushEnabled(p, false);
        Log.setForceSyncNum(p, 128);
        // Only behind LogTailCheck.
        Log.setCorruptionPolicy(p, Log.CorruptionPolicy.WARN_AND_RETURN);
    }

    private static void snapshots(RaftProperties p, RaftSettings.Tuning tuning) {
        RaftServerConfigKeys.Snapshot.setAutoTriggerEnabled(p, true);
        RaftServerConfigKeys.Snapshot.setAutoTriggerThreshold(p, tuning.snapshotThresholdEntries());
        RaftServerConfigKeys.Snapshot.setCreationGap(p, 1);
        RaftServerConfigKeys.Snapshot.setRetentionFileNum(p, 2);
        RaftServerConfigKeys.Snapshot.setTriggerWhenStopEnabled(p, false);
        Log.setPurgeUptoSnapshotIndex(p, true);
        Log.setPurgePreservationLogNum(p, Math.min(10_000, tuning.snapshotThresholdEntries() / 2));
        Log.setPurgeGap(p, Math.min(1_000, tuning.snapshotThresholdEntries() / 2));
        Log.Appender.setSnapshotChunkSizeMax(p, SizeInBytes.valueOf("1MB"));
        Log.Appender.setInstallSnapshotEnabled(p, true);
    }

    private static void rpc(RaftProperties p, RaftSettings settings) {
        GrpcConfigKeys.Server.setHost(p, settings.bindHost());
        GrpcConfigKeys.Server.setPort(p, settings.bindPort());
        // At least the largest entry and 1 MB, and more than a chunk of a snapshot.
        GrpcConfigKeys.setMessageSizeMax(p, SizeInBytes.valueOf("8MB"));
        p.setInt("raft.grpc.server.boss-group.size", 1);
        p.setInt("raft.grpc.server.worker-group.size", 2);
        p.setInt("raft.grpc.client.worker-group.size", 2);
        RaftServerConfigKeys.ThreadPool.setServerCached(p, false);
        RaftServerConfigKeys.ThreadPool.setServerSize(p, THREADS);
        RaftServerConfigKeys.ThreadPool.setClientCached(p, false);
        RaftServerConfigKeys.ThreadPool.setClientSize(p, THREADS);
    }

    private static TimeDuration time(Duration d) {
        return TimeDuration.valueOf(d.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static TimeDuration millis(long millis) {
        return TimeDuration.valueOf(millis, TimeUnit.MILLISECONDS);
    }
}
