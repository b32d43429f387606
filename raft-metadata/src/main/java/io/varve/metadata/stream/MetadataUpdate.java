// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.stream;

import io.varve.metadata.image.MetadataDelta;
import io.varve.metadata.image.MetadataImage;
import java.util.List;

/**
 * What a node's parts hear when its metadata moves. *Immutable.*
 *
 * @param deltas lead from the image of the update before to this one, oldest first; empty after a reset
 * @param image the newest; its index is never below that of the update before
 * @param reset whether the image came whole, so that nobody knows what lay in between
 */
public record MetadataUpdate(List<MetadataDelta> deltas, MetadataImage image, boolean reset) {

    public MetadataUpdate {
        deltas = List.copyOf(deltas);
    }

    public static MetadataUpdate of(MetadataDelta delta, MetadataImage image) {
        return new MetadataUpdate(List.of(delta), image, false);
    }

    public static MetadataUpdate reset(MetadataImage image) {
        return new MetadataUpdate(List.of(), image, true);
    }
}
