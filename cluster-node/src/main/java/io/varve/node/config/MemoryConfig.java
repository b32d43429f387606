// SPDX-License-Identifier: Apache-2.0
package io.varve.node.config;

/**
 * Bounds on direct memory, for the whole node. <i>Immutable.</i>
 *
 * @param chunkBudgetBytes batches received and not yet acknowledged
 * @param tailCacheBytes the newest batches of all partitions, kept for readers at the tail
 * @param maxBatchBytes the largest batch that any topic may allow
 */
public record MemoryConfig(long chunkBudgetBytes, long tailCacheBytes, int maxBatchBytes) {}
