// SPDX-License-Identifier: Apache-2.0
package io.varve.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.varve.proto.v1.Acks;
import io.varve.proto.v1.BatchResult;
import io.varve.proto.v1.ProduceResponse;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoopbackTest {
    private final CountingAllocator buffers = new CountingAllocator(true);
    private final EventLoops loops = EventLoops.open("test", 2);

    @AfterEach
    void close() {
        loops.close();
        assertThat(buffers.openBytes()).isZero();
    }

    @Test
    void shouldCarryBatches() throws Exception {
        var method = BulkMethods.produce(buffers, 1 << 20);
        ServerServiceDefinition service = ServerServiceDefinition.builder("varve.v1.ProduceService")
                .addMethod(method, (ServerCall<ProduceBatch, ProduceResponse> call, Metadata headers) -> {
                    call.sendHeaders(new Metadata());
                    call.request(100);
                    return new ServerCall.Listener<ProduceBatch>() {
                        @Override
                        public void onMessage(ProduceBatch m) {
                            int sum = 0;
                            ByteBuf b = m.batch();
                            for (int i = b.readerIndex(); i < b.writerIndex(); i++) {
                                sum += b.getByte(i);
                            }
                            m.release();
                            call.sendMessage(ProduceResponse.newBuilder()
                                    .addResults(BatchResult.newBuilder()
                                            .setNumber(m.number())
                                            .setBaseOffset(sum))
                                    .build());
                        }

                        @Override
                        public void onHalfClose() {
                            call.close(io.grpc.Status.OK, new Metadata());
                        }
                    };
                })
                .build();
        Server server = new ServerFactory(loops, ServerSettings.forBatchesUpTo(1 << 20), ForkJoinPool.commonPool())
                .create(new InetSocketAddress("127.0.0.1", 0), List.of(service))
                .start();
        ManagedChannel channel = new ChannelFactory(loops, ChannelSettings.forMessagesUpTo(1 << 20, "test"))
                .create("127.0.0.1", server.getPort());
        AtomicInteger got = new AtomicInteger();
        var call = channel.newCall(method, BulkMethods.callOptions());
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onMessage(ProduceResponse r) {
                        got.addAndGet((int) r.getResults(0).getBaseOffset());
                    }
                },
                new Metadata());
        call.request(100);
        await().until(call::isReady);
        byte[] payload = new byte[300_000];
        payload[0] = 1;
        payload[299_999] = 1;
        for (int i = 1; i <= 10; i++) {
            call.sendMessage(
                    new ProduceBatch(i, new UUID(1, 2), 0, 1, Acks.ACKS_ALL, 0, Unpooled.wrappedBuffer(payload)));
        }
        call.halfClose();
        await().until(() -> got.get() == 20);
        channel.shutdownNow();
        server.shutdownNow();
    }
}
