// SPDX-License-Identifier: Apache-2.0
package io.varve.node.data;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.grpc.ClientCall;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.util.ResourceLeakDetector;
import io.varve.proto.v1.Acks;
import io.varve.proto.v1.ProduceResponse;
import io.varve.transport.ProduceBatch;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a batch costs the node in heap does not depend on how many records are in it. */
@Timeout(120)
class AllocationTest {
    private static final int WARM_UP = 300;
    private static final int MEASURED = 300;

    @TempDir
    Path path;

    @Test
    void shouldAllocateTheSamePerBatchHoweverManyRecordsItHolds() {
        ResourceLeakDetector.Level level = ResourceLeakDetector.getLevel();
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED); // it allocates by itself
        DataServer.Setup setup = new DataServer.Setup();
        setup.allocator = PooledByteBufAllocator.DEFAULT;
        try (DataServer server = new DataServer(path, setup)) {
            ClientCall<ProduceBatch, ProduceResponse> call = server.produceCall();
            Answers<ProduceResponse> answers = Answers.start(call, 1_000_000);
            byte[] few = TestBatch.of(64, 1024);
            byte[] many = TestBatch.of(640, 100);
            long number = send(call, answers, few, 1, WARM_UP);
            number = send(call, answers, many, number, WARM_UP);
            long before = nodeAllocatedBytes();
            number = send(call, answers, few, number, MEASURED);
            long between = nodeAllocatedBytes();
            send(call, answers, many, number, MEASURED);
            long after = nodeAllocatedBytes();
            double perFew = (between - before) / (double) MEASURED;
            double perMany = (after - between) / (double) MEASURED;
            System.out.printf(
                    "node heap per batch: %.0f bytes for 64 x 1 KiB, %.0f bytes for 640 x 100 B%n", perFew, perMany);
            assertThat(perMany).isBetween(perFew * 0.9, perFew * 1.1);
        } finally {
            ResourceLeakDetector.setLevel(level);
        }
    }

    /** One at a time: so every batch pays for its own result message, and coalescing does not blur the figure. */
    private static long send(
            ClientCall<ProduceBatch, ProduceResponse> call,
            Answers<ProduceResponse> answers,
            byte[] batch,
            long number,
            int batches) {
        long next = number;
        for (int i = 0; i < batches; i++) {
            call.sendMessage(
                    new ProduceBatch(next++, DataServer.TOPIC, 0, 0, Acks.ACKS_ALL, 0, Unpooled.wrappedBuffer(batch)));
            assertThat(answers.next().getResults(0).hasError()).isFalse();
        }
        return next;
    }

    private static long nodeAllocatedBytes() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long sum = 0;
        for (ThreadInfo thread : threads.getThreadInfo(threads.getAllThreadIds())) {
            if (thread != null
                    && (thread.getThreadName().startsWith("node-")
                            || thread.getThreadName().startsWith("partition-loop"))) {
                sum += threads.getThreadAllocatedBytes(thread.getThreadId());
            }
        }
        return sum;
    }
}
