// SPDX-License-Identifier: Apache-2.0
package io.varve.transport;

import java.util.List;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes over what gRPC says about connections that broke: it prints a stack trace for each stranger that sends damaged
 * frames, and it prints it past our log. Here it is one line of ours.
 */
final class ConnectionLog {
    private static final org.slf4j.Logger LOG = LoggerFactory.getLogger(ConnectionLog.class);

    /** Kept, because `java.util.logging` forgets the filters of loggers that nobody holds. */
    private static final List<Logger> GRPC = List.of(
            Logger.getLogger("io.grpc.netty.NettyServerTransport.connections"),
            Logger.getLogger("io.grpc.netty.NettyServerHandler"));

    private ConnectionLog() {}

    static void takeOver() {
        GRPC.forEach(logger -> logger.setFilter(ConnectionLog::passOn));
    }

    private static boolean passOn(LogRecord line) {
        Throwable cause = line.getThrown();
        if (LOG.isDebugEnabled()) {
            LOG.debug("closed a connection", cause);
        } else {
            LOG.info("closed a connection: {}", cause == null ? line.getMessage() : cause.toString());
        }
        return false;
    }
}
