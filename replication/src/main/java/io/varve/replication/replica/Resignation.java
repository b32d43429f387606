// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.replica;

import io.varve.replication.RejectReason;

/**
 * A replica cannot lead. *Immutable.*
 *
 * @param leaderEpoch that it gives up
 * @param reopened whether its log is open again, so that it may be given the next epoch
 * @param recordsLost whether acknowledged records may be lost here: after a failed flush nobody knows what the disk holds
 */
public record Resignation(int leaderEpoch, RejectReason reason, String detail, boolean reopened, boolean recordsLost) {}
