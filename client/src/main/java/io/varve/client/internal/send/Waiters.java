// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal.send;

import io.varve.client.RecordMetadata;
import io.varve.client.SendCallback;
import io.varve.client.VarveException;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who waits for a record: a future of its metadata, or a callback. One object per record, and no wrapper around it. */
final class Waiters {
    private static final Logger log = LoggerFactory.getLogger(Waiters.class);

    private Waiters() {}

    static void stored(Object waiter, RecordMetadata metadata) {
        if (waiter instanceof SendCallback callback) {
            try {
                callback.onCompletion(metadata, null);
            } catch (RuntimeException e) {
                // A stranger's code: its failure must not keep others from being told.
                log.warn("the callback of a record stored in {} failed", metadata.topicPartition(), e);
            }
        } else {
            future(waiter).complete(metadata);
        }
    }

    static void failed(Object waiter, VarveException error) {
        if (waiter instanceof SendCallback callback) {
            try {
                callback.onCompletion(null, error);
            } catch (RuntimeException e) {
                log.warn("the callback of a record that failed with {} failed", error.reason(), e);
            }
        } else {
            future(waiter).completeExceptionally(error);
        }
    }

    @SuppressWarnings("unchecked")
    private static CompletableFuture<RecordMetadata> future(Object waiter) {
        return (CompletableFuture<RecordMetadata>) waiter;
    }
}
