// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal.consume;

import com.google.protobuf.ByteString;
import io.netty.buffer.ByteBuf;
import io.varve.client.ErrorDetails;
import io.varve.client.Start;
import io.varve.client.TopicPartition;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** Where reading of one partition stands. <i>Confined to the consumer's thread.</i> */
final class PartitionCursor {
    private static final long FIRST_PAUSE_NANOS = 20_000_000;
    private static final long MAX_PAUSE_NANOS = 1_000_000_000;

    final TopicPartition partition;

    /** The next record that poll returns is at this offset or behind it; means nothing while unresolved ≠ null. */
    long position;

    /** What has to be turned into an offset first. */
    @Nullable
    Start unresolved;

    /** Grows with every seek: answers to questions of earlier positions are void. */
    int generation;

    boolean asking;
    boolean paused;
    long retryAtNanos;
    int failures;
    long missingSinceNanos;
    boolean stale = true;

    /** Of the record that poll returned last; 0 for none. */
    int lastReadEpoch;

    /** Of the last record before {@link #fetchOffset}; 0 for none. What the next node is asked to confirm (P32). */
    int lastFetchedEpoch;

    /** Of which topic the positions are: one of the same name may come after it. Null before the first subscription. */
    @Nullable
    ByteString topicId;

    /** Thrown by the next poll. */
    @Nullable
    ErrorDetails failure;

    /** Whether the failure stays until a seek. */
    boolean stuck;

    // Invariant: stream != null iff subscription > 0
    @Nullable
    SubscribeStream stream;

    int subscription;

    /** What the node may have under way at most; half of it consumed is given back at once. */
    private long creditBytes;

    private long consumedBytes;
    private long bufferedBytes;

    /** Position ≤ fetchOffset: what comes next from the node. */
    long fetchOffset;

    private final ArrayDeque<FetchedBatches> fetched = new ArrayDeque<>();

    PartitionCursor(TopicPartition partition, Start start) {
        this.partition = partition;
        this.unresolved = start;
    }

    /** Forgets everything about where reading stood; returns the bytes dropped. */
    long seek(Start start) {
        unsubscribe();
        long dropped = drop();
        generation++;
        asking = false;
        failure = null;
        stuck = false;
        retryAtNanos = 0;
        failures = 0;
        lastReadEpoch = 0;
        lastFetchedEpoch = 0;
        topicId = null;
        if (start instanceof Start.Offset offset) {
            resolved(offset.offset());
        } else {
            unresolved = start;
        }
        return dropped;
    }

    void resolved(long offset) {
        unresolved = null;
        position = offset;
        fetchOffset = offset;
        lastReadEpoch = 0;
        lastFetchedEpoch = 0;
    }

    /** There is news of who leads: pauses of earlier failures count no longer. */
    void retryNow() {
        failures = 0;
        retryAtNanos = 0;
        stale = false;
    }

    /** The credit for a new subscription: what is buffered still counts. */
    long subscribed(SubscribeStream newStream, int number, long totalCreditBytes) {
        stream = newStream;
        subscription = number;
        creditBytes = totalCreditBytes;
        consumedBytes = 0;
        return Math.max(1, totalCreditBytes - bufferedBytes);
    }

    void unsubscribe() {
        SubscribeStream s = stream;
        if (s != null) {
            s.remove(subscription);
            lost();
        }
    }

    /** The node or the connection ended the subscription. */
    void lost() {
        stream = null;
        subscription = 0;
    }

    /** Takes over the reference. */
    void add(ByteBuf batches) {
        FetchedBatches more = new FetchedBatches(batches);
        fetched.add(more);
        bufferedBytes += more.sizeBytes;
        if (more.endOffset() > fetchOffset) {
            fetchOffset = more.endOffset();
            lastFetchedEpoch = more.lastLeaderEpoch();
        }
        failures = 0;
        missingSinceNanos = 0;
    }

    @Nullable
    FetchedBatches head() {
        return fetched.peek();
    }

    boolean hasFetched() {
        return !fetched.isEmpty();
    }

    /** The first message is read to its end; returns its size. */
    long removeHead() {
        FetchedBatches head = fetched.remove();
        head.release();
        bufferedBytes -= head.sizeBytes;
        consumedBytes += head.sizeBytes;
        return head.sizeBytes;
    }

    /** Lets the node send as much more as was consumed, once that is worth a message. */
    void giveCredit() {
        SubscribeStream s = stream;
        if (s != null && consumedBytes > 0 && consumedBytes >= creditBytes / 2 && !s.isHeld()) {
            s.credit(subscription, consumedBytes);
            consumedBytes = 0;
        }
    }

    /** Drops what was fetched; returns its size. */
    long drop() {
        long dropped = bufferedBytes;
        fetched.forEach(FetchedBatches::release);
        fetched.clear();
        bufferedBytes = 0;
        return dropped;
    }

    void backOff(long now) {
        failures++;
        retryAtNanos = now + Math.min(FIRST_PAUSE_NANOS << Math.min(failures - 1, 10), MAX_PAUSE_NANOS);
    }

    void fail(ErrorDetails error, boolean untilSeek) {
        failure = error;
        stuck = untilSeek;
    }
}
