// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata;

import io.varve.metadata.image.MetadataImage;

/** Where a node's metadata comes from: on a voter from the log itself, elsewhere from a voter. *Thread-safe.* */
public interface MetadataSource {

    /** The newest image here. Its index never falls. */
    MetadataImage image();

    /**
     * Adds a listener. It first hears {@link MetadataListener#onImageReset} with the image as of then, and from then on
     * everything that follows.
     */
    void listen(MetadataListener listener);

    /** Somebody acts on metadata of this index: it should be here soon. A voter gets it anyway. */
    default void wanted(long index) {}
}
