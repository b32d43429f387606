// SPDX-License-Identifier: Apache-2.0
package io.varve.transport;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/**
 * Makes channels to nodes. *Thread-safe.*
 *
 * <p>Callbacks run on the event loop and must not block: a stub that runs a stranger's code gets an executor of its own,
 * {@code stub.withExecutor(..)}. Calls are not retried by gRPC, because a message is framed once and its buffer may be
 * gone afterwards.
 *
 * <p>gRPC waits ever longer between attempts to connect, up to two minutes; who knows better calls
 * {@code resetConnectBackoff()} on the channel.
 */
public final class ChannelFactory {
    private final EventLoops loops;
    private final ChannelSettings settings;

    public ChannelFactory(EventLoops loops, ChannelSettings settings) {
        this.loops = loops;
        this.settings = settings;
    }

    /** A channel of its own: one connection, made when first needed. The caller shuts it down. */
    public ManagedChannel create(String host, int port) {
        return create(host, port, loops.workers());
    }

    /** The same with its connection on a loop of the caller's choice: then what runs there may use its calls without a hop. */
    public ManagedChannel create(String host, int port, EventLoopGroup loop) {
        return NettyChannelBuilder.forAddress(host, port)
                .usePlaintext()
                .eventLoopGroup(loop)
                .channelType(loops.socketType(), InetSocketAddress.class)
                .directExecutor()
                .disableRetry()
                // Nodes are reached directly: a proxy that the environment has for the web does not speak for them.
                .proxyDetector(address -> null)
                .userAgent(settings.userAgent())
                .maxInboundMessageSize(settings.maxInboundMessageBytes())
                .flowControlWindow(settings.flowControlWindowBytes())
                .keepAliveTime(settings.keepAlive().toNanos(), TimeUnit.NANOSECONDS)
                .keepAliveTimeout(settings.keepAliveTimeout().toNanos(), TimeUnit.NANOSECONDS)
                .withOption(
                        ChannelOption.CONNECT_TIMEOUT_MILLIS,
                        Math.toIntExact(settings.connectTimeout().toMillis()))
                .withOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .withOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .build();
    }

    /**
     * Netty hands HTTP/2 frames to the socket only up to the high mark; its own 64 KiB costs a round of the event loop
     * per batch.
     */
    static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(512 << 10, 1 << 20);
}
