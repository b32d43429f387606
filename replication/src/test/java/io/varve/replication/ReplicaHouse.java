// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.PooledByteBufAllocator;
import io.varve.replication.protocol.PartitionState;
import io.varve.replication.replica.Resignation;
import io.varve.storage.Chunk;
import io.varve.storage.DataDirectory;
import io.varve.storage.DirectoryIdentity;
import io.varve.storage.DirectorySettings;
import io.varve.storage.Durability;
import io.varve.storage.LogId;
import io.varve.storage.LogSettings;
import io.varve.storage.testkit.SimFs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Everything below a partition: a real data directory on a simulated disk, loops and pools. Closing it looks for buffers left open. */
final class ReplicaHouse implements AutoCloseable {
    private static final Path PATH = Path.of("/data");
    private static final UUID TOPIC = new UUID(7, 7);
    private static final TestNode SOLE = new TestNode();
    static final Duration PATIENCE = Duration.ofSeconds(10);

    final SimFs files;
    final List<String> events = new CopyOnWriteArrayList<>();
    private static final int IO_THREADS = 2;
    private final ExecutorService io = Executors.newFixedThreadPool(IO_THREADS);
    private final ExecutorService cold = Executors.newFixedThreadPool(2);
    private final List<Partition> partitions = new ArrayList<>();
    private final LogSettings logSettings;
    final LoopGroup loops;
    private final Queue<Runnable> held = new ConcurrentLinkedQueue<>();
    private final DataDirectory directory;
    private volatile Executor ioGate = io; // volatile: set by the test, read by loops

    ReplicaHouse(long tailCacheBytes) {
        this(new SimFs(1), tailCacheBytes, LogSettings.DEFAULT.withSegmentSizeBytes(64 << 10), LoopClock.SYSTEM);
    }

    ReplicaHouse(SimFs files, long tailCacheBytes, LogSettings logSettings, LoopClock clock) {
        this.files = files;
        this.logSettings = logSettings;
        this.loops = new LoopGroup(1, tailCacheBytes, clock);
        try {
            if (!files.exists(PATH)) {
                DataDirectory.format(files, PATH, new DirectoryIdentity(new UUID(1, 1), 1, new UUID(2, 2), 1));
            }
            directory = DataDirectory.open(files, PATH, DirectorySettings.of(task -> ioGate.execute(task)));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Writes and flushes wait from now on, until the house is closed. What was under way is done when this returns. */
    void stopDisk() {
        ioGate = held::add;
        CyclicBarrier allIdle =
                new CyclicBarrier(IO_THREADS); // a task meets the others only when no thread has older work
        List<Callable<Integer>> tasks = Collections.nCopies(IO_THREADS, allIdle::await);
        try {
            for (Future<Integer> idle : io.invokeAll(tasks)) {
                idle.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    Partition open(int number) {
        try {
            PartitionRuntime runtime = new PartitionRuntime(
                    loops,
                    cold,
                    PooledByteBufAllocator.DEFAULT,
                    new PartitionEvents() {
                        @Override
                        public void onResigned(Partition partition, Resignation resignation) {
                            events.add(partition.name() + " resigned " + resignation.leaderEpoch() + " "
                                    + resignation.reason() + (resignation.reopened() ? " reopened" : ""));
                        }

                        @Override
                        public void onFailed(Partition partition, Throwable cause) {
                            events.add(partition.name() + " failed: " + cause.getMessage());
                        }
                    },
                    SOLE);
            Partition partition = Partition.open(
                    "t-" + number,
                    new ReplicaSettings(
                            1, Durability.FLUSHED, false, 1 << 20, ReplicaSettings.DEFAULT_STAGED_BYTES_MAX),
                    directory.create(new LogId(TOPIC, number), logSettings),
                    runtime);
            partitions.add(partition);
            return partition;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    Partition lead(int number, int leaderEpoch) {
        Partition partition = open(number);
        get(lead(partition, leaderEpoch));
        return partition;
    }

    static CompletableFuture<Void> lead(Partition partition, int leaderEpoch) {
        return partition.onMetadata(
                new PartitionState(1, leaderEpoch, leaderEpoch, List.of(1), List.of(1), List.of(), 1, 0), SOLE);
    }

    /** Node 2 leads. */
    static CompletableFuture<Void> follow(Partition partition, int leaderEpoch) {
        return partition.onMetadata(
                new PartitionState(2, leaderEpoch, leaderEpoch, List.of(1, 2), List.of(2), List.of(), 1, 0), SOLE);
    }

    static CompletableFuture<AppendResult> append(Partition partition, Chunk chunk) {
        CompletableFuture<AppendResult> result = new CompletableFuture<>();
        partition.append(new Append(
                chunk, Acks.ALL, Append.ANY_EPOCH, System.nanoTime() + PATIENCE.toNanos(), result::complete));
        return result;
    }

    static <T> T get(CompletableFuture<T> future) {
        try {
            return future.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Ends as a clean shutdown does. */
    @Override
    public void close() {
        try {
            ioGate = io;
            held.forEach(io::execute);
            for (Partition partition : partitions) {
                get(partition.close("the node shuts down"));
            }
            directory.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        } finally {
            loops.close();
            io.shutdown();
            cold.shutdown();
        }
        assertThat(Chunk.openCount()).as("open chunks").isZero();
    }

    /** Ends as kill -9 does. */
    void kill() {
        files.crash();
        loops.close();
        io.shutdown();
        cold.shutdown();
    }
}
