// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

import io.varve.storage.Damage;
import io.varve.storage.LogListener;
import io.varve.storage.StorageException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Carries the log's progress from its I/O thread to the loop: however often the log reports, at most one event waits, and it brings the newest ends.
 * *Thread-safe.*
 */
final class LogMailbox implements LogListener, Runnable {
    private final PartitionLoop loop;
    private final ReplicaShell shell;
    private final AtomicBoolean posted = new AtomicBoolean();
    // Written in this order and read in the other, so that what is read never has flushed above written.
    private volatile long writtenEndOffset;
    private volatile long flushedEndOffset;

    LogMailbox(PartitionLoop loop, ReplicaShell shell) {
        this.loop = loop;
        this.shell = shell;
    }

    @Override
    public void onProgress(long written, long flushed) {
        writtenEndOffset = written;
        flushedEndOffset = flushed;
        if (posted.compareAndSet(false, true)) {
            loop.post(this);
        }
    }

    @Override
    public void onFailure(StorageException cause, long written, long flushed) {
        loop.post(() -> shell.logFailed(cause, written, flushed));
    }

    @Override
    public void onDamageFound(Damage damage) {
        loop.post(() -> shell.damageFound(damage));
    }

    @Override
    public void run() {
        posted.set(false); // before the reads: what comes after them posts again
        long flushed = flushedEndOffset;
        long written = writtenEndOffset;
        shell.logProgressed(written, flushed);
    }
}
