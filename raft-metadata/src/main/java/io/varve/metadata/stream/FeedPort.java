// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.stream;

/** Where a feed's messages go. Calls only enqueue, and never call back. */
public interface FeedPort {

    /**
     * Sends on a stream that a follower opened; dropped silently once the stream is closed.
     *
     * @return whether the stream takes more; if not, the feed waits for {@link MetadataFeed#onReady}
     */
    boolean send(long stream, StreamMessage.ToFollower message);

    /** The same node has opened a newer stream. */
    void close(long stream);
}
