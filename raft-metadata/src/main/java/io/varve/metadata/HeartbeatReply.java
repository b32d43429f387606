// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata;

/**
 * @param controllerEpoch ignore answers with a lower one than the highest seen
 * @param fenced as the controller knows it
 * @param mayStop the answer to {@link BrokerHeartbeat#wantShutdown}: it leads nothing that another could lead, and all live
 *     nodes know
 */
public record HeartbeatReply(long controllerEpoch, boolean fenced, boolean mayStop) {

    public HeartbeatReply(long controllerEpoch, boolean fenced) {
        this(controllerEpoch, fenced, false);
    }
}
