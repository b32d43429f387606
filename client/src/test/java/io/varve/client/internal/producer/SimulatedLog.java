// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal.producer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A partition's log with the leader's checks of P38 and P40, as the truth that the simulation compares with. */
final class SimulatedLog {
    static final String STORED = "STORED";

    final UUID topicId;
    int leader;
    int leaderEpoch = 1;
    final List<Entry> entries = new ArrayList<>();

    SimulatedLog(UUID topicId, int leader) {
        this.topicId = topicId;
        this.leader = leader;
    }

    /** Returns {@link #STORED} or the reason why not; a duplicate counts as stored. */
    Answer append(Request request) {
        if (request.producerId < 0) {
            return store(request);
        }
        Producer producer = producers().get(request.producerId);
        if (producer == null) {
            return request.sequence == 0 ? store(request) : new Answer("UNKNOWN_PRODUCER_ID", null);
        }
        if (request.epoch < producer.epoch) {
            return new Answer("INVALID_PRODUCER_EPOCH", null);
        }
        if (request.epoch > producer.epoch) {
            return request.sequence == 0 ? store(request) : new Answer("OUT_OF_ORDER_SEQUENCE_NUMBER", null);
        }
        int from = Math.max(0, producer.entries.size() - 5);
        for (Entry e : producer.entries.subList(from, producer.entries.size())) {
            if (e.request.sequence == request.sequence && e.request.count() == request.count()) {
                return new Answer(STORED, e);
            }
        }
        Request last = producer.entries.get(producer.entries.size() - 1).request;
        return request.sequence == PartitionQueue.advance(last.sequence, last.count())
                ? store(request)
                : new Answer("OUT_OF_ORDER_SEQUENCE_NUMBER", null);
    }

    private Answer store(Request request) {
        Entry entry = new Entry(request, endOffset());
        entries.add(entry);
        return new Answer(STORED, entry);
    }

    /** A new leader that does not have what was never acknowledged. */
    void dropUncommittedTail() {
        while (!entries.isEmpty() && !entries.get(entries.size() - 1).committed) {
            entries.remove(entries.size() - 1);
        }
    }

    /** An answer commits everything up to it. */
    void commit(Entry entry) {
        for (Entry e : entries) {
            e.committed = true;
            if (e == entry) {
                return;
            }
        }
        throw new AssertionError("committed an entry that is not in the log");
    }

    private long endOffset() {
        if (entries.isEmpty()) {
            return 0;
        }
        Entry last = entries.get(entries.size() - 1);
        return last.baseOffset + last.request.count();
    }

    /** A function of the log (P41). */
    private Map<Long, Producer> producers() {
        Map<Long, Producer> producers = new HashMap<>();
        for (Entry e : entries) {
            Producer p = producers.computeIfAbsent(e.request.producerId, id -> new Producer());
            if (e.request.epoch != p.epoch) {
                p.entries.clear();
                p.epoch = e.request.epoch;
            }
            p.entries.add(e);
        }
        return producers;
    }

    /** What a batch looked like when its bytes were read by the connection. */
    record Request(Flight flight, long producerId, short epoch, int sequence, List<Integer> records) {
        static Request of(Flight flight, List<Integer> records) {
            Batch b = flight.batch();
            return new Request(flight, b.producerId(), b.producerEpoch(), b.sequence(), records);
        }

        int count() {
            return records.size();
        }
    }

    record Answer(String reason, @Nullable Entry entry) {}

    static final class Entry {
        final Request request;
        final long baseOffset;
        boolean committed;

        Entry(Request request, long baseOffset) {
            this.request = request;
            this.baseOffset = baseOffset;
        }
    }

    private static final class Producer {
        short epoch = -1;
        final List<Entry> entries = new ArrayList<>();
    }
}
