// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.protocol;

import java.util.OptionalLong;

/** The nodes as this node's metadata has them at one index. *Immutable.* */
public interface Members {
    /** Of the metadata that this is. */
    long metadataIndex();

    /** Under which broker epoch a node is registered; empty if it is not. */
    OptionalLong brokerEpoch(int nodeId);

    /** Whether it is registered, unfenced and not shutting down: whether it may be in an in-sync set (P19, P21). */
    boolean isEligible(int nodeId);
}
