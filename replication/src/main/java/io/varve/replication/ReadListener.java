// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

/**
 * Receives what a {@link PartitionReader} reads, in order. Called on the partition's loop: an implementation enqueues and returns; it must not block,
 * throw, or frame a message.
 */
public interface ReadListener {
    /** The receiver owns the delivery's buffer, also when it has lost interest. */
    void onDelivery(Delivery delivery);

    /**
     * The reader ended by itself: the records before its offset are not those that were read there (P32).
     *
     * @param endOffset up to where the log may agree with what was read, at the most
     */
    default void onTruncated(long endOffset, String message) {
        onEnd(RejectReason.LOG_TRUNCATED, message);
    }

    /** The reader ended by itself; nothing comes after it. Not called for a reader that was closed. */
    void onEnd(RejectReason reason, String message);
}
