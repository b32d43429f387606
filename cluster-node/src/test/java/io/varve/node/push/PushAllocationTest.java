// SPDX-License-Identifier: Apache-2.0
package io.varve.node.push;

import static io.varve.node.push.ReplicaPushTest.append;
import static io.varve.node.push.ReplicaPushTest.batch;
import static io.varve.node.push.ReplicaPushTest.get;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.netty.util.ResourceLeakDetector;
import io.varve.replication.AppendResult;
import io.varve.replication.Partition;
import io.varve.replication.PartitionStatus;
import io.varve.storage.Durability;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.nio.file.Path;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a replicated batch costs both nodes in heap does not depend on how many records are in it. */
@Timeout(120)
class PushAllocationTest {

    private static final int WARM_UP = 400;
    private static final int MEASURED = 400;

    @TempDir
    Path disk;

    @Test
    void shouldAllocateTheSamePerBatchHoweverManyRecordsItHolds() {
        ResourceLeakDetector.Level level = ResourceLeakDetector.getLevel();
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED); // it allocates by itself
        TestMetadata metadata = new TestMetadata();
        try (PushNetwork network = new PushNetwork();
                PushNode leader = new PushNode(1, disk.resolve("1"), network, metadata, Durability.WRITTEN);
                PushNode follower = new PushNode(2, disk.resolve("2"), network, metadata, Durability.WRITTEN)) {
            metadata.set(0, ReplicaPushTest.state(1, List.of(1, 2), List.of(1, 2), 2));
            Partition partition = leader.partition(0);
            Awaitility.await().until(() -> partition.status().state() == PartitionStatus.State.LEADING);
            send(partition, 64, 1024, WARM_UP);
            send(partition, 640, 100, WARM_UP);
            long before = nodesAllocatedBytes();
            send(partition, 64, 1024, MEASURED);
            long between = nodesAllocatedBytes();
            send(partition, 640, 100, MEASURED);
            long after = nodesAllocatedBytes();

            double perFew = (between - before) / (double) MEASURED;
            double perMany = (after - between) / (double) MEASURED;

            System.out.printf(
                    "heap of both nodes per batch: %.0f bytes for 64 x 1 KiB, %.0f bytes for 640 x 100 B%n",
                    perFew, perMany);
            assertThat(perMany).isBetween(perFew * 0.8, perFew * 1.2);
            assertThat(follower.partition(0).status().positions().logEndOffset())
                    .isEqualTo((WARM_UP + MEASURED) * 704L);
        } finally {
            ResourceLeakDetector.setLevel(level);
        }
    }

    /** One at a time, so that coalescing does not blur the figure. */
    private static void send(Partition partition, int records, int valueBytes, int batches) {
        for (int i = 0; i < batches; i++) {
            assertThat(get(append(partition, batch(records, valueBytes)))).isInstanceOf(AppendResult.Appended.class);
        }
    }

    private static long nodesAllocatedBytes() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long sum = 0;
        for (ThreadInfo thread : threads.getThreadInfo(threads.getAllThreadIds())) {
            if (thread != null
                    && (thread.getThreadName().startsWith("push-")
                            || thread.getThreadName().startsWith("partition-loop"))) {
                sum += threads.getThreadAllocatedBytes(thread.getThreadId());
            }
        }
        return sum;
    }
}
