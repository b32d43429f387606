// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata;

import io.varve.metadata.image.MetadataDelta;
import io.varve.metadata.image.MetadataImage;

/**
 * Hears how the metadata of one node moves, one call at a time, in log order. Called on the thread that brings it: do
 * nothing but enqueue, never block.
 */
public interface MetadataListener {

    /** A command was applied; also those that changed nothing, because the position counts. */
    default void onApplied(long index, long term, MetadataDelta delta, MetadataImage image) {}

    /** Forget everything and start from this image: nobody knows what lay in between. */
    default void onImageReset(MetadataImage image) {}
}
