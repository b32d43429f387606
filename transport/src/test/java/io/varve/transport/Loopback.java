// SPDX-License-Identifier: Apache-2.0
package io.varve.transport;

import static org.awaitility.Awaitility.await;

import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A real server and a real channel to it, over the loopback interface. */
final class Loopback implements AutoCloseable {
    static final int LIMIT = 1 << 20;

    final CountingAllocator serverBuffers = new CountingAllocator(true);
    final CountingAllocator clientBuffers = new CountingAllocator(false);
    final ManagedChannel channel;
    final int port;
    private final EventLoops loops;
    private final ExecutorService executor = Executors.newCachedThreadPool();
    private final Server server;

    Loopback(boolean nativeTransport, ServerServiceDefinition... services) throws IOException {
        this(EventLoops.open("test", 2, nativeTransport), ServerSettings.forBatchesUpTo(LIMIT), services);
    }

    Loopback(ServerSettings settings, ServerServiceDefinition... services) throws IOException {
        this(EventLoops.open("test", 2), settings, services);
    }

    private Loopback(EventLoops loops, ServerSettings settings, ServerServiceDefinition... services)
            throws IOException {
        this.loops = loops;
        this.server = new ServerFactory(loops, settings, executor)
                .create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), List.of(services))
                .start();
        this.port = server.getPort();
        this.channel =
                new ChannelFactory(loops, ChannelSettings.forMessagesUpTo(LIMIT, "test")).create("127.0.0.1", port);
    }

    static <Q, R> ServerServiceDefinition service(MethodDescriptor<Q, R> method, ServerCallHandler<Q, R> handler) {
        return ServerServiceDefinition.builder(method.getServiceName())
                .addMethod(method, handler)
                .build();
    }

    <Q, R> Answers<R> start(ClientCall<Q, R> call) {
        Answers<R> answers = new Answers<>();
        call.start(answers, new Metadata());
        call.request(1_000);
        return answers;
    }

    static void waitUntilReady(ClientCall<?, ?> call) {
        await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1)).until(call::isReady);
    }

    @Override
    public void close() {
        channel.shutdownNow();
        server.shutdownNow();
        try {
            channel.awaitTermination(10, TimeUnit.SECONDS);
            server.awaitTermination(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        loops.close();
        executor.shutdownNow();
    }

    /** What a call brings. */
    static final class Answers<R> extends ClientCall.Listener<R> {
        private final BlockingQueue<R> messages = new LinkedBlockingQueue<>();
        private final BlockingQueue<Throwable> end = new LinkedBlockingQueue<>();

        @Override
        public void onMessage(R message) {
            messages.add(message);
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            end.add(status.asException(trailers));
        }

        R next() {
            return poll(messages, "no answer");
        }

        /** The status of the whole call, with its trailers. */
        Throwable end() {
            return poll(end, "the call did not end");
        }

        private static <T> T poll(BlockingQueue<T> queue, String otherwise) {
            try {
                T next = queue.poll(Duration.ofSeconds(10).toMillis(), TimeUnit.MILLISECONDS);
                if (next == null) {
                    throw new AssertionError(otherwise + " within 10 s");
                }
                return next;
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    /** A handler's listener that keeps every message it gets. */
    abstract static class Handler<Q, R> extends ServerCall.Listener<Q> {
        final ServerCall<Q, R> call;

        Handler(ServerCall<Q, R> call) {
            this.call = call;
            call.sendHeaders(new Metadata());
            call.request(1_000);
        }
    }
}
