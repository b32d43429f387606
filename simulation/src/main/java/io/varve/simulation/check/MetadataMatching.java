// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

import io.varve.metadata.image.MetadataImage;
import java.util.HashMap;
import java.util.Map;

/**
 * What a node acts on at an index of the metadata log is what the controllers' log made of it up to there.
 */
final class MetadataMatching extends Invariant {
    private final Map<Long, MetadataImage> images = new HashMap<>();

    MetadataMatching(Evidence evidence) {
        super("I23", evidence);
    }

    @Override
    void committed(MetadataImage now) {
        images.put(now.index(), now);
    }

    @Override
    void applied(int node, MetadataImage image) {
        MetadataImage truth = images.get(image.index());
        if (truth == null) {
            if (image.index() != 0) {
                fail(
                        null,
                        "node " + node + " acts on metadata of index " + image.index() + ", which was never committed");
            }
        } else if (truth != image && !truth.equals(image)) {
            fail(
                    null,
                    "node " + node + " has other metadata at index " + image.index() + " than was committed: " + image
                            + " instead of " + truth);
        }
    }
}
