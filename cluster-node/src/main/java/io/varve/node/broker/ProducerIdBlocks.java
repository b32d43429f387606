// SPDX-License-Identifier: Apache-2.0
package io.varve.node.broker;

import io.varve.metadata.image.CommandResult.ProducerIds;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Gives out producer ids from blocks that the controller gave this node. An id is given out once at most; ids of a
 * block that a restart cut short are lost, which costs nothing. <i>Thread-safe.</i>
 */
public final class ProducerIdBlocks {

    private final Supplier<CompletableFuture<ProducerIds>> allocate;
    private final Queue<CompletableFuture<Long>> waiting = new ArrayDeque<>(); // guarded by this
    private boolean allocating; // guarded by this
    private long next; // guarded by this
    private long end; // exclusive; guarded by this. Invariant: next <= end

    /** @param allocate asks the controller for one more block */
    public ProducerIdBlocks(Supplier<CompletableFuture<ProducerIds>> allocate) {
        this.allocate = allocate;
    }

    /** Completes with an id that nobody else gets, or fails as the controller's answer did. */
    public CompletableFuture<Long> next() {
        CompletableFuture<Long> id = new CompletableFuture<>();
        synchronized (this) {
            if (next < end) {
                return CompletableFuture.completedFuture(next++);
            }
            waiting.add(id);
            if (allocating) {
                return id;
            }
            allocating = true;
        }
        requestBlock();
        return id;
    }

    private void requestBlock() {
        var unused = allocate.get().whenComplete((block, failure) -> {
            if (failure != null) {
                fail(failure);
            } else {
                take(block);
            }
        });
    }

    private void take(ProducerIds block) {
        Map<CompletableFuture<Long>, Long> served = new LinkedHashMap<>();
        boolean more;
        synchronized (this) {
            next = block.first();
            end = block.first() + block.count();
            while (next < end && !waiting.isEmpty()) {
                served.put(waiting.remove(), next++);
            }
            more = !waiting.isEmpty();
            allocating = more;
        }
        served.forEach(CompletableFuture::complete);
        if (more) {
            requestBlock();
        }
    }

    private void fail(Throwable failure) {
        Queue<CompletableFuture<Long>> failed;
        synchronized (this) {
            allocating = false;
            failed = new ArrayDeque<>(waiting);
            waiting.clear();
        }
        failed.forEach(future -> future.completeExceptionally(failure));
    }
}
