// SPDX-License-Identifier: Apache-2.0
package io.varve.transport;

import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallExecutorSupplier;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelOption;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Makes listeners. *Thread-safe.*
 *
 * <p>Callbacks of the methods in {@link BulkMethods#NAMES} run on the event loop of their connection and must not block.
 * All others run on the executor given. A message that cannot be parsed ends its call with INVALID_ARGUMENT (or what
 * its marshaller says) and an error in the trailer; its handler hears {@code onCancel}. A connection that does not begin
 * with HTTP/2 is closed with one line in the log.
 */
public final class ServerFactory {
    private static final int RESET_WINDOW_SECONDS = 60;

    /** Of connections without any call. They come back by themselves; what must not live for ever is what is forgotten. */
    private static final long MAX_IDLE_MINUTES = 30;

    private final EventLoops loops;
    private final ServerSettings settings;
    private final Executor executor;

    /** @param executor for the methods that may block; it is not shut down here */
    public ServerFactory(EventLoops loops, ServerSettings settings, Executor executor) {
        this.loops = loops;
        this.settings = settings;
        this.executor = executor;
        ConnectionLog.takeOver();
    }

    /** A server that is not started yet. {@code start()} throws when the address is taken. */
    public Server create(SocketAddress address, List<ServerServiceDefinition> services) {
        NettyServerBuilder builder = builder(address);
        services.forEach(service -> builder.addService(CallGuard.around(service)));
        return builder.build();
    }

    /** The same with services that may come later. */
    public Server create(SocketAddress address, ServiceRegistry services) {
        return builder(address).fallbackHandlerRegistry(services).build();
    }

    private NettyServerBuilder builder(SocketAddress address) {
        return NettyServerBuilder.forAddress(address)
                .bossEventLoopGroup(loops.boss())
                .workerEventLoopGroup(loops.workers())
                .channelFactory(loops.serverSockets())
                .directExecutor()
                .callExecutor(callExecutors())
                .maxInboundMessageSize(settings.maxInboundMessageBytes())
                .maxInboundMetadataSize(settings.maxInboundMetadataBytes())
                .flowControlWindow(settings.flowControlWindowBytes())
                .maxConcurrentCallsPerConnection(settings.maxCallsPerConnection())
                .maxRstFramesPerWindow(settings.maxResetsPerMinute(), RESET_WINDOW_SECONDS)
                .handshakeTimeout(settings.handshakeTimeout().toNanos(), TimeUnit.NANOSECONDS)
                .permitKeepAliveTime(settings.permitKeepAlive().toNanos(), TimeUnit.NANOSECONDS)
                .permitKeepAliveWithoutCalls(true)
                .maxConnectionIdle(MAX_IDLE_MINUTES, TimeUnit.MINUTES)
                .keepAliveTime(settings.keepAlive().toNanos(), TimeUnit.NANOSECONDS)
                .withChildOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .withChildOption(ChannelOption.WRITE_BUFFER_WATER_MARK, ChannelFactory.WATER_MARK);
    }

    private ServerCallExecutorSupplier callExecutors() {
        return new ServerCallExecutorSupplier() {
            @Override
            public <ReqT, RespT> @Nullable Executor getExecutor(ServerCall<ReqT, RespT> call, Metadata headers) {
                boolean bulk =
                        BulkMethods.NAMES.contains(call.getMethodDescriptor().getFullMethodName());
                return bulk ? null : executor;
            }
        };
    }
}
