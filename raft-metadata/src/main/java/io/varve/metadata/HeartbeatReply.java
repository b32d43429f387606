// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata;

/**
 * @param controllerEpoch ignore answers with a lower one than the highest seen
 * @param fenced as the controller knows it
 */
public record HeartbeatReply(long controllerEpoch, boolean fenced) {}
