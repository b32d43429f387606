// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.runtime;

import io.varve.metadata.MetadataListener;
import io.varve.metadata.MetadataSource;
import io.varve.metadata.image.MetadataDelta;
import io.varve.metadata.image.MetadataImage;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** Lets calls wait until this node's image has what they did. *Thread-safe.* */
public final class IndexWait implements MetadataListener {

    private final MetadataSource metadata;
    private final Executor executor;
    private final NavigableMap<Long, List<CompletableFuture<Void>>> waiting = new TreeMap<>(); // guarded by this
    private long index; // guarded by this

    /** @param executor completes futures: whoever brings the metadata must not run what depends on them */
    public static IndexWait on(MetadataSource metadata, Executor executor) {
        var wait = new IndexWait(metadata, executor);
        metadata.listen(wait);
        return wait;
    }

    private IndexWait(MetadataSource metadata, Executor executor) {
        this.metadata = metadata;
        this.executor = executor;
    }

    /** Completes when the image here has this index, and not before {@link MetadataSource#image} shows it. */
    public CompletableFuture<Void> reached(long wanted) {
        var future = new CompletableFuture<Void>();
        synchronized (this) {
            if (index >= wanted) {
                return CompletableFuture.completedFuture(null);
            }
            waiting.computeIfAbsent(wanted, i -> new ArrayList<>()).add(future);
        }
        metadata.wanted(wanted);
        return future;
    }

    @Override
    public void onApplied(long applied, long term, MetadataDelta delta, MetadataImage image) {
        moved(applied);
    }

    @Override
    public void onImageReset(MetadataImage image) {
        moved(image.index());
    }

    private void moved(long to) {
        var due = new ArrayList<CompletableFuture<Void>>();
        synchronized (this) {
            index = Math.max(index, to);
            var reached = waiting.headMap(to, true);
            reached.values().forEach(due::addAll);
            reached.clear();
        }
        if (!due.isEmpty()) {
            executor.execute(() -> due.forEach(future -> future.complete(null)));
        }
    }
}
