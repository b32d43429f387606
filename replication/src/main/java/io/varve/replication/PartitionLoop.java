// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

import io.varve.storage.TailCache;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jctools.queues.MpscUnboundedArrayQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread that owns many partitions. Everything else posts events to it; it runs them in the order of their arrival, in turns of at most
 * {@value #TURN_EVENTS}, and lets each partition that was touched act once at the end of the turn, so that the work per event stays small under load.
 * It never blocks on a file or a socket; without events it sleeps.
 *
 * <p>Bounded: {@link #offer} refuses while {@link #CAPACITY} events wait. {@link #post} does not, and is for events that exist at most a few times
 * per partition or reader.
 *
 * <p>After {@link #close()} the thread runs what is queued and ends; an event that still arrives is run by the thread that brings it, one at a time.
 *
 * <p>*Thread-safe*; methods that say so are *confined to the partition loop*.
 */
public final class PartitionLoop implements AutoCloseable {
    static final int CAPACITY = 64 * 1024;
    static final int TURN_EVENTS = 256;
    /** Granularity of the deadlines of appends. */
    static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    /** An idle loop looks again this often: the queue may seem empty for a moment while it takes a new chunk. */
    private static final long IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final int QUEUE_CHUNK = 1024;
    private static final Logger LOG = LoggerFactory.getLogger(PartitionLoop.class);

    private final MpscUnboundedArrayQueue<Runnable> queue = new MpscUnboundedArrayQueue<>(QUEUE_CHUNK);
    private final ArrayList<LoopMember> touched = new ArrayList<>();
    private final Set<LoopMember> ticking = new LinkedHashSet<>();
    private final LoopReplicas replicas = new LoopReplicas();
    private final LoopOutbox outbox = new LoopOutbox();
    private final LoopClock clock;
    private final TailCache tailCache;
    private final Thread thread;
    private final Object afterEnd = new Object();
    private long nowNanos;
    private long nowMillis;
    private long lastTickNanos;
    // Written by the loop before it sleeps, read by whoever brings an event: one of both sees the other.
    private volatile boolean asleep;
    private volatile boolean closing;
    private volatile boolean ended;

    PartitionLoop(String name, LoopClock clock, long tailCacheBytes) {
        this.clock = clock;
        this.tailCache = new TailCache(tailCacheBytes);
        this.thread = new Thread(this::run, name);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Brings an event, unless {@link #CAPACITY} are waiting or the loop is closed; false: it will not run. */
    public boolean offer(Runnable event) {
        if (closing || queue.size() >= CAPACITY) {
            return false;
        }
        post(event);
        return true;
    }

    /** Brings an event that must not be lost. */
    public void post(Runnable event) {
        queue.offer(event);
        if (asleep) {
            asleep = false;
            LockSupport.unpark(thread);
        }
        if (ended) {
            runLate();
        }
    }

    void assertInLoop() {
        if (Thread.currentThread() != thread && !(ended && Thread.holdsLock(afterEnd))) {
            throw new InvariantException(
                    "thread " + Thread.currentThread().getName() + " touches a partition of " + thread.getName());
        }
    }

    /** The member's {@link LoopMember#endOfTurn()} is due; a member calls it once per turn. Confined to the partition loop. */
    void touched(LoopMember member) {
        touched.add(member);
    }

    /** Confined to the partition loop. */
    void wantsTicks(LoopMember member) {
        ticking.add(member);
    }

    /** When this turn began. Confined to the partition loop. */
    long nowNanos() {
        return nowNanos;
    }

    /** When this turn began. Confined to the partition loop. */
    long nowMillis() {
        return nowMillis;
    }

    /** Confined to the partition loop. */
    TailCache tailCache() {
        return tailCache;
    }

    /** Confined to the partition loop. */
    LoopReplicas replicas() {
        return replicas;
    }

    /** Confined to the partition loop. */
    LoopOutbox outbox() {
        return outbox;
    }

    LoopClock clock() {
        return clock;
    }

    private void run() {
        readClock();
        lastTickNanos = nowNanos;
        while (!(closing && queue.isEmpty())) {
            turn();
            if (queue.isEmpty() && !closing) {
                sleep();
            }
        }
        synchronized (afterEnd) {
            tailCache.close();
            ended = true;
        }
        runLate();
    }

    private void turn() {
        readClock();
        Runnable event;
        for (int events = 0; events < TURN_EVENTS && (event = queue.poll()) != null; events++) {
            runGuarded(event);
        }
        endTurn();
        if (nowNanos - lastTickNanos >= TICK_NANOS) {
            lastTickNanos = nowNanos;
            ticking.removeIf(member -> !tick(member));
            endTurn();
        }
        handOver();
    }

    private void handOver() {
        try {
            outbox.flush();
        } catch (Throwable t) {
            LOG.error("{}: what a turn had for other nodes is lost; their sessions begin anew", thread.getName(), t);
        }
    }

    private void endTurn() {
        // by index: a member may touch another one while it acts
        for (int i = 0; i < touched.size(); i++) {
            LoopMember member = touched.get(i);
            try {
                member.endOfTurn();
            } catch (Throwable t) {
                member.failed(t);
            }
        }
        touched.clear();
    }

    private boolean tick(LoopMember member) {
        try {
            return member.tick(nowNanos);
        } catch (Throwable t) {
            member.failed(t);
            return false;
        }
    }

    private void runGuarded(Runnable event) {
        try {
            event.run();
        } catch (Throwable t) {
            // Events of a partition catch their own and stop that partition; this one belongs to none.
            LOG.error("{}: an event failed; the loop goes on", thread.getName(), t);
        }
    }

    private void sleep() {
        asleep = true;
        if (queue.isEmpty() && !closing) {
            if (ticking.isEmpty()) {
                LockSupport.parkNanos(this, IDLE_NANOS);
            } else {
                LockSupport.parkNanos(this, TICK_NANOS);
            }
        }
        asleep = false;
    }

    private void readClock() {
        nowNanos = clock.nanoTime();
        nowMillis = clock.currentTimeMillis();
    }

    /** What arrives after the end is run here, so that nobody waits for an answer for ever. */
    private void runLate() {
        if (Thread.holdsLock(afterEnd)) {
            return; // an event brought by a late event: the loop below sees it
        }
        synchronized (afterEnd) {
            for (Runnable event = queue.poll(); event != null; event = queue.poll()) {
                readClock();
                runGuarded(event);
                endTurn();
                handOver();
            }
            tailCache.close();
        }
    }

    /** Runs what is queued and ends the thread; waits for that. Idempotent. */
    @Override
    public void close() {
        closing = true;
        LockSupport.unpark(thread);
        if (Thread.currentThread() == thread) {
            return;
        }
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
