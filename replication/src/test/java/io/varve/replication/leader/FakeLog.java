// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.leader;

import io.varve.storage.Chunk;
import java.util.ArrayList;
import java.util.List;

/** A log in memory whose progress the test decides. */
final class FakeLog implements LeaderLog {
    record Batch(
            long baseOffset, long endOffset, int leaderEpoch, long producerId, short producerEpoch, int sequence) {}

    final List<Batch> batches = new ArrayList<>();
    final List<String> epochs = new ArrayList<>();
    long logStartOffset;
    long stagedEndOffset;
    long writtenEndOffset;
    long flushedEndOffset;
    long stagedBytes;
    boolean failed;

    @Override
    public boolean stage(Chunk chunk) {
        boolean taken = !failed;
        if (taken) {
            if (chunk.baseOffset() != stagedEndOffset) {
                throw new IllegalStateException("staged at " + chunk.baseOffset() + ", end is " + stagedEndOffset);
            }
            batches.add(new Batch(
                    chunk.baseOffset(),
                    chunk.endOffset(),
                    chunk.leaderEpoch(),
                    chunk.producerId(),
                    chunk.producerEpoch(),
                    chunk.baseSequence()));
            stagedEndOffset = chunk.endOffset();
        }
        chunk.release();
        return taken;
    }

    /** Drops what lies above {@code endOffset} and takes nothing more, as a log does whose write failed. */
    void failKeeping(long endOffset) {
        failed = true;
        batches.removeIf(batch -> batch.endOffset() > endOffset);
        stagedEndOffset = endOffset;
    }

    void reopen() {
        failed = false;
        writtenEndOffset = stagedEndOffset;
        flushedEndOffset = stagedEndOffset;
    }

    ProducerStates replay() {
        ProducerStates states = new ProducerStates();
        for (Batch batch : batches) {
            int records = (int) (batch.endOffset() - batch.baseOffset());
            states.append(batch.producerId(), batch.producerEpoch(), batch.sequence(), records, batch.baseOffset(), 0);
        }
        return states;
    }

    @Override
    public void assignEpoch(int leaderEpoch, long startOffset) {
        epochs.add(leaderEpoch + "@" + startOffset);
    }

    @Override
    public long logStartOffset() {
        return logStartOffset;
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
    public long stagedBytes() {
        return stagedBytes;
    }
}
