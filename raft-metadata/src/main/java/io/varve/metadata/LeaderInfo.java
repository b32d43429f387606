// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata;

/**
 * Who leads the metadata quorum, as this voter sees it. May be out of date the moment it is read. *Immutable.*
 *
 * @param nodeId 0 while no leader is known
 * @param self whether this node leads and is ready, i.e. has applied everything of earlier terms
 */
public record LeaderInfo(int nodeId, long term, boolean self) {}
