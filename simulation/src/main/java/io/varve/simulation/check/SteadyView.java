// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

import io.varve.replication.leader.ProducerStates;
import io.varve.storage.Durability;
import io.varve.storage.EpochEntry;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A view of which what every invariant asks for is looked up once. Good until the next event. */
final class SteadyView implements ReplicaView {
    private final ReplicaView view;
    private final boolean leading;
    private final int leaderEpoch;
    private final int partitionEpoch;
    private final long highWatermark;
    private final long stagedEndOffset;
    private final long writtenEndOffset;
    private final long flushedEndOffset;

    SteadyView(ReplicaView view) {
        this.view = view;
        this.leading = view.isLeading();
        this.leaderEpoch = view.leaderEpoch();
        this.partitionEpoch = view.partitionEpoch();
        this.highWatermark = view.highWatermark();
        this.stagedEndOffset = view.stagedEndOffset();
        this.writtenEndOffset = view.writtenEndOffset();
        this.flushedEndOffset = view.flushedEndOffset();
    }

    @Override
    public boolean isSound() {
        return true;
    }

    @Override
    public boolean isLeading() {
        return leading;
    }

    @Override
    public int leaderEpoch() {
        return leaderEpoch;
    }

    @Override
    public int partitionEpoch() {
        return partitionEpoch;
    }

    @Override
    public long epochStartOffset() {
        return view.epochStartOffset();
    }

    @Override
    public long highWatermark() {
        return highWatermark;
    }

    @Override
    public long logStartOffset() {
        return view.logStartOffset();
    }

    @Override
    public long stagedEndOffset() {
        return stagedEndOffset;
    }

    @Override
    public long writtenEndOffset() {
        return writtenEndOffset;
    }

    @Override
    public long flushedEndOffset() {
        return flushedEndOffset;
    }

    @Override
    public Durability durability() {
        return view.durability();
    }

    @Override
    public List<EpochEntry> epochChain() {
        return view.epochChain();
    }

    @Override
    public List<Integer> isr() {
        return view.isr();
    }

    @Override
    public List<Integer> maximalIsr() {
        return view.maximalIsr();
    }

    @Override
    public @Nullable ProducerStates producers() {
        return view.producers();
    }

    @Override
    public @Nullable List<BatchSeen> readBack() {
        return view.readBack();
    }
}
