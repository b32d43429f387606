// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata;

import io.varve.metadata.command.BrokerRef;

/**
 * A sign of life. *Immutable.*
 *
 * @param appliedIndex the index of the metadata log that all partition loops and I/O of the node have applied
 * @param wantFence whether the node asks not to be unfenced yet
 * @param wantShutdown whether it is about to stop and asks that others lead what it leads (P42)
 * @param directoryFailed whether its data directory failed, so that nothing more may be written there (P36)
 */
public record BrokerHeartbeat(
        BrokerRef broker, long appliedIndex, boolean wantFence, boolean wantShutdown, boolean directoryFailed) {

    public BrokerHeartbeat(BrokerRef broker, long appliedIndex, boolean wantFence, boolean wantShutdown) {
        this(broker, appliedIndex, wantFence, wantShutdown, false);
    }
}
