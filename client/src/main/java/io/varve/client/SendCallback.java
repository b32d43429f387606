// SPDX-License-Identifier: Apache-2.0
package io.varve.client;

import org.jspecify.annotations.Nullable;

/** Told once what became of a record, on a thread of the producer, in order within a partition. */
@FunctionalInterface
public interface SendCallback {
    /** Exactly one of the two is not null. May send more; must not flush or wait for other sends. */
    void onCompletion(@Nullable RecordMetadata metadata, @Nullable VarveException error);
}
