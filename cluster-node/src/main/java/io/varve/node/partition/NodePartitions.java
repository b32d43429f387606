// SPDX-License-Identifier: Apache-2.0
package io.varve.node.partition;

import io.varve.metadata.MetadataSource;
import io.varve.metadata.image.MetadataImage;
import io.varve.replication.PartitionRuntime;
import io.varve.storage.DataDirectory;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** This node's replicas and the follower that keeps them as the metadata says. <i>Thread-safe.</i> */
public final class NodePartitions implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(NodePartitions.class);
    private static final long CLOSE_SECONDS = 10;

    private final PartitionTable table = new PartitionTable();
    private final MetadataFollower follower;

    /**
     * @param damaged hears from the replicas' runtime which of them are
     * @param onChange hears every image that was taken up; must not block
     * @param onFatal hears when the metadata can be followed no further
     */
    public NodePartitions(
            int nodeId,
            DataDirectory directory,
            PartitionRuntime runtime,
            DamagedReplicas damaged,
            Consumer<MetadataImage> onChange,
            Consumer<Throwable> onFatal) {
        this.follower = new MetadataFollower(
                new RoleTransitions(nodeId, directory, runtime, table, damaged), onChange, onFatal);
        damaged.onNews(follower::look);
    }

    /** Follows the metadata from its image of now on, which must be a current one: what it does not know is set aside. */
    public void follow(MetadataSource metadata) {
        metadata.listen(follower);
        follower.start();
    }

    public PartitionTable table() {
        return table;
    }

    public MetadataFollower follower() {
        return follower;
    }

    /** Follows no further, answers everybody who waits, and keeps what makes the next start short. */
    @Override
    public void close() throws InterruptedException {
        follower.close();
        CompletableFuture<?>[] closed = table.all().stream()
                .map(hosted -> hosted.partition().close("the node shuts down"))
                .toArray(CompletableFuture<?>[]::new);
        try {
            CompletableFuture.allOf(closed).get(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            LOG.warn("some partitions did not close within {} s", CLOSE_SECONDS);
        } catch (java.util.concurrent.ExecutionException e) {
            LOG.warn("a partition did not close", e);
        }
    }
}
