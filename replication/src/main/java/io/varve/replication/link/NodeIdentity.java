// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.link;

import java.util.UUID;

/**
 * Who this node is, for as long as its process runs. *Immutable.*
 *
 * @param incarnation drawn when the process starts
 */
public record NodeIdentity(UUID clusterId, int nodeId, UUID incarnation, ProtocolRange versions) {}
