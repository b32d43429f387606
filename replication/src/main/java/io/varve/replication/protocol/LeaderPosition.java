// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.protocol;

/**
 * Where the leader stood when it sent a message. *Immutable.*
 *
 * @param logEndOffset with what is not written yet
 */
public record LeaderPosition(long highWatermark, long logStartOffset, long logEndOffset) {}
