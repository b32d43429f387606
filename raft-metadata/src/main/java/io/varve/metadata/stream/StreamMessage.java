// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.stream;

import io.varve.metadata.image.MetadataDelta;
import io.varve.metadata.image.MetadataRecord;
import java.util.List;

/** What a follower of the metadata and a voter's feed say to each other. *Immutable.* */
public sealed interface StreamMessage {

    /** Chosen by the follower, growing with each {@link Subscribe}; answers to an older one are void. */
    long subscription();

    /** From the follower to the voter. */
    sealed interface ToFeed extends StreamMessage {}

    /** From the voter to the follower. */
    sealed interface ToFollower extends StreamMessage {}

    /**
     * Send what follows this position, and go on. Another one on the same stream replaces it.
     *
     * @param lastIndex of the image that the follower has, 0 for none
     * @param lastTerm of that image
     * @param whole whether the follower mistrusts its image and wants a whole one, of this index or a later one
     */
    record Subscribe(int nodeId, long subscription, long lastIndex, long lastTerm, boolean whole) implements ToFeed {}

    /**
     * A piece of a whole image.
     *
     * @param part counted from 0; part 0 begins an image and voids one that was begun before
     */
    record ImagePart(long subscription, int part, List<MetadataRecord> records) implements ToFollower {
        public ImagePart {
            records = List.copyOf(records);
        }
    }

    /**
     * The image is complete.
     *
     * @param parts how many there were
     * @param crc of the image, as of {@code SnapshotCodec.crc}
     */
    record ImageEnd(long subscription, int parts, long index, long term, int crc) implements ToFollower {}

    /** Committed deltas, oldest first, each following the one before. */
    record Deltas(long subscription, List<MetadataDelta> deltas) implements ToFollower {
        public Deltas {
            deltas = List.copyOf(deltas);
        }
    }

    /**
     * Everything up to here was sent; said at once if there is nothing else to say, and again when idle.
     *
     * @param index of the voter's image; below the follower's if the voter is behind
     * @param inTouch whether the voter hears from a leader of the quorum: if not, it may be behind without knowing
     */
    record Current(long subscription, long index, long term, boolean inTouch) implements ToFollower {}

    /** Nothing will come on this subscription. */
    record Refused(long subscription, Refusal reason, String detail) implements ToFollower {}

    /** Why a feed will not serve. */
    enum Refusal {
        /** The voter has no image yet. */
        STARTING,
        /** The follower's last entry is not this cluster's entry of that index. */
        DIVERGED
    }
}
