// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.segment;

import io.varve.storage.Chunk;
import io.varve.storage.EpochEntry;
import io.varve.storage.IoPool;
import io.varve.storage.IoPool.Step;
import io.varve.storage.journal.Journal;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one log's I/O task has to do, in order: chunks and epochs from the loop, changes from anybody. It runs the task while there is anything, one at a time.
 * The lock is held for a few instructions, never during I/O.
 *
 * <p><i>thread-safe</i>
 */
final class StagedWork {
    /** As many buffers as one writev takes. */
    private static final int MAX_GROUP_CHUNKS = 1024;

    private static final long MAX_GROUP_BYTES = 16 << 20;

    private final IoPool ioPool;
    private final Journal journal;
    private final Runnable task;
    private final ArrayDeque<Object> queue = new ArrayDeque<>(0); // guarded by this; Chunk, EpochEntry or Change
    private boolean scheduled; // guarded by this
    private boolean refusing; // guarded by this
    private long chunkBytes; // guarded by this

    StagedWork(IoPool ioPool, Journal journal, Runnable task) {
        this.ioPool = ioPool;
        this.journal = journal;
        this.task = task;
    }

    /** Takes over the caller's reference if it returns true. */
    boolean stage(Chunk chunk) {
        Step first;
        synchronized (this) {
            if (refusing) {
                return false;
            }
            queue.add(chunk);
            chunkBytes += chunk.sizeBytes();
            if (scheduled) {
                return true;
            }
            scheduled = true;
            first = step();
        }
        journal.busy(1);
        ioPool.execute(first, task);
        return true;
    }

    /** Wakes nobody: it matters when the epoch's first chunk comes. */
    synchronized void stage(EpochEntry epoch) {
        if (!refusing) {
            queue.add(epoch);
        }
    }

    void enqueue(Change<?> change) {
        Step first;
        synchronized (this) {
            queue.add(change);
            if (scheduled) {
                return;
            }
            scheduled = true;
            first = step();
        }
        journal.busy(1);
        ioPool.execute(first, task);
    }

    /** What comes next, to be run by the task. */
    private Step step() { // holds this
        Object next = queue.peek();
        return next instanceof Change<?> change ? change.step() : next instanceof EpochEntry ? Step.EPOCH : Step.WRITE;
    }

    /** Moves the next chunks into {@code group}, or returns the epoch or change that comes before any. */
    synchronized @Nullable Object next(List<Chunk> group) {
        long bytes = 0;
        while (queue.peek() instanceof Chunk chunk
                && group.size() < MAX_GROUP_CHUNKS
                && (group.isEmpty() || bytes + chunk.sizeBytes() <= MAX_GROUP_BYTES)) {
            bytes += chunk.sizeBytes();
            group.add(chunk);
            queue.remove();
        }
        return group.isEmpty() ? queue.poll() : null;
    }

    synchronized void written(long bytes) {
        chunkBytes -= bytes;
    }

    /** Ends the task's run if nothing is left. */
    boolean finished() {
        boolean more;
        synchronized (this) {
            more = !queue.isEmpty();
            scheduled = more;
        }
        if (!more) {
            journal.busy(-1);
        }
        return !more;
    }

    /** Lets the tasks of other logs have the thread first. {@code flush} says that the flush of a group is next. */
    void again(boolean flush) {
        Step next;
        synchronized (this) {
            next = flush ? Step.FLUSH : step();
        }
        ioPool.execute(next, task);
    }

    synchronized long chunkBytes() {
        return chunkBytes;
    }

    /** Drops and releases all chunks and takes no more, until {@link #accept}; changes stay. */
    void refuse() {
        synchronized (this) {
            refusing = true;
            for (Iterator<Object> all = queue.iterator(); all.hasNext(); ) {
                Object work = all.next();
                if (work instanceof Chunk chunk) {
                    chunkBytes -= chunk.sizeBytes();
                    chunk.release();
                }
                if (!(work instanceof Change<?>)) {
                    all.remove();
                }
            }
        }
    }

    synchronized void accept() {
        refusing = false;
    }
}
