// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.stream;

import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.MetadataRecord;
import io.varve.metadata.image.SnapshotCodec;
import io.varve.metadata.stream.StreamMessage.ImageEnd;
import io.varve.metadata.stream.StreamMessage.ImagePart;
import io.varve.metadata.stream.StreamMessage.Subscribe;
import io.varve.metadata.stream.StreamMessage.ToFollower;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One follower, as its feed sees it. *Confined to the feed's loop.* It has a position and no queue: what it has not been
 * sent is in the history, or it gets a whole image.
 */
final class Subscriber {

    final long stream;
    private final Subscribe subscribe;
    private long sentIndex;
    private boolean wantsWhole;
    boolean ready = true;
    long spokeNanos;
    private @Nullable MetadataImage image;
    private List<MetadataRecord> imageRecords = List.of();
    private int imageParts;
    private int imageNext;

    Subscriber(long stream, Subscribe subscribe, long nowNanos) {
        this.stream = stream;
        this.subscribe = subscribe;
        this.sentIndex = subscribe.lastIndex();
        this.wantsWhole = subscribe.whole();
        this.spokeNanos = nowNanos;
    }

    int nodeId() {
        return subscribe.nodeId();
    }

    long subscription() {
        return subscribe.subscription();
    }

    /** Up to where it has everything, once what was sent arrives. */
    long sentIndex() {
        return sentIndex;
    }

    boolean wantsWhole() {
        return wantsWhole;
    }

    void sentUpTo(long index) {
        sentIndex = index;
    }

    void begin(MetadataImage next) {
        image = next;
        imageRecords = next.records();
        imageParts = 0;
        imageNext = 0;
        wantsWhole = false;
    }

    /** The next message of the image under way, or nothing. */
    @Nullable
    ToFollower nextOfImage(int messageRecords) {
        var sending = image;
        if (sending == null) {
            return null;
        }
        if (imageNext < imageRecords.size()) {
            int end = Math.min(imageRecords.size(), imageNext + messageRecords);
            var part = new ImagePart(subscription(), imageParts++, imageRecords.subList(imageNext, end));
            imageNext = end;
            return part;
        }
        image = null;
        imageRecords = List.of();
        sentIndex = sending.index();
        return new ImageEnd(subscription(), imageParts, sending.index(), sending.term(), SnapshotCodec.crc(sending));
    }

    boolean isIdle() {
        return image == null;
    }
}
