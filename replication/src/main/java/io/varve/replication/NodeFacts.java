// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

/** What the partitions of a node need to know of the node. *Thread-safe*; never blocks. */
public interface NodeFacts {
    /** Under which broker epoch this process is registered; 0 before it is. */
    long brokerEpoch();

    /** The metadata index that every replica of this node has applied. */
    long metadataIndex();

    /** A session number, higher than every one before in this process. */
    long nextSession();
}
