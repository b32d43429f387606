// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.ratis;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.util.LifeCycle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes the server of Ratis without its two waits, each longer than a node takes for all the rest: a second until the
 * writer of the log looks up from its empty queue, and two in which its network threads, with everything closed, are
 * quiet before they end.
 */
final class RatisShutdown {

    private static final Logger LOG = LoggerFactory.getLogger(RatisShutdown.class);
    private static final String LOG_WRITER = "SegmentedRaftLogWorker";
    private static final int SPARE = 16;
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(5);
    /** From the log being closed to its writer being told; woken sooner, it complains. */
    private static final long GRACE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private final RaftServer server;
    private final RaftGroupId group;
    private final ThreadGroup threads;
    private final InetSocketAddress address;

    /** @param threads all threads that this server made, and no others */
    RatisShutdown(RaftServer server, RaftGroupId group, ThreadGroup threads, InetSocketAddress address) {
        this.server = server;
        this.group = group;
        this.threads = threads;
        this.address = address;
    }

    /** Returns when the log is closed and the address free, or after five seconds. */
    void run() throws IOException {
        var division = server.getDivision(group);
        var closer = new Thread(this::close, "raft-close");
        closer.setDaemon(true);
        closer.start();
        long deadline = System.nanoTime() + LIMIT_NANOS;
        long wakeAt = Long.MAX_VALUE;
        while (closer.isAlive() && System.nanoTime() - deadline < 0) {
            if (division.getInfo().getLifeCycleState() == LifeCycle.State.CLOSED) {
                if (addressIsFree()) {
                    return;
                }
            } else if (!division.getRaftLog().isOpened()) {
                wakeAt = Math.min(wakeAt, System.nanoTime() + GRACE_NANOS);
                if (System.nanoTime() - wakeAt >= 0) {
                    wakeLogWriter();
                }
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    /**
     * The log takes nothing more by now, and what it took was flushed before it counted; a writer that waits has
     * nothing left to write.
     */
    private void wakeLogWriter() {
        var present = new Thread[threads.activeCount() + SPARE];
        int count = threads.enumerate(present);
        for (int i = 0; i < count; i++) {
            boolean waits = present[i].getState() == Thread.State.TIMED_WAITING;
            if (waits && present[i].getName().contains(LOG_WRITER)) {
                present[i].interrupt();
            }
        }
    }

    private void close() {
        try {
            server.close();
        } catch (IOException e) {
            LOG.warn("closing the Raft server failed", e);
        }
    }

    private boolean addressIsFree() {
        try {
            RatisStart.bindBriefly(address);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
