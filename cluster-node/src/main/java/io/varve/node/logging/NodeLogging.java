// SPDX-License-Identifier: Apache-2.0
package io.varve.node.logging;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import io.varve.node.config.IdentityConfig;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Plain text to standard output, in code because reading an XML file costs a fifth of a second at start. A logback.xml
 * on the class path is preferred. Lines pass through a queue that drops when nobody takes them: a full disk or a
 * stopped terminal under standard output never stops a partition.
 */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_LOW_PRIORITY)
public final class NodeLogging extends ContextAwareBase implements Configurator {

    private static final String NODE_PROPERTY = "node";
    private static final int QUEUED_LINES = 8192;

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        context.putProperty(NODE_PROPERTY, "-");
        var encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setCharset(StandardCharsets.UTF_8);
        encoder.setPattern("%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level node=%property{node} [%thread] %logger{0}: "
                + "%replace(%msg){'[\\r\\n]+', ' | '}%n%ex");
        encoder.start();
        var console = new ConsoleAppender<ILoggingEvent>();
        console.setContext(context);
        console.setEncoder(encoder);
        console.start();
        var queue = new AsyncAppender();
        queue.setContext(context);
        queue.setName("standard output");
        queue.setQueueSize(QUEUED_LINES);
        queue.setDiscardingThreshold(0);
        queue.setNeverBlock(true);
        queue.addAppender(console);
        queue.start();
        var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.WARN);
        root.addAppender(queue);
        context.getLogger("io.varve").setLevel(Level.INFO);
        quietRatis(context);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /** Names the node in every line from now on, and sets the level of the node's own loggers. */
    public static void apply(IdentityConfig identity) {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            context.putProperty(NODE_PROPERTY, Integer.toString(identity.id()));
            context.getLogger("io.varve")
                    .setLevel(Level.toLevel(identity.logLevel().name()));
        }
    }

    /** Before Raft is closed: other voters go on asking, and to a server that is closing each question is an error. */
    public static void quietRaftRequests() {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            context.getLogger("org.apache.ratis.server.RaftServer$Division").setLevel(Level.OFF);
        }
    }

    /** Writes out what is queued; nothing is logged afterwards. */
    public static void flush() {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            context.stop();
        }
    }

    private static void quietRatis(LoggerContext context) {
        context.getLogger("org.apache.ratis").setLevel(Level.WARN);
        // Says at every start, as a warning, which of its buffers it will use.
        context.getLogger("org.apache.ratis.metrics").setLevel(Level.ERROR);
        // While another voter is down: lines every few seconds, and traces when it is offered the leadership.
        context.getLogger("org.apache.ratis.grpc.server.GrpcLogAppender").setLevel(Level.ERROR);
        context.getLogger("org.apache.ratis.grpc.server.GrpcServerProtocolService")
                .setLevel(Level.ERROR);
        context.getLogger("org.apache.ratis.server.impl.TransferLeadership").setLevel(Level.ERROR);
    }
}
