// SPDX-License-Identifier: Apache-2.0
package io.varve.node.data;

import com.google.protobuf.ByteString;
import io.netty.buffer.ByteBuf;
import io.varve.proto.ErrorReasons;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.ReadResponse;
import io.varve.proto.v1.StoredRecord;
import io.varve.record.BatchHeader;
import io.varve.record.BatchReader;
import io.varve.record.InvalidBatchException;
import io.varve.record.LogRecord;
import io.varve.record.RecordHeader;
import io.varve.replication.Append;
import io.varve.replication.Delivery;
import io.varve.replication.Partition;
import io.varve.replication.PartitionReader;
import io.varve.replication.ReadListener;
import io.varve.replication.ReadRequest;
import io.varve.replication.RejectReason;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One {@code Read} call: reads until there is a record, or until the time is up. Records are decoded on the executor for answers, never on the
 * partition's loop. *Thread-safe.*
 */
final class UnaryRead implements ReadListener {
    /** What the records of one batch may grow to when they are decompressed. */
    private static final int DECOMPRESSED_MAX = 64 << 20;

    private final long offset;
    private final int maxRecords;
    private final int maxBytes;
    private final DataPlane plane;
    private final Partition partition;
    private final CompletableFuture<ReadResponse> response = new CompletableFuture<>();
    private final CompletableFuture<PartitionReader> reader = new CompletableFuture<>();
    private final AtomicBoolean timeUp = new AtomicBoolean();
    // volatile: set on the loop before the time is up, read by the timer
    private volatile @Nullable ReadResponse nothing;

    UnaryRead(Partition partition, long offset, int maxRecords, int maxBytes, DataPlane plane) {
        this.partition = partition;
        this.offset = offset;
        this.maxRecords = maxRecords;
        this.maxBytes = maxBytes;
        this.plane = plane;
    }

    /** Completes on the executor for answers, within about {@code waitMillis}. */
    CompletableFuture<ReadResponse> start(long waitMillis) {
        reader.complete(partition.read(new ReadRequest(offset, Append.ANY_EPOCH, maxBytes, maxBytes), this));
        ScheduledExecutorService timer = plane.workers();
        var timeout = timer.schedule(this::timeUp, waitMillis, TimeUnit.MILLISECONDS);
        var unused = response.whenComplete((done, failure) -> {
            timeout.cancel(false);
            closeReader();
        });
        return response;
    }

    private void timeUp() {
        timeUp.set(true);
        ReadResponse empty = nothing;
        if (empty != null) {
            plane.answers().execute(() -> response.complete(empty));
        } // else the first answer, which always comes, ends it
    }

    /** The caller has gone. */
    void cancel() {
        response.cancel(false);
    }

    @Override
    public void onDelivery(Delivery delivery) {
        if (response.isDone()) {
            delivery.batches().release();
        } else if (delivery.sizeBytes() == 0) {
            ReadResponse empty = numbers(delivery).setNextOffset(offset).build();
            nothing = empty;
            if (timeUp.get()) {
                plane.answers().execute(() -> response.complete(empty));
            }
        } else {
            plane.answers().execute(() -> decode(delivery));
        }
    }

    @Override
    public void onEnd(RejectReason reason, String message) {
        plane.answers()
                .execute(() -> response.completeExceptionally(ErrorReasons.toStatus(StatusMapper.withLeader(
                        StatusMapper.refused(reason, message),
                        plane.lookup(),
                        partition.id().topicId(),
                        partition.id().partition()))));
    }

    private void decode(Delivery delivery) {
        ByteBuf batches = delivery.batches();
        try {
            ReadResponse.Builder answer = numbers(delivery);
            long next = decode(batches.nioBuffer(), answer);
            if (answer.getRecordsCount() == 0 && !timeUp.get() && !response.isDone()) { // control batches only: go on
                int bytes = delivery.sizeBytes();
                nothing = answer.setNextOffset(next).build();
                goOn(bytes);
                return;
            }
            response.complete(answer.setNextOffset(next).build());
        } catch (InvalidBatchException e) { // a producer's mistake inside a batch with a right CRC
            response.completeExceptionally(ErrorReasons.toStatus(StatusMapper.refused(
                    ErrorReason.ERROR_REASON_CORRUPT_MESSAGE,
                    "partition " + partition.name() + ": a batch at or after offset " + offset + ": "
                            + e.getMessage())));
        } catch (RuntimeException e) {
            response.completeExceptionally(UnaryAnswers.toStatus(e));
        } finally {
            batches.release();
        }
    }

    private void goOn(int bytes) {
        var unused = reader.thenAccept(r -> {
            r.consumed(bytes);
            r.addCredit(bytes);
        });
    }

    private void closeReader() {
        var unused = reader.thenAccept(PartitionReader::close);
    }

    /** Adds the records wanted of these batches; returns where to go on. */
    private long decode(ByteBuffer bytes, ReadResponse.Builder answer) {
        long next = offset;
        int taken = 0;
        for (int at = 0; at < bytes.limit(); ) {
            int size = BatchHeader.sizeInBytes(bytes, at);
            int leaderEpoch = BatchHeader.partitionLeaderEpoch(bytes, at);
            long batchEnd = BatchHeader.nextOffset(bytes, at);
            BatchReader records = BatchReader.of(bytes.slice(at, size), DECOMPRESSED_MAX);
            while (records.hasNext()) {
                LogRecord record = records.next();
                if (record.offset() < offset) {
                    continue;
                }
                StoredRecord stored = stored(record, leaderEpoch);
                taken += stored.getSerializedSize();
                if (isFull(answer, taken)) {
                    return next;
                }
                answer.addRecords(stored);
                next = record.offset() + 1;
            }
            next = Math.max(next, batchEnd);
            at += size;
        }
        return next;
    }

    /** At least one record goes out, however large. */
    private boolean isFull(ReadResponse.Builder answer, int bytes) {
        int records = answer.getRecordsCount();
        return records == maxRecords || (records > 0 && bytes > maxBytes);
    }

    private static StoredRecord stored(LogRecord record, int leaderEpoch) {
        StoredRecord.Builder stored = StoredRecord.newBuilder()
                .setOffset(record.offset())
                .setTimestampMs(record.timestampMs())
                .setLeaderEpoch(leaderEpoch);
        ByteBuffer key = record.key();
        if (key != null) {
            stored.setKey(ByteString.copyFrom(key.duplicate()));
        }
        ByteBuffer value = record.value();
        if (value != null) {
            stored.setValue(ByteString.copyFrom(value.duplicate()));
        }
        for (RecordHeader header : record.headers()) {
            io.varve.proto.v1.RecordHeader.Builder copy =
                    io.varve.proto.v1.RecordHeader.newBuilder().setKey(header.key());
            ByteBuffer headerValue = header.value();
            if (headerValue != null) {
                copy.setValue(ByteString.copyFrom(headerValue.duplicate()));
            }
            stored.addHeaders(copy);
        }
        return stored.build();
    }

    private static ReadResponse.Builder numbers(Delivery delivery) {
        return ReadResponse.newBuilder()
                .setHighWatermark(delivery.highWatermark())
                .setLastStableOffset(delivery.highWatermark()) // equal while there are no transactions
                .setLogStartOffset(delivery.logStartOffset());
    }
}
