// SPDX-License-Identifier: Apache-2.0
package io.varve.node.partition;

import io.varve.metadata.controller.ReplicaAnswer;
import io.varve.metadata.image.ReplicaId;
import io.varve.metadata.image.ReplicaReport;
import io.varve.replication.PartitionStatus;
import io.varve.storage.DataDirectory;
import io.varve.storage.EpochEntry;
import io.varve.storage.LogId;
import io.varve.storage.PartitionLog;
import java.util.function.LongSupplier;

/** What this node's logs have of partitions that nobody leads (P31). <i>Thread-safe.</i> */
public final class ReplicaReports {

    private final DataDirectory directory;
    private final PartitionTable table;
    private final LongSupplier brokerEpoch;

    /** @param brokerEpoch under which this process is registered now */
    public ReplicaReports(DataDirectory directory, PartitionTable table, LongSupplier brokerEpoch) {
        this.directory = directory;
        this.table = table;
        this.brokerEpoch = brokerEpoch;
    }

    /** Unreachable: this process runs under another broker epoch, or knows nothing of the replica yet. */
    public ReplicaAnswer report(long askedEpoch, ReplicaId replica) {
        PartitionLog log = directory.logs().get(new LogId(replica.topicId(), replica.partition()));
        if (askedEpoch != brokerEpoch.getAsLong() || log == null) {
            return new ReplicaAnswer.Unreachable();
        }
        if (log.damage().isPresent()) {
            return new ReplicaAnswer.Unusable("its log is damaged");
        }
        boolean stopped = table.find(replica.topicId(), replica.partition())
                .map(hosted -> hosted.partition().status().state() == PartitionStatus.State.FAILED)
                .orElse(false);
        if (stopped) {
            return new ReplicaAnswer.Unusable("the replica has failed");
        }
        if (log.failure().isPresent()) {
            return new ReplicaAnswer.Unreachable(); // it is opened again, or its directory is offline
        }
        long end = log.writtenEndOffset();
        int lastEpoch = 0;
        for (EpochEntry entry : log.epochChain()) {
            if (entry.startOffset() < end) {
                lastEpoch = entry.leaderEpoch();
            }
        }
        return new ReplicaAnswer.Report(new ReplicaReport(lastEpoch, end, log.highWatermarkCheckpoint()));
    }
}
