// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.link;

/** What a node says to another one's greeting. */
public enum HelloVerdict {
    ACCEPTED,
    /** The caller belongs to another cluster. */
    OTHER_CLUSTER,
    /** The caller wanted another node: its address of that node is wrong. */
    OTHER_NODE,
    /** No version of the protocol that both speak. */
    OTHER_VERSION,
    /** This node has no broker epoch yet, or the caller means another incarnation of it. The metadata will tell one of the two. */
    OTHER_INCARNATION,
    /** A newer incarnation of the caller is known here, or a newer attempt of the same one. */
    STALE_CALLER
}
