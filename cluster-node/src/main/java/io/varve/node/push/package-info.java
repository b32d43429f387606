// SPDX-License-Identifier: Apache-2.0
/**
 * Push replication between nodes: gRPC streams that carry the links ({@code PeerLink}, {@code PeerInbox}) and their
 * frames. Each link, and the inbox, has its turns on one network loop; replicas have theirs on partition loops; between
 * them go lists, one for each turn.
 */
@NullMarked
package io.varve.node.push;

import org.jspecify.annotations.NullMarked;
