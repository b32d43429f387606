// SPDX-License-Identifier: Apache-2.0
package io.varve.node.data;

import java.util.concurrent.CompletableFuture;

/** Where producer ids come from. *Thread-safe.* */
@FunctionalInterface
public interface ProducerIds {
    /** An id that nobody else ever gets; fails with what the call is to be answered with. */
    CompletableFuture<Long> next();
}
