// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.ratis;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/**
 * How one voter runs. *Immutable.*
 *
 * @param identity who this voter is; must be what its directory was formatted with
 * @param directory the Raft directory, formatted by {@link RaftDirectory#format}
 * @param bindHost where this voter listens for the others
 * @param bindPort 1 to 65535
 * @param initialVoters all voters of the first start, this one among them; ignored once there is a Raft log. For a
 *     single voter its own address
 */
public record RaftSettings(
        RaftIdentity identity,
        Path directory,
        String bindHost,
        int bindPort,
        List<Voter> initialVoters,
        Tuning tuning) {

    public RaftSettings {
        initialVoters = List.copyOf(initialVoters);
    }

    /** A voter as the others reach it. */
    public record Voter(int nodeId, UUID directoryId, String host, int port) {}

    /**
     * @param electionTimeoutMin without a sign of the leader for so long, at least, a voter stands for election
     * @param snapshotInterval a snapshot at least so often, if there was anything to put in it
     * @param freeSpaceMinBytes the voter does not start with less on its disk
     */
    public record Tuning(
            Duration electionTimeoutMin,
            Duration electionTimeoutMax,
            Duration snapshotInterval,
            int snapshotThresholdEntries,
            long freeSpaceMinBytes) {

        public static final Tuning DEFAULT =
                new Tuning(Duration.ofMillis(300), Duration.ofMillis(600), Duration.ofMinutes(10), 20_000, 256L << 20);
    }
}
