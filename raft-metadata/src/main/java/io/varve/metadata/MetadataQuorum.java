// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata;

import io.varve.metadata.command.MetadataCommand;
import io.varve.metadata.image.MetadataDelta;
import io.varve.metadata.image.MetadataImage;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** One voter of the quorum that keeps the metadata log. *Thread-safe.* */
public interface MetadataQuorum extends MetadataSource, AutoCloseable {

    /**
     * Appends a command to the metadata log. The future completes when it was applied here, with the answer of the
     * machine; a refusal is an answer. It fails with a {@link MetadataRejection} when the command was not applied here:
     * {@code NOT_CONTROLLER} with outcome NOT_APPLIED when this voter does not lead, with outcome INDETERMINATE when it
     * stopped leading while the command was under way, {@code THROTTLING_QUOTA_EXCEEDED} when too many are under way.
     *
     * <p>Never wait for it in a {@link QuorumListener}: that is the thread that completes it.
     */
    CompletableFuture<ApplyReply> submit(MetadataCommand command);

    /** The newest image applied here. */
    @Override
    MetadataImage image();

    /**
     * Adds a listener. It first hears {@link QuorumListener#onImageReset} with the image as of then, before this
     * returns, and from then on everything that follows; if this voter leads and is ready, {@code onLeaderReady} too.
     */
    void addListener(QuorumListener listener);

    @Override
    default void listen(MetadataListener listener) {
        addListener(new QuorumListener() {
            @Override
            public void onApplied(long index, long term, MetadataDelta delta, MetadataImage image) {
                listener.onApplied(index, term, delta, image);
            }

            @Override
            public void onImageReset(MetadataImage image) {
                listener.onImageReset(image);
            }
        });
    }

    LeaderInfo leader();

    /** The whole quorum, for people; without voters when this one cannot tell. */
    default QuorumState state() {
        return new QuorumState(leader(), image().index(), 0, List.of());
    }

    /** Leaves the quorum and closes its files. Nothing is called afterwards. Idempotent. */
    @Override
    void close();
}
