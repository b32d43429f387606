// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.ratis;

import io.varve.metadata.MetadataQuorum;

/** One voter on Apache Ratis. */
public abstract class RatisQuorum implements MetadataQuorum {

    /**
     * Starts this voter. Returns when it runs, before there is a leader.
     *
     * @throws RaftStartException if it must not, or cannot
     */
    public static RatisQuorum start(RaftSettings settings) {
        throw new UnsupportedOperationException("not yet");
    }
}
