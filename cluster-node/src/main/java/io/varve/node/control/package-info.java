// SPDX-License-Identifier: Apache-2.0
/**
 * What nodes and controllers say to each other on the peer port: commands, signs of life, metadata for nodes that do not
 * vote, and how a controller reaches out. Knows gRPC, the peer channels and the metadata's cores; no partitions.
 */
@NullMarked
package io.varve.node.control;

import org.jspecify.annotations.NullMarked;
