// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

import io.varve.replication.protocol.Members;
import java.util.OptionalLong;

/** A node, and all nodes as it sees them: every one is registered under broker epoch 1. */
final class TestNode implements NodeFacts, Members {
    @Override
    public long brokerEpoch() {
        return 1;
    }

    @Override
    public long metadataIndex() {
        return 1;
    }

    @Override
    public long nextSession() {
        throw new UnsupportedOperationException("a node without peers");
    }

    @Override
    public OptionalLong brokerEpoch(int nodeId) {
        return OptionalLong.of(1);
    }

    @Override
    public boolean isEligible(int nodeId) {
        return true;
    }
}
