// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata;

import io.varve.metadata.command.BrokerRef;

/**
 * A sign of life. *Immutable.*
 *
 * @param appliedIndex the index of the metadata log that all partition loops and I/O of the node have applied
 * @param wantFence whether the node asks not to be unfenced yet
 * @param wantShutdown whether the node asks to be relieved of everything that it leads, so that it can stop (P42)
 */
public record BrokerHeartbeat(BrokerRef broker, long appliedIndex, boolean wantFence, boolean wantShutdown) {}
