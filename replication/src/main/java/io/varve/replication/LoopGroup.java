// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The partition loops of a node, about one per core, and the tail cache that they share in equal parts. A partition stays on the loop that it was
 * given. *Thread-safe.*
 */
public final class LoopGroup implements AutoCloseable {
    private final List<PartitionLoop> loops = new ArrayList<>();
    private final AtomicInteger next = new AtomicInteger();

    /** @param tailCacheBytes for all loops together */
    public LoopGroup(int loops, long tailCacheBytes) {
        this(loops, tailCacheBytes, LoopClock.SYSTEM);
    }

    public LoopGroup(int loops, long tailCacheBytes, LoopClock clock) {
        if (loops < 1) {
            throw new IllegalArgumentException("a node needs at least 1 partition loop, not " + loops);
        }
        for (int i = 0; i < loops; i++) {
            this.loops.add(new PartitionLoop("partition-loop-" + i, clock, tailCacheBytes / loops));
        }
        this.loops.forEach(PartitionLoop::start);
    }

    /** The loop of the next partition, in turn. */
    PartitionLoop next() {
        return loops.get(Math.floorMod(next.getAndIncrement(), loops.size()));
    }

    // ---- what all replicas hear, those that come later among them

    /** The link to a node is up. */
    public void linkUp(int node) {
        loops.forEach(loop -> loop.post(() -> loop.replicas().linkUp(node)));
    }

    /** The link to a node is down, and every session on it void. */
    public void linkDown(int node) {
        loops.forEach(loop -> loop.post(() -> loop.replicas().linkDown(node)));
    }

    /** A sign of life from a node (P23). */
    public void linkHeard(int node) {
        loops.forEach(loop -> loop.post(() -> loop.replicas().linkHeard(node)));
    }

    /** The link to a node holds too much, or no longer does. */
    public void linkPressed(int node, boolean pressed) {
        loops.forEach(loop -> loop.post(() -> loop.replicas().linkPressed(node, pressed)));
    }

    /** Whether this node has not heard a controller for 0.8 of a session: then reads and appends with acks 0 and 1 are refused. */
    public void isolated(boolean isolated) {
        loops.forEach(loop -> loop.post(() -> loop.replicas().isolated(isolated)));
    }

    /** Why the node's disk takes no more, or null: it does again. Followers refuse appends meanwhile (P36). */
    public void diskFull(@Nullable String why) {
        loops.forEach(loop -> loop.post(() -> loop.replicas().diskFull(why)));
    }

    /** Completes when every loop has done what was posted to it before. */
    public CompletableFuture<Void> caughtUp() {
        return CompletableFuture.allOf(loops.stream()
                .map(loop -> {
                    CompletableFuture<Void> done = new CompletableFuture<>();
                    loop.post(() -> done.complete(null));
                    return done;
                })
                .toArray(CompletableFuture<?>[]::new));
    }

    public int size() {
        return loops.size();
    }

    /** Runs what is queued, then ends the threads. Close the partitions before. */
    @Override
    public void close() {
        loops.forEach(PartitionLoop::close);
    }
}
