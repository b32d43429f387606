// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.replica;

import io.varve.replication.leader.ProducerStates;
import io.varve.storage.Chunk;
import io.varve.storage.EpochEntry;
import io.varve.storage.StorageException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** A log in memory whose progress, failures and completions the test decides. Keeps the rules of the real one, loudly. */
final class MemoryLog implements ReplicaLog {
    final List<Chunk> chunks = new ArrayList<>(); // one reference each
    final List<EpochEntry> chain = new ArrayList<>();
    final List<String> calls = new ArrayList<>();
    final Queue<Runnable> completions = new ArrayDeque<>();
    long start;
    long tailStart; // below, a chunk is only on disk
    long written;
    long flushed;
    long checkpoint;
    boolean failed;
    boolean damaged; // for who reads

    @Nullable
    ByteBuffer shipped;

    StorageException.@Nullable Kind refuseReopen;
    StorageException.@Nullable Kind refuseReplay; // once

    @Override
    public boolean stage(Chunk chunk) {
        if (failed) {
            chunk.release();
            return false;
        }
        require(chunk.baseOffset() == stagedEndOffset(), "staged at " + chunk.baseOffset());
        int lastEpoch = chain.isEmpty() ? 0 : chain.get(chain.size() - 1).leaderEpoch();
        require(chunk.leaderEpoch() >= lastEpoch, "epoch " + chunk.leaderEpoch() + " after " + lastEpoch);
        if (chunk.leaderEpoch() > lastEpoch) {
            chain.add(new EpochEntry(chunk.leaderEpoch(), chunk.baseOffset()));
        }
        chunks.add(chunk);
        return true;
    }

    @Override
    public void assignEpoch(int leaderEpoch, long startOffset) {
        require(startOffset == stagedEndOffset(), "epoch " + leaderEpoch + " at " + startOffset);
        chain.add(new EpochEntry(leaderEpoch, startOffset));
    }

    /** Everything staged is written, and flushed if asked. */
    void write(boolean flush) {
        written = stagedEndOffset();
        flushed = flush ? written : flushed;
    }

    /** What is not written is gone, until it is reopened. */
    void fail() {
        failed = true;
        removeFrom(written);
    }

    boolean complete() {
        Runnable next = completions.poll();
        if (next != null) {
            next.run();
        }
        return next != null;
    }

    @Override
    public void truncateTo(long offset, Done done) {
        change("truncateTo " + offset);
        completions.add(() -> {
            if (failed) {
                done.failed(StorageException.Kind.CLOSED, "failed before");
                return;
            }
            removeFrom(offset);
            chain.removeIf(entry -> entry.startOffset() >= offset);
            long end = stagedEndOffset();
            written = Math.min(written, end);
            flushed = Math.min(flushed, end);
            checkpoint = Math.min(checkpoint, end);
            done.done(end);
        });
    }

    @Override
    public void resetTo(long offset, Done done) {
        change("resetTo " + offset);
        completions.add(() -> {
            removeFrom(0);
            chain.clear();
            start = offset;
            written = offset;
            flushed = offset;
            done.done(offset);
        });
    }

    @Override
    public void moveStart(long offset, long highWatermark, boolean durably, Done done) {
        calls.add("moveStart " + offset + (durably ? " durably" : ""));
        completions.add(() -> {
            start = Math.max(start, Math.min(offset, highWatermark));
            done.done(start);
        });
    }

    @Override
    public void retain(long nowMillis, long highWatermark, Done done) {
        moveStart(nowMillis, highWatermark, false, done);
    }

    @Override
    public void keepProducers(ByteBuffer encoded, Done done) {
        change("keepProducers");
        shipped = encoded;
        completions.add(() -> done.done(start));
    }

    @Override
    public void startingPoint(long offset, StartCompletion completion) {
        completions.add(
                () -> completion.found(Math.max(offset, start), replayed().encode()));
    }

    @Override
    public void replayProducers(ProducersDone done) {
        change("replay");
        StorageException.Kind refused = refuseReplay;
        refuseReplay = null;
        completions.add(() -> {
            if (refused != null) {
                done.failed(refused, "refused");
            } else {
                done.replayed(replayed());
            }
        });
    }

    ProducerStates replayed() {
        ProducerStates states = new ProducerStates();
        chunks.forEach(chunk -> states.replay(chunk.nioBuffer(), 0, 0));
        return states;
    }

    @Override
    public void reopen(Done done) {
        calls.add("reopen");
        completions.add(() -> {
            if (refuseReopen != null) {
                done.failed(refuseReopen, "refused");
                return;
            }
            failed = false;
            flushed = written;
            done.done(written);
        });
    }

    private void change(String call) {
        calls.add(call);
        require(written == stagedEndOffset() || failed, call + " while staged up to " + stagedEndOffset());
    }

    private void removeFrom(long offset) {
        while (!chunks.isEmpty() && chunks.get(chunks.size() - 1).endOffset() > offset) {
            chunks.remove(chunks.size() - 1).release();
        }
    }

    void close() {
        removeFrom(0);
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new IllegalStateException(what);
        }
    }

    @Override
    public void checkpointHighWatermark(long highWatermark) {
        require(highWatermark <= written, "checkpoint of " + highWatermark + ", written up to " + written);
        checkpoint = highWatermark;
    }

    @Override
    public void read(long offset, int maxBytes, ReadCompletion completion) {
        completions.add(() -> {
            if (damaged) {
                completion.failed("wrong bytes", true);
                return;
            }
            List<Chunk> found = new ArrayList<>();
            for (Chunk chunk : chunks) {
                if (chunk.endOffset() > offset && chunk.endOffset() <= written && found.size() < 3) {
                    found.add(chunk.retain());
                }
            }
            completion.read(found);
        });
    }

    @Override
    public @Nullable Chunk tail(long offset) {
        for (Chunk chunk : chunks) {
            if (offset >= tailStart && chunk.baseOffset() <= offset && offset < chunk.endOffset()) {
                return chunk;
            }
        }
        return null;
    }

    @Override
    public boolean failed() {
        return failed;
    }

    @Override
    public List<EpochEntry> epochChain() {
        return List.copyOf(chain);
    }

    @Override
    public long tombstoneHorizon() {
        return 0;
    }

    @Override
    public long logStartOffset() {
        return start;
    }

    @Override
    public long stagedEndOffset() {
        return chunks.isEmpty() ? start : chunks.get(chunks.size() - 1).endOffset();
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
    public long stagedBytes() {
        return chunks.stream()
                .filter(chunk -> chunk.endOffset() > written)
                .mapToLong(Chunk::sizeBytes)
                .sum();
    }
}
