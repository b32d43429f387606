// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.stream;

import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.SnapshotCodec;
import io.varve.metadata.stream.StreamMessage.ImageEnd;
import io.varve.metadata.stream.StreamMessage.ImagePart;
import java.util.Optional;

/** A whole image while its pieces come. *Confined to the follower's loop.* */
final class PartialImage {

    private MetadataImage image = MetadataImage.EMPTY;
    private int parts;

    /** Whether this was the next piece, and went in. */
    boolean add(ImagePart part) {
        if (part.part() != parts) {
            return false;
        }
        try {
            for (var r : part.records()) {
                image = image.plus(r);
            }
        } catch (IllegalArgumentException e) {
            return false;
        }
        parts++;
        return true;
    }

    /** The image, if it is what the voter has (I23). */
    Optional<MetadataImage> end(ImageEnd end) {
        var whole = image.at(end.index(), end.term());
        return end.parts() == parts && SnapshotCodec.crc(whole) == end.crc() ? Optional.of(whole) : Optional.empty();
    }
}
