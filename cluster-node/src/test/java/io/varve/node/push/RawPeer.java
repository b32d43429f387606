// SPDX-License-Identifier: Apache-2.0
package io.varve.node.push;

import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.netty.buffer.PooledByteBufAllocator;
import io.varve.proto.internal.v1.ExchangeResponse;
import io.varve.transport.BulkMethods;
import io.varve.transport.ChannelFactory;
import io.varve.transport.ChannelSettings;
import io.varve.transport.EventLoops;
import io.varve.transport.ExchangeFrame;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Somebody who speaks to a node's peer port without being one. */
final class RawPeer extends ClientCall.Listener<ExchangeResponse> implements AutoCloseable {

    private final EventLoops loops = EventLoops.open("raw-peer", 1);
    private final ManagedChannel channel;
    private final ClientCall<ExchangeFrame, ExchangeResponse> call;
    private final BlockingQueue<ExchangeResponse> answers = new LinkedBlockingQueue<>();
    private final CompletableFuture<Status> ended = new CompletableFuture<>();

    RawPeer(int port) {
        channel = new ChannelFactory(loops, ChannelSettings.forMessagesUpTo(PushNode.MAX_BATCH, "test"))
                .create("127.0.0.1", port);
        call = channel.newCall(
                BulkMethods.exchange(PooledByteBufAllocator.DEFAULT, PushNode.MAX_BATCH), BulkMethods.callOptions());
        call.start(this, new Metadata());
        call.request(1_000);
    }

    void send(ExchangeFrame frame) {
        call.sendMessage(frame);
    }

    ExchangeResponse nextAnswer() throws InterruptedException {
        return Objects.requireNonNull(answers.poll(10, TimeUnit.SECONDS));
    }

    Status ended() throws Exception {
        return ended.get(10, TimeUnit.SECONDS);
    }

    @Override
    public void onMessage(ExchangeResponse message) {
        answers.add(message);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
        ended.complete(status);
    }

    @Override
    public void close() throws InterruptedException {
        channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
        loops.close();
    }
}
