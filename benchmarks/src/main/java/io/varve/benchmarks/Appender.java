// SPDX-License-Identifier: Apache-2.0
package io.varve.benchmarks;

import io.netty.buffer.ByteBuf;
import io.varve.storage.Chunk;
import io.varve.storage.LogListener;
import io.varve.storage.PartitionLog;
import io.varve.storage.StorageException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Appends one batch again and again, in a row of buffers so that none is changed while it is written. Confined to one thread. */
final class Appender implements LogListener {
    private final PartitionLog log;
    private final ByteBuf[] buffers;
    private int next;
    // volatile: written by an I/O thread
    private volatile long writtenEndOffset;
    private volatile long flushedEndOffset;
    private volatile @Nullable StorageException failure;
    private volatile @Nullable Thread waiting;

    Appender(PartitionLog log, int batchBytes, int inFlight) {
        this.log = log;
        buffers = new ByteBuf[inFlight];
        for (int i = 0; i < inFlight; i++) {
            buffers[i] = Workplace.batch(batchBytes);
        }
        log.attach(this);
    }

    /** Stages a batch once the one that was staged so many batches ago is written. */
    void append() {
        long base = log.stagedEndOffset();
        await(base - buffers.length + 1, false);
        ByteBuf buffer = buffers[next++ % buffers.length];
        Chunk chunk = Chunk.of(buffer.retain());
        chunk.assign(base, 1);
        if (!log.stage(chunk)) {
            throw new IllegalStateException("log " + log.id() + " takes nothing more");
        }
    }

    void awaitFlushed() {
        await(log.stagedEndOffset(), true);
    }

    void awaitWritten() {
        await(log.stagedEndOffset(), false);
    }

    private void await(long offset, boolean flushed) {
        waiting = Thread.currentThread();
        while ((flushed ? flushedEndOffset : writtenEndOffset) < offset) {
            StorageException cause = failure;
            if (cause != null) {
                throw new IllegalStateException(cause);
            }
            LockSupport.park(this);
        }
        waiting = null;
    }

    @Override
    public void onProgress(long newWrittenEndOffset, long newFlushedEndOffset) {
        flushedEndOffset = newFlushedEndOffset;
        writtenEndOffset = newWrittenEndOffset;
        LockSupport.unpark(waiting);
    }

    @Override
    public void onFailure(StorageException cause, long newWrittenEndOffset, long newFlushedEndOffset) {
        failure = cause;
        LockSupport.unpark(waiting);
    }
}
