// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.leader;

import io.varve.replication.TestBatches;
import io.varve.storage.Chunk;
import io.varve.storage.EpochEntry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A log in memory whose progress the test decides. Chunks are kept only if the test asks for a tail. */
final class FakeLog implements LeaderLog {
    record Batch(
            long baseOffset, long endOffset, int leaderEpoch, long producerId, short producerEpoch, int sequence) {}

    private record Read(long offset, int maxBytes, ReadCompletion completion) {}

    final List<Batch> batches = new ArrayList<>();
    final List<String> epochs = new ArrayList<>();
    final ArrayDeque<Read> reads = new ArrayDeque<>();
    final ArrayDeque<Runnable> starts = new ArrayDeque<>();
    private final List<EpochEntry> chain = new ArrayList<>();
    private final TreeMap<Long, Chunk> tail = new TreeMap<>();
    boolean keepsTail;
    long logStartOffset;
    long tombstoneHorizon;
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
            if (keepsTail) {
                tail.put(chunk.baseOffset(), chunk.retain());
            }
        }
        chunk.release();
        return taken;
    }

    /** As if it had been there before: one batch of each size, on disk only. */
    void write(int leaderEpoch, int... records) {
        assignEpoch(leaderEpoch, stagedEndOffset);
        for (int count : records) {
            Batch batch = new Batch(stagedEndOffset, stagedEndOffset + count, leaderEpoch, -1, (short) -1, -1);
            batches.add(batch);
            stagedEndOffset = batch.endOffset();
        }
        writtenEndOffset = stagedEndOffset;
        flushedEndOffset = stagedEndOffset;
    }

    /** Forgets the chunks in memory that begin below {@code offset}. */
    void evictTail(long offset) {
        List<Chunk> evicted = List.copyOf(tail.headMap(offset).values());
        tail.headMap(offset).clear();
        evicted.forEach(Chunk::release);
    }

    void close() {
        evictTail(Long.MAX_VALUE);
    }

    /** Answers the oldest read from the "disk", which holds values that nobody looks at. */
    void answerRead() {
        Read read = reads.remove();
        List<Chunk> chunks = new ArrayList<>();
        int bytes = 0;
        for (Batch batch : batches) {
            if (batch.endOffset() > read.offset()
                    && batch.endOffset() <= writtenEndOffset
                    && (chunks.isEmpty() || bytes < read.maxBytes())) {
                Chunk chunk = TestBatches.of((int) (batch.endOffset() - batch.baseOffset()));
                chunk.assign(batch.baseOffset(), batch.leaderEpoch());
                bytes += chunk.sizeBytes();
                chunks.add(chunk);
            }
        }
        read.completion().read(chunks);
    }

    void failRead(boolean damaged) {
        reads.remove().completion().failed("bytes of a read", damaged);
    }

    /** Drops what lies above {@code endOffset} and takes nothing more, as a log does whose write failed. */
    void failKeeping(long endOffset) {
        failed = true;
        batches.removeIf(batch -> batch.endOffset() > endOffset);
        List<Chunk> dropped = List.copyOf(tail.tailMap(endOffset).values());
        tail.tailMap(endOffset).clear();
        dropped.forEach(Chunk::release);
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
        if (chain.isEmpty() || chain.get(chain.size() - 1).leaderEpoch() < leaderEpoch) {
            chain.removeIf(entry -> entry.startOffset() == startOffset);
            chain.add(new EpochEntry(leaderEpoch, startOffset));
        }
    }

    @Override
    public List<EpochEntry> epochChain() {
        return List.copyOf(chain);
    }

    @Override
    public @Nullable Chunk tail(long offset) {
        var entry = tail.floorEntry(offset);
        return entry != null && entry.getValue().endOffset() > offset ? entry.getValue() : null;
    }

    @Override
    public void read(long offset, int maxBytes, ReadCompletion completion) {
        reads.add(new Read(offset, maxBytes, completion));
    }

    @Override
    public void startingPoint(long offset, StartCompletion completion) {
        starts.add(() -> completion.found(Math.max(offset, logStartOffset), replay().encode()));
    }

    @Override
    public long tombstoneHorizon() {
        return tombstoneHorizon;
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
