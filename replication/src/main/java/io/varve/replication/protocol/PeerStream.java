// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.protocol;

/** The streams of an ordered pair of nodes, dialled by the one that leads. A session lives on exactly one of the first two; its answers return on that. */
public enum PeerStream {
    /** Followers that keep up: fed from the tail. */
    DATA,
    /** Followers that are behind: fed from files, never in front of the tail. */
    CATCH_UP,
    /** Small and never behind bulk data: high watermarks and signs of life. */
    CONTROL
}
