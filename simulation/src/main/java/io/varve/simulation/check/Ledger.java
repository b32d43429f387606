// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

import io.varve.storage.LogId;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What producers sent, and what they were told about it. */
final class Ledger {
    enum Told {
        NOTHING,
        STORED,
        /** It never becomes visible. */
        REFUSED,
        UNKNOWN
    }

    /** The records of one batch, whatever sequence and topic it goes to. */
    static final class Values {
        final Sending sending;
        Told told = Told.NOTHING;

        /** In whatever log. */
        boolean committed;

        /** For each log that it was sent to: where everything that was acknowledged before ends. */
        final Map<LogId, Long> sentAfter = new HashMap<>();

        Values(Sending sending) {
            this.sending = sending;
        }
    }

    /** One batch as it was on the wire. */
    record Sent(Sending sending, Values values) {}

    private record Key(int producer, long firstValue) {}

    private record Place(int producer, LogId id) {}

    private final Map<Key, Values> values = new LinkedHashMap<>();
    private final Map<Long, Sent> byBatchId = new HashMap<>();
    private final Map<Place, Long> ackedEnd = new HashMap<>();
    private long acknowledged;
    private long unfinished;

    void sent(LogId id, long batchId, Sending sending) {
        Values of = values.get(new Key(sending.producer(), sending.firstValue()));
        if (of == null) {
            of = new Values(sending);
            values.put(new Key(sending.producer(), sending.firstValue()), of);
            unfinished++;
        }
        byBatchId.putIfAbsent(batchId, new Sent(sending, of));
        of.sentAfter.putIfAbsent(id, ackedEnd.getOrDefault(new Place(sending.producer(), id), 0L));
    }

    void acked(LogId id, Sending sending, long baseOffset) {
        told(sending.producer(), sending.firstValue(), Told.STORED);
        if (sending.acks() != io.varve.replication.Acks.NONE) {
            acknowledged++;
        }
        if (baseOffset >= 0 && sending.acks() == io.varve.replication.Acks.ALL) {
            ackedEnd.merge(new Place(sending.producer(), id), baseOffset + sending.count(), Math::max);
        }
    }

    /** Null for records that were never sent. */
    @Nullable
    Values told(int producer, long firstValue, Told what) {
        Values of = values.get(new Key(producer, firstValue));
        if (of != null) {
            if (of.told == Told.NOTHING) {
                unfinished--;
            }
            of.told = what;
        }
        return of;
    }

    /** What was given up may be acknowledged again at lower offsets. */
    void forgive(LogId id, long fromOffset) {
        ackedEnd.replaceAll((place, end) -> place.id().equals(id) ? Math.min(end, fromOffset) : end);
        for (Values of : values.values()) {
            of.sentAfter.computeIfPresent(id, (log, after) -> Math.min(after, fromOffset));
        }
    }

    /** Null if nobody ever sent such a batch. */
    @Nullable
    Sent batch(long batchId) {
        return byBatchId.get(batchId);
    }

    /** Batches of which a producer was told that they are stored. */
    long acknowledged() {
        return acknowledged;
    }

    /** Batches that were sent and of which nobody was told anything. */
    long unfinished() {
        return unfinished;
    }
}
