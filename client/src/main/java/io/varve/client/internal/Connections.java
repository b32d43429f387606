// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.varve.transport.ChannelFactory;
import io.varve.transport.ChannelSettings;
import io.varve.transport.EventLoops;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One connection to each address, made when first needed, and the threads that serve them. <i>Thread-safe.</i> */
public final class Connections implements AutoCloseable {
    /** No topic takes larger batches; what a node sends at once is bounded by it. */
    public static final int MAX_BATCH_BYTES = 64 << 20;

    private static final Metadata.Key<String> CLIENT_ID =
            Metadata.Key.of("x-client-id", Metadata.ASCII_STRING_MARSHALLER);
    /** A machine that is gone answers nothing at all, and others may lead meanwhile. */
    private static final Duration CONNECT_TIMEOUT = Duration.ofMillis(1_500);

    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);

    private final String clientId;
    private final EventLoops loops;
    private final ChannelFactory factory;
    private final Map<NodeAddress, ManagedChannel> channels = new HashMap<>(); // guarded by itself
    private boolean closed; // guarded by channels

    Connections(String clientId) {
        this.clientId = clientId;
        this.loops = EventLoops.open("varve-" + clientId, 1);
        ChannelSettings settings = ChannelSettings.forMessagesUpTo(MAX_BATCH_BYTES, "varve-java");
        this.factory = new ChannelFactory(
                loops,
                new ChannelSettings(
                        settings.maxInboundMessageBytes(),
                        settings.flowControlWindowBytes(),
                        CONNECT_TIMEOUT,
                        settings.keepAlive(),
                        settings.keepAliveTimeout(),
                        settings.userAgent()));
    }

    /** Starts a call. Its callbacks come on an event loop, and must not block. */
    public <Q, R> ClientCall<Q, R> start(
            NodeAddress address, MethodDescriptor<Q, R> method, CallOptions options, ClientCall.Listener<R> listener) {
        ManagedChannel channel = channel(address);
        if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
            // Whoever calls has waited already; gRPC's own pauses grow to minutes.
            channel.resetConnectBackoff();
        }
        ClientCall<Q, R> call = channel.newCall(method, options);
        Metadata headers = new Metadata();
        headers.put(CLIENT_ID, ascii(clientId));
        call.start(listener, headers);
        return call;
    }

    /** One question, one answer. The future fails with what {@link Errors#of(Throwable, String)} makes of the failure. */
    public <Q, R> CompletableFuture<R> ask(
            NodeAddress address, MethodDescriptor<Q, R> method, Q question, long timeoutNanos) {
        Answer<R> answer = new Answer<>(method.getBareMethodName() + " at " + address);
        try {
            ClientCall<Q, R> call = start(
                    address, method, CallOptions.DEFAULT.withDeadlineAfter(timeoutNanos, TimeUnit.NANOSECONDS), answer);
            call.request(2);
            call.sendMessage(question);
            call.halfClose();
        } catch (RuntimeException e) {
            answer.future.completeExceptionally(e);
        }
        return answer.future;
    }

    private ManagedChannel channel(NodeAddress address) {
        synchronized (channels) {
            if (closed) {
                throw new IllegalStateException("the client is closed");
            }
            return channels.computeIfAbsent(address, a -> factory.create(a.host(), a.port()));
        }
    }

    private static String ascii(String text) {
        return text.replaceAll("[^\\x20-\\x7e]", "?");
    }

    /** Ends all calls, then connections and their threads. */
    @Override
    public void close() {
        Map<NodeAddress, ManagedChannel> all;
        synchronized (channels) {
            if (closed) {
                return;
            }
            closed = true;
            all = Map.copyOf(channels);
        }
        all.values().forEach(ManagedChannel::shutdownNow);
        long deadline = System.nanoTime() + CLOSE_TIMEOUT.toNanos();
        try {
            for (ManagedChannel channel : all.values()) {
                channel.awaitTermination(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        loops.close();
    }

    private static final class Answer<R> extends ClientCall.Listener<R> {
        private final String what;
        private final CompletableFuture<R> future = new CompletableFuture<>();
        private @Nullable R value;

        Answer(String what) {
            this.what = what;
        }

        @Override
        public void onMessage(R message) {
            value = message;
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            R answer = value;
            if (status.isOk() && answer != null) {
                future.complete(answer);
            } else {
                Status failure = status.isOk() ? Status.INTERNAL.withDescription("no answer") : status;
                future.completeExceptionally(Exceptions.of(Errors.of(failure.asRuntimeException(trailers), what)));
            }
        }
    }
}
