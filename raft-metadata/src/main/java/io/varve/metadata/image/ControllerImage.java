// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.image;

import java.util.UUID;

/**
 * Who is the active controller. *Immutable.*
 *
 * @param nodeId 0 while there has never been one
 * @param epoch the Raft term in which it was activated; never falls
 */
public record ControllerImage(int nodeId, UUID incarnation, long epoch) {

    public static final ControllerImage NONE = new ControllerImage(0, new UUID(0, 0), 0);
}
