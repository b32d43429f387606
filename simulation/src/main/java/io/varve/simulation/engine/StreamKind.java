// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.engine;

/** What a connection is for. Streams of different kinds have nothing to do with each other, not even their order. */
public enum StreamKind {
    /** Between replicas: new batches. */
    DATA,
    /** Between replicas: batches for those that are behind. */
    CATCH_UP,
    /** Between replicas: high watermarks and signs of life. */
    CONTROL,
    /** From a voter to a node: committed changes of the metadata. */
    METADATA,
    /** From a node to the controller: heartbeats and requests. */
    CONTROLLER,
    /** From a client to a node: batches. */
    PRODUCE,
    /** From a client to a node: everything else. */
    CLIENT
}
