// SPDX-License-Identifier: Apache-2.0
package io.varve.client;

/**
 * A node of the cluster. <i>Immutable.</i>
 *
 * @param id from 1
 * @param host as advertised by the listener that was asked
 * @param rack empty for none
 * @param fenced a fenced node leads nothing and takes part in nothing until it has caught up
 */
public record Node(int id, String host, int port, String rack, boolean fenced) {}
