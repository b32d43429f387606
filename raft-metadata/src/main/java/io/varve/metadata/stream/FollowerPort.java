// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.stream;

/** What a follower of the metadata does to the world. Calls only enqueue, and never call back. */
public interface FollowerPort {

    /**
     * Opens a stream to a voter; tell {@link MetadataFollower#onConnected} or {@link MetadataFollower#onClosed}.
     *
     * @param stream names it from now on; never used twice by this follower
     */
    void connect(int voter, long stream);

    /** Dropped silently once the stream is closed. */
    void send(long stream, StreamMessage.ToFeed message);

    /** Nothing is wanted of this stream any more; {@link MetadataFollower#onClosed} need not be told. */
    void close(long stream);

    /** The metadata has moved. */
    void publish(MetadataUpdate update);

    /** What this node has is not this cluster's log: it must stop, and an operator must look at it. */
    void diverged(String detail);
}
