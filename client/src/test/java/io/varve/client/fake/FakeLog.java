// SPDX-License-Identifier: Apache-2.0
package io.varve.client.fake;

import io.varve.proto.ErrorReasons;
import io.varve.proto.v1.Error;
import io.varve.proto.v1.ErrorReason;
import io.varve.record.BatchCheck;
import io.varve.record.BatchHeader;
import io.varve.record.BatchReader;
import io.varve.record.LogRecord;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One partition's batches, with the leader's check of sequences. <i>Guarded by the node's lock.</i> */
public final class FakeLog {
    private final List<byte[]> batches = new ArrayList<>();
    private final List<ProducerBatch> producers = new ArrayList<>();
    private long startOffset;
    private long endOffset;
    int leaderEpoch = 1;
    int leader = 1;

    /** The base offset of the batch, or the error. */
    Object append(byte[] bytes) {
        ByteBuffer b = ByteBuffer.wrap(bytes);
        BatchCheck check = BatchCheck.check(b, 0, bytes.length, Integer.MAX_VALUE);
        if (!check.isValid() || BatchHeader.sizeInBytes(b, 0) != bytes.length) {
            return error(ErrorReason.ERROR_REASON_CORRUPT_MESSAGE, "bad batch: " + check);
        }
        long id = BatchHeader.producerId(b, 0);
        int sequence = BatchHeader.baseSequence(b, 0);
        short epoch = BatchHeader.producerEpoch(b, 0);
        if (id >= 0) {
            List<ProducerBatch> mine =
                    producers.stream().filter(p -> p.id == id).toList();
            ProducerBatch last = mine.isEmpty() ? null : mine.get(mine.size() - 1);
            if (last != null && epoch < last.epoch) {
                return error(ErrorReason.ERROR_REASON_INVALID_PRODUCER_EPOCH, "epoch " + epoch);
            }
            for (ProducerBatch p : mine.subList(Math.max(0, mine.size() - 5), mine.size())) {
                if (p.epoch == epoch && p.sequence == sequence && p.count == BatchHeader.recordCount(b, 0)) {
                    return p.baseOffset;
                }
            }
            int expected = last == null || epoch > last.epoch ? 0 : last.sequence + last.count;
            if (sequence != expected) {
                return error(
                        last == null
                                ? ErrorReason.ERROR_REASON_UNKNOWN_PRODUCER_ID
                                : ErrorReason.ERROR_REASON_OUT_OF_ORDER_SEQUENCE_NUMBER,
                        "sequence " + sequence + ", expected " + expected);
            }
        }
        long base = endOffset;
        BatchHeader.assign(b, 0, base, leaderEpoch);
        batches.add(bytes);
        endOffset = BatchHeader.nextOffset(b, 0);
        producers.add(new ProducerBatch(id, epoch, sequence, BatchHeader.recordCount(b, 0), base));
        return base;
    }

    /** Adds a batch as it is, whatever it is, but for its base offset. */
    public void addRaw(byte[] bytes) {
        ByteBuffer b = ByteBuffer.wrap(bytes);
        BatchHeader.assign(b, 0, endOffset, leaderEpoch);
        batches.add(bytes);
        endOffset = BatchHeader.nextOffset(b, 0);
    }

    /** Retention: everything before the offset is gone. */
    public void startAt(long offset) {
        startOffset = offset;
        batches.removeIf(b -> BatchHeader.lastOffset(ByteBuffer.wrap(b), 0) < offset);
    }

    long startOffset() {
        return startOffset;
    }

    public long endOffset() {
        return endOffset;
    }

    /** An unclean election: everything from the offset on, which begins a batch, is gone. */
    public void truncateTo(long offset) {
        batches.removeIf(b -> BatchHeader.lastOffset(ByteBuffer.wrap(b), 0) >= offset);
        endOffset = offset;
    }

    /** Where the records end that leaders up to this epoch appended; the maximum for epoch 0. */
    long endOfEpoch(int epoch) {
        long end = startOffset;
        for (byte[] b : batches) {
            if (BatchHeader.partitionLeaderEpoch(ByteBuffer.wrap(b), 0) <= epoch) {
                end = BatchHeader.nextOffset(ByteBuffer.wrap(b), 0);
            }
        }
        return epoch == 0 ? Long.MAX_VALUE : end;
    }

    /** The first batch that ends after the offset. */
    byte @Nullable [] batchAt(long offset) {
        for (byte[] b : batches) {
            if (BatchHeader.lastOffset(ByteBuffer.wrap(b), 0) >= offset) {
                return b;
            }
        }
        return null;
    }

    public int batchCount() {
        return batches.size();
    }

    public byte[] batch(int index) {
        return batches.get(index);
    }

    long offsetAtTime(long timestampMs) {
        for (LogRecord r : records()) {
            if (r.timestampMs() >= timestampMs) {
                return r.offset();
            }
        }
        return endOffset;
    }

    private List<LogRecord> records() {
        List<LogRecord> all = new ArrayList<>();
        for (byte[] b : batches) {
            BatchReader.of(ByteBuffer.wrap(b), 64 << 20).forEachRemaining(all::add);
        }
        return all;
    }

    /** The values of all records, in order. */
    public List<String> values() {
        return records().stream()
                .map(r -> StandardCharsets.UTF_8
                        .decode(Objects.requireNonNull(r.value()).duplicate())
                        .toString())
                .toList();
    }

    static Error error(ErrorReason reason, String message) {
        return ErrorReasons.error(reason, message);
    }

    private record ProducerBatch(long id, short epoch, int sequence, int count, long baseOffset) {}
}
