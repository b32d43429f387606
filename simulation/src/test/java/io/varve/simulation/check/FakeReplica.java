// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

import io.varve.metadata.image.Durability;
import io.varve.replication.leader.ProducerStates;
import io.varve.storage.EpochEntry;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A replica that looks as a test says. */
final class FakeReplica implements ReplicaView {
    final Durability durability;
    final List<BatchSeen> log = new ArrayList<>();
    boolean sound = true;
    boolean leading;
    int leaderEpoch;
    int partitionEpoch = -1;
    long epochStart;
    long highWatermark;
    long staged;
    long written;
    long flushed;
    List<EpochEntry> chain = List.of();
    List<Integer> isr = List.of(1, 2, 3);
    List<Integer> maximalIsr = List.of(1, 2, 3);

    @Nullable
    ProducerStates producers;

    FakeReplica(Durability durability) {
        this.durability = durability;
    }

    void cut(long to) {
        log.removeIf(batch -> batch.endOffset() > to);
        staged = Math.min(staged, to);
        written = Math.min(written, to);
        flushed = Math.min(flushed, to);
        highWatermark = Math.min(highWatermark, to);
    }

    @Override
    public boolean isSound() {
        return sound;
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
        return epochStart;
    }

    @Override
    public long highWatermark() {
        return highWatermark;
    }

    @Override
    public long logStartOffset() {
        return 0;
    }

    @Override
    public long stagedEndOffset() {
        return staged;
    }

    @Override
    public long writtenEndOffset() {
        return written;
    }

    @Override
    public long flushedEndOffset() {
        return flushed;
    }

    @Override
    public io.varve.storage.Durability durability() {
        return io.varve.storage.Durability.valueOf(durability.name());
    }

    @Override
    public List<EpochEntry> epochChain() {
        return chain;
    }

    @Override
    public List<Integer> isr() {
        return isr;
    }

    @Override
    public List<Integer> maximalIsr() {
        return maximalIsr;
    }

    @Override
    public @Nullable ProducerStates producers() {
        return producers;
    }

    @Override
    public List<BatchSeen> readBack() {
        return List.copyOf(log);
    }
}
