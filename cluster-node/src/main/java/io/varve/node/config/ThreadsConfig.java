// SPDX-License-Identifier: Apache-2.0
package io.varve.node.config;

/**
 * How many threads work on what; each at least 1. <i>Immutable.</i>
 *
 * @param io write and flush logs, one task per log at a time
 * @param coldReads read files for consumers that are behind the tail
 * @param partitionLoops own the state of partitions
 * @param network decode, copy and frame gRPC messages
 */
public record ThreadsConfig(int io, int coldReads, int partitionLoops, int network) {}
