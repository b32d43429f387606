// SPDX-License-Identifier: Apache-2.0
/**
 * The life of this node's replicas: created, led, given up and removed as the metadata says. Depends on replication,
 * storage and the metadata image; knows no gRPC and no Raft.
 */
@NullMarked
package io.varve.node.partition;

import org.jspecify.annotations.NullMarked;
