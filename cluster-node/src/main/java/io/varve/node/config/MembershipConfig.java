// SPDX-License-Identifier: Apache-2.0
package io.varve.node.config;

import java.time.Duration;

/**
 * How the controller knows that a node lives. <i>Immutable.</i>
 *
 * @param heartbeatInterval between two signs of life
 * @param sessionTimeout without a sign of life for so long, a node is fenced; above the interval
 */
public record MembershipConfig(Duration heartbeatInterval, Duration sessionTimeout) {}
