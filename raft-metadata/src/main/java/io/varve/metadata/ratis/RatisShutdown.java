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
 * Closes the server of Ratis without waiting for its network threads: after everything is closed it gives each of them
 * two quiet seconds before it lets them end, and a clean stop of a node may not take that long.
 */
final class RatisShutdown {

    private static final Logger LOG = LoggerFactory.getLogger(RatisShutdown.class);
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private final RaftServer server;
    private final RaftGroupId group;
    private final InetSocketAddress address;

    RatisShutdown(RaftServer server, RaftGroupId group, InetSocketAddress address) {
        this.server = server;
        this.group = group;
        this.address = address;
    }

    /** Returns when the log is closed and the address free, or after five seconds. */
    void run() throws IOException {
        var division = server.getDivision(group).getInfo();
        var closer = new Thread(this::close, "raft-close");
        closer.setDaemon(true);
        closer.start();
        long deadline = System.nanoTime() + LIMIT_NANOS;
        while (closer.isAlive() && System.nanoTime() - deadline < 0) {
            if (division.getLifeCycleState() == LifeCycle.State.CLOSED && addressIsFree()) {
                return;
            }
            LockSupport.parkNanos(POLL_NANOS);
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
