// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.node;

import io.varve.replication.leader.ProducerStates;
import io.varve.replication.replica.ReplicaLog;
import io.varve.storage.Chunk;
import io.varve.storage.EpochEntry;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** The log of a scripted replica, in memory. The script decides when it writes, and what a power loss leaves of it. */
final class ScriptLog implements ReplicaLog {
    final List<Chunk> chunks = new ArrayList<>(); // one reference each
    final List<EpochEntry> chain = new ArrayList<>();
    private final Queue<Runnable> completions = new ArrayDeque<>();
    private long written;
    private boolean failed;

    @Override
    public boolean stage(Chunk chunk) {
        if (failed) {
            chunk.release();
            return false;
        }
        if (chunk.baseOffset() != stagedEndOffset() || chunk.leaderEpoch() < lastEpoch()) {
            throw new IllegalStateException("I9: epoch " + chunk.leaderEpoch() + " at " + chunk.baseOffset()
                    + ", after epoch " + lastEpoch() + " up to " + stagedEndOffset());
        }
        if (chunk.leaderEpoch() > lastEpoch()) {
            chain.add(new EpochEntry(chunk.leaderEpoch(), chunk.baseOffset()));
        }
        chunks.add(chunk);
        return true;
    }

    @Override
    public void assignEpoch(int leaderEpoch, long startOffset) {
        if (leaderEpoch <= lastEpoch()) {
            throw new IllegalStateException("I8: epoch " + leaderEpoch + " begins after epoch " + lastEpoch());
        }
        chain.add(new EpochEntry(leaderEpoch, startOffset));
    }

    private int lastEpoch() {
        return chain.isEmpty() ? 0 : chain.get(chain.size() - 1).leaderEpoch();
    }

    /** Everything staged is written and flushed; whether anything was. */
    boolean write() {
        boolean more = !failed && written < stagedEndOffset();
        written = failed ? written : stagedEndOffset();
        return more;
    }

    /** What is not written is gone, and nothing more is taken until it is reopened. */
    void fail() {
        failed = true;
        cutTo(written);
    }

    /** One record per offset: what lies from there on is gone. */
    void cutTo(long offset) {
        while (stagedEndOffset() > offset) {
            chunks.remove(chunks.size() - 1).release();
        }
        chain.removeIf(entry -> entry.startOffset() >= offset);
        written = Math.min(written, offset);
    }

    /** A new process opens it. */
    void reborn() {
        completions.clear();
        failed = false;
    }

    /** The next of what was asked for is done; whether there was any. */
    boolean complete() {
        Runnable next = completions.poll();
        if (next != null) {
            next.run();
        }
        return next != null;
    }

    @Override
    public void truncateTo(long offset, Done done) {
        completions.add(() -> {
            cutTo(offset);
            done.done(offset);
        });
    }

    @Override
    public void resetTo(long offset, Done done) {
        throw new UnsupportedOperationException("no script removes the beginning of a log");
    }

    @Override
    public void moveStart(long offset, long highWatermark, boolean durably, Done done) {
        throw new UnsupportedOperationException("no script removes the beginning of a log");
    }

    @Override
    public void retain(long nowMillis, long highWatermark, Done done) {
        throw new UnsupportedOperationException("no script removes the beginning of a log");
    }

    @Override
    public void keepProducers(ByteBuffer encoded, Done done) {
        throw new UnsupportedOperationException("no script removes the beginning of a log");
    }

    @Override
    public void startingPoint(long offset, StartCompletion completion) {
        throw new UnsupportedOperationException("no script removes the beginning of a log");
    }

    @Override
    public void replayProducers(ProducersDone done) {
        completions.add(() -> done.replayed(new ProducerStates()));
    }

    @Override
    public void reopen(Done done) {
        completions.add(() -> {
            failed = false;
            done.done(written);
        });
    }

    @Override
    public void read(long offset, int maxBytes, ReadCompletion completion) {
        throw new UnsupportedOperationException("everything is in memory");
    }

    @Override
    public @Nullable Chunk tail(long offset) {
        return offset < stagedEndOffset() ? chunks.get((int) offset) : null;
    }

    @Override
    public void checkpointHighWatermark(long highWatermark) {}

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
        return 0;
    }

    @Override
    public long stagedEndOffset() {
        return chunks.size();
    }

    @Override
    public long writtenEndOffset() {
        return written;
    }

    @Override
    public long flushedEndOffset() {
        return written;
    }

    @Override
    public long stagedBytes() {
        return written < stagedEndOffset() ? 1 : 0;
    }
}
