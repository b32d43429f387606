// SPDX-License-Identifier: Apache-2.0
package io.varve.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The threads that do network I/O, on native epoll where there is one. One thread owns each connection. Shared by any
 * number of servers and channels of a process, which must be closed first. *Thread-safe.*
 */
public final class EventLoops implements AutoCloseable {
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

    private final EventLoopGroup boss;
    private final EventLoopGroup workers;
    private final boolean nativeTransport;

    private EventLoops(EventLoopGroup boss, EventLoopGroup workers, boolean nativeTransport) {
        this.boss = boss;
        this.workers = workers;
        this.nativeTransport = nativeTransport;
    }

    /**
     * Threads start when first used, as daemons.
     *
     * @param name threads are called {@code <name>-accept-1} and {@code <name>-loop-1} to {@code -n}
     * @param workers threads for connections, at least 1; more than cores only help when callbacks wait
     */
    public static EventLoops open(String name, int workers) {
        return open(name, workers, Epoll.isAvailable());
    }

    static EventLoops open(String name, int workers, boolean nativeTransport) {
        IoHandlerFactory handlers = nativeTransport ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        return new EventLoops(
                new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory(name + "-accept", true), handlers),
                new MultiThreadIoEventLoopGroup(workers, new DefaultThreadFactory(name + "-loop", true), handlers),
                nativeTransport);
    }

    EventLoopGroup boss() {
        return boss;
    }

    /** For work that must run on one I/O thread, such as feeding a stream: `workers().next()`. */
    public EventLoopGroup workers() {
        return workers;
    }

    Class<? extends Channel> socketType() {
        return nativeTransport ? EpollSocketChannel.class : NioSocketChannel.class;
    }

    /** Server sockets that close connections which do not begin with HTTP/2. */
    ChannelFactory<ServerChannel> serverSockets() {
        return () -> {
            ServerChannel socket = nativeTransport ? new EpollServerSocketChannel() : new NioServerSocketChannel();
            socket.pipeline().addLast(PrefaceGuard.acceptor());
            return socket;
        };
    }

    /** Waits for the threads to end, for a few seconds at most. */
    @Override
    public void close() {
        var accepting = boss.shutdownGracefully(0, CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        var working = workers.shutdownGracefully(0, CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        accepting.awaitUninterruptibly(CLOSE_TIMEOUT.toMillis());
        working.awaitUninterruptibly(CLOSE_TIMEOUT.toMillis());
    }
}
