// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.image;

/** Where a node listens: the listener's name, host and port. *Immutable.* */
public record Endpoint(String name, String host, int port) {}
