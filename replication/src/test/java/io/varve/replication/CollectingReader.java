// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.record.BatchCheck;
import io.varve.record.BatchHeader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks that what is delivered is valid and dense, and counts it. Deliveries come on the loop; the test looks from outside. */
final class CollectingReader implements ReadListener {
    private final List<String> baseOffsets = new ArrayList<>();
    private long nextOffset = -1;
    private long bytes;
    private long unconsumed;
    private int deliveries;
    private @Nullable RejectReason ended;
    private String endMessage = "";
    private @Nullable Throwable broken;

    @Override
    public synchronized void onDelivery(Delivery delivery) {
        try {
            deliveries++;
            ByteBuffer batches = delivery.batches().nioBuffer();
            for (int at = 0; at < batches.limit(); at += BatchHeader.sizeInBytes(batches, at)) {
                assertThat(BatchCheck.check(batches, at, batches.limit() - at, 1 << 20)
                                .detail())
                        .isEmpty();
                long base = BatchHeader.baseOffset(batches, at);
                if (nextOffset >= 0) {
                    assertThat(base).as("no gap and no repetition").isEqualTo(nextOffset);
                }
                nextOffset = BatchHeader.nextOffset(batches, at);
                assertThat(nextOffset).as("P18").isLessThanOrEqualTo(delivery.highWatermark());
                baseOffsets.add(Long.toString(base));
            }
            bytes += batches.limit();
            unconsumed += batches.limit();
        } catch (Throwable t) {
            broken = t;
        } finally {
            delivery.batches().release();
        }
    }

    @Override
    public synchronized void onEnd(RejectReason reason, String message) {
        ended = reason;
        endMessage = message;
    }

    synchronized long takeUnconsumed() {
        long taken = unconsumed;
        unconsumed = 0;
        return taken;
    }

    synchronized long nextOffset() {
        if (broken != null) {
            throw new AssertionError(broken);
        }
        return nextOffset;
    }

    synchronized int batches() {
        return baseOffsets.size();
    }

    synchronized int deliveries() {
        return deliveries;
    }

    synchronized long bytes() {
        return bytes;
    }

    synchronized @Nullable RejectReason ended() {
        return ended;
    }

    synchronized String endMessage() {
        return endMessage;
    }
}
