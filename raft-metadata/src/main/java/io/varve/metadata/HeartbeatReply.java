// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata;

/**
 * @param controllerEpoch ignore answers with a lower one than the highest seen
 * @param fenced as the controller knows it
 * @param mayStop the answer to {@link BrokerHeartbeat#wantShutdown}: it leads nothing that another could lead, and all live
 *     nodes know
 * @param fencedIndex no entry above this one has fenced this registration, as far as the controller knows. A node that has
 *     not applied it yet may act on a leadership that is over, and this is no answer that it may go on (P32)
 */
public record HeartbeatReply(long controllerEpoch, boolean fenced, boolean mayStop, long fencedIndex) {

    public HeartbeatReply(long controllerEpoch, boolean fenced, boolean mayStop) {
        this(controllerEpoch, fenced, mayStop, 0);
    }

    public HeartbeatReply(long controllerEpoch, boolean fenced) {
        this(controllerEpoch, fenced, false, 0);
    }
}
