// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.image;

/** Feature levels that a node's software understands, both ends inclusive. *Immutable.* */
public record FeatureRange(int min, int max) {

    /** What this software understands. */
    public static final FeatureRange SUPPORTED = new FeatureRange(1, 1);

    public boolean contains(int level) {
        return min <= level && level <= max;
    }
}
