// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

/**
 * Hears the result of one append, exactly once. Called on the partition's loop, or on the thread that asked when the loop takes nothing more: an
 * implementation enqueues and returns. It must not block, throw, or frame an answer.
 */
@FunctionalInterface
public interface AppendCompletion {
    void onResult(AppendResult result);
}
