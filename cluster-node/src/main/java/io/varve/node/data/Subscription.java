// SPDX-License-Identifier: Apache-2.0
package io.varve.node.data;

import io.varve.replication.Delivery;
import io.varve.replication.PartitionReader;
import io.varve.replication.ReadListener;
import io.varve.replication.RejectReason;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One partition of a subscribe stream. As a listener it only leaves what it hears in the stream's mailbox; everything else belongs to the stream's
 * event loop.
 */
final class Subscription implements ReadListener {
    /** Something to send for a subscription: a delivery, or why it ended; -1 for no end offset. */
    record Outgoing(
            Subscription subscription,
            @Nullable Delivery delivery,
            @Nullable RejectReason reason,
            String message,
            long endOffset) {
        void release() {
            if (delivery != null) {
                delivery.batches().release();
            }
        }
    }

    private static final long NONE = -1;

    private final int id;
    private final UUID topicId;
    private final int partition;
    private final StreamLoop<Outgoing> mailbox;
    private @Nullable PartitionReader reader;
    private boolean removed;

    Subscription(int id, UUID topicId, int partition, StreamLoop<Outgoing> mailbox) {
        this.id = id;
        this.topicId = topicId;
        this.partition = partition;
        this.mailbox = mailbox;
    }

    @Override
    public void onDelivery(Delivery delivery) {
        mailbox.leave(new Outgoing(this, delivery, null, "", NONE));
    }

    @Override
    public void onEnd(RejectReason reason, String message) {
        mailbox.leave(new Outgoing(this, null, reason, message, NONE));
    }

    @Override
    public void onTruncated(long endOffset, String message) {
        mailbox.leave(new Outgoing(this, null, RejectReason.LOG_TRUNCATED, message, endOffset));
    }

    int id() {
        return id;
    }

    UUID topicId() {
        return topicId;
    }

    int partition() {
        return partition;
    }

    void readFrom(PartitionReader partitionReader) {
        reader = partitionReader;
    }

    void addCredit(long bytes) {
        if (reader != null) {
            reader.addCredit(bytes);
        }
    }

    void consumed(int bytes) {
        if (reader != null && bytes > 0) {
            reader.consumed(bytes);
        }
    }

    /** What still comes for it is dropped. */
    void remove() {
        removed = true;
        if (reader != null) {
            reader.close();
        }
    }

    boolean isRemoved() {
        return removed;
    }
}
