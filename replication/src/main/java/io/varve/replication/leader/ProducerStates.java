// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.leader;

import io.varve.record.BatchHeader;
import io.varve.replication.RejectReason;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the producers of one partition sent last: finds duplicates and gaps. A function of the log (P41, I18): {@link #replay} of every batch in order,
 * or a snapshot and what comes after it, gives the same state as the appends did.
 *
 * <p>The snapshot, integers big-endian; its CRC is its container's:
 *
 * <pre>
 *  0 version   int16  1
 *  2 producers int32
 *  then for each: producerId int64, epoch int16, lastSeenMillis int64, batches int8,
 *                 and for each batch, oldest first: baseSequence int32, recordCount int32, baseOffset int64
 * </pre>
 *
 * *Confined to the partition loop* (while it is rebuilt: to the rebuilding thread).
 */
public final class ProducerStates {
    private static final short VERSION = 1;
    private static final int HEADER_BYTES = Short.BYTES + Integer.BYTES;
    private static final int PRODUCER_BYTES = Long.BYTES + Short.BYTES + Long.BYTES + Byte.BYTES;
    private static final int BATCH_BYTES = Integer.BYTES + Integer.BYTES + Long.BYTES;

    private final Map<Long, ProducerState> byProducer = new HashMap<>(1); // often there is one, or none

    /** Looks at the batch of an idempotent producer before it is appended; changes nothing. */
    SequenceVerdict check(long producerId, short epoch, int baseSequence, int recordCount) {
        if (producerId == BatchHeader.NO_PRODUCER_ID) {
            return SequenceVerdict.NEXT;
        }
        ProducerState state = byProducer.get(producerId);
        if (state == null) {
            return baseSequence == 0 ? SequenceVerdict.NEXT : unknown(producerId, baseSequence); // P40
        }
        if (epoch < state.epoch()) {
            return new SequenceVerdict.Refused(
                    RejectReason.INVALID_PRODUCER_EPOCH,
                    "producer " + producerId + " has epoch " + state.epoch() + ", the batch has " + epoch);
        }
        if (epoch > state.epoch()) {
            return baseSequence == 0 ? SequenceVerdict.NEXT : outOfOrder(producerId, epoch, baseSequence, 0);
        }
        int known = state.indexOf(baseSequence, recordCount);
        if (known >= 0) {
            long original = state.baseOffset(known);
            return new SequenceVerdict.Duplicate(original, original + recordCount);
        }
        if (baseSequence == state.nextSequence()) {
            return SequenceVerdict.NEXT;
        }
        return state.isBehind(baseSequence, recordCount)
                ? new SequenceVerdict.Forgotten("producer " + producerId + ": sequences " + baseSequence + " to "
                        + ProducerState.plus(baseSequence, recordCount - 1)
                        + " were appended before, the next one is " + state.nextSequence())
                : outOfOrder(producerId, epoch, baseSequence, state.nextSequence());
    }

    /** Remembers a batch that got its place in the log. */
    void append(long producerId, short epoch, int baseSequence, int recordCount, long baseOffset, long nowMillis) {
        if (producerId == BatchHeader.NO_PRODUCER_ID) {
            return;
        }
        ProducerState state = byProducer.get(producerId);
        if (state == null) {
            state = new ProducerState(epoch);
            byProducer.put(producerId, state);
        }
        state.append(epoch, baseSequence, recordCount, baseOffset, nowMillis);
    }

    /**
     * Takes a stored batch whose header begins at {@code at}, in offset order. A compacted batch keeps its lastOffsetDelta, so that counts as its number
     * of records.
     */
    public void replay(ByteBuffer headers, int at, long nowMillis) {
        if (!BatchHeader.isControl(headers, at)) {
            append(
                    BatchHeader.producerId(headers, at),
                    BatchHeader.producerEpoch(headers, at),
                    BatchHeader.baseSequence(headers, at),
                    BatchHeader.lastOffsetDelta(headers, at) + 1,
                    BatchHeader.baseOffset(headers, at),
                    nowMillis);
        }
    }

    /** Forgets producers that were silent since before {@code seenBeforeMillis}; far longer ago than any delivery timeout (P41). */
    public void expire(long seenBeforeMillis) {
        byProducer.values().removeIf(state -> state.lastSeenMillis() < seenBeforeMillis);
    }

    public int size() {
        return byProducer.size();
    }

    /** As {@link #encode}, in at most {@code bytesMax}: without those that were silent longest, if it has to be. */
    public ByteBuffer encode(int bytesMax) {
        long bytes = HEADER_BYTES;
        List<Map.Entry<Long, ProducerState>> newestFirst = new ArrayList<>(byProducer.entrySet());
        newestFirst.sort(Comparator.comparingLong(entry -> -entry.getValue().lastSeenMillis()));
        ProducerStates kept = new ProducerStates();
        for (Map.Entry<Long, ProducerState> entry : newestFirst) {
            bytes += PRODUCER_BYTES + (long) entry.getValue().count() * BATCH_BYTES;
            if (bytes > bytesMax) {
                break;
            }
            kept.byProducer.put(entry.getKey(), entry.getValue());
        }
        return kept.encode();
    }

    /** The whole state, to be kept with the end offset up to which it holds. */
    public ByteBuffer encode() {
        int bytes = HEADER_BYTES;
        for (ProducerState state : byProducer.values()) {
            bytes += PRODUCER_BYTES + state.count() * BATCH_BYTES;
        }
        ByteBuffer to = ByteBuffer.allocate(bytes).putShort(VERSION).putInt(byProducer.size());
        byProducer.forEach((id, state) -> {
            to.putLong(id)
                    .putShort(state.epoch())
                    .putLong(state.lastSeenMillis())
                    .put((byte) state.count());
            for (int i = 0; i < state.count(); i++) {
                to.putInt(state.baseSequence(i)).putInt(state.recordCount(i)).putLong(state.baseOffset(i));
            }
        });
        return to.flip();
    }

    /** @throws IllegalArgumentException if these are not the bytes of {@link #encode()}: the caller replays the whole log instead */
    public static ProducerStates decode(ByteBuffer from) {
        ByteBuffer in = from.duplicate();
        ProducerStates states = new ProducerStates();
        try {
            short version = in.getShort();
            if (version != VERSION) {
                throw new IllegalArgumentException("producer snapshot of version " + version + ", not " + VERSION);
            }
            int producers = in.getInt();
            for (int i = 0; i < producers; i++) {
                states.decodeProducer(in);
            }
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("producer snapshot of " + from.remaining() + " bytes is cut short", e);
        }
        if (in.hasRemaining()) {
            throw new IllegalArgumentException("producer snapshot has " + in.remaining() + " bytes too many");
        }
        return states;
    }

    private void decodeProducer(ByteBuffer in) {
        long id = in.getLong();
        short epoch = in.getShort();
        long lastSeenMillis = in.getLong();
        int batches = in.get();
        if (batches < 1 || batches > ProducerState.REMEMBERED) {
            throw new IllegalArgumentException("producer " + id + " with " + batches + " batches in a snapshot");
        }
        for (int i = 0; i < batches; i++) {
            int baseSequence = in.getInt();
            int recordCount = in.getInt();
            append(id, epoch, baseSequence, recordCount, in.getLong(), lastSeenMillis);
        }
    }

    /** Whether both would judge every batch alike (I18). */
    public boolean sameAs(ProducerStates other) {
        if (byProducer.size() != other.byProducer.size()) {
            return false;
        }
        for (Map.Entry<Long, ProducerState> entry : byProducer.entrySet()) {
            ProducerState counterpart = other.byProducer.get(entry.getKey());
            if (counterpart == null || !entry.getValue().sameAs(counterpart)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return byProducer.toString();
    }

    private static SequenceVerdict unknown(long producerId, int baseSequence) {
        return new SequenceVerdict.Refused(
                RejectReason.UNKNOWN_PRODUCER_ID,
                "nothing is known of producer " + producerId + ", so its first sequence is 0, not " + baseSequence);
    }

    private static SequenceVerdict outOfOrder(long producerId, short epoch, int baseSequence, int expected) {
        return new SequenceVerdict.Refused(
                RejectReason.OUT_OF_ORDER_SEQUENCE_NUMBER,
                "producer " + producerId + " epoch " + epoch + ": sequence " + baseSequence + ", expected " + expected);
    }
}
