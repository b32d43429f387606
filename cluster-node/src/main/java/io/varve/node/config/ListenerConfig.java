// SPDX-License-Identifier: Apache-2.0
package io.varve.node.config;

/**
 * One way in for clients. A metadata answer names the advertised address of the listener that the question came in on.
 * <i>Immutable.</i>
 *
 * @param name unique among the node's listeners, the same on every node
 * @param bind where the node listens
 * @param advertised what clients are told; port 0 stands for the port bound
 */
public record ListenerConfig(String name, HostPort bind, HostPort advertised) {}
