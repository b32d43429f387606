// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata;

/**
 * @param controllerEpoch ignore answers with a lower one than the highest seen
 * @param fenced as the controller knows it
 * @param mayStop whether a node that asked for it leads nothing any more, and every living node knows that (P42)
 */
public record HeartbeatReply(long controllerEpoch, boolean fenced, boolean mayStop) {}
