// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

import io.varve.replication.leader.ProducerStates;
import io.varve.storage.Durability;
import io.varve.storage.EpochEntry;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One replica as somebody sees it who sees everything. Only replicas of processes that run have one; every answer is of
 * now. Cheap but for {@link #readBack}: asked after each event.
 */
public interface ReplicaView {
    /** Open and not failed: its log can be relied on. */
    boolean isSound();

    /** Takes produce requests under {@link #leaderEpoch}. */
    boolean isLeading();

    /** The highest that it acts on; 0 before its first metadata. */
    int leaderEpoch();

    /** -1 before its first metadata. */
    int partitionEpoch();

    /** Of the leadership; only of a leader. */
    long epochStartOffset();

    long highWatermark();

    long logStartOffset();

    long stagedEndOffset();

    long writtenEndOffset();

    long flushedEndOffset();

    Durability durability();

    /** Oldest first. */
    List<EpochEntry> epochChain();

    /** As the leader acts on it; only of a leader. */
    List<Integer> isr();

    /** The isr and whoever a pending proposal names (P22); only of a leader. */
    List<Integer> maximalIsr();

    /** As of the staged end; null while they are not kept (a replica that would replay before it leads). */
    @Nullable
    ProducerStates producers();

    /**
     * Every written batch, read from the real log, each CRC computed anew; {@link LogReading} does it. Null if the disk does
     * not let it be read now.
     */
    @Nullable
    List<BatchSeen> readBack();
}
