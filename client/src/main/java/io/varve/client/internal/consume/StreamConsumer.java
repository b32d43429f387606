// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal.consume;

import io.varve.client.Consumer;
import io.varve.client.ConsumerMetrics;
import io.varve.client.ConsumerRecords;
import io.varve.client.ErrorCode;
import io.varve.client.ListedOffset;
import io.varve.client.OffsetAndTimestamp;
import io.varve.client.Serde;
import io.varve.client.Start;
import io.varve.client.TopicPartition;
import io.varve.client.VarveException;
import io.varve.client.errors.TimeoutException;
import io.varve.client.errors.WakeupException;
import io.varve.client.internal.ClientContext;
import io.varve.client.internal.ConsumerSettings;
import io.varve.client.internal.Errors;
import io.varve.client.internal.Exceptions;
import io.varve.client.internal.OffsetLookup;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;

/** {@link Consumer} over Subscribe streams. */
public final class StreamConsumer<K, V> implements Consumer<K, V> {
    private final ClientContext context;
    private final ConsumerSettings settings;
    private final OffsetLookup lookup;
    private final Confinement confinement = new Confinement();
    private final ConsumerCounts counts = new ConsumerCounts();
    private final Subscriptions subscriptions;
    private final RecordDecoder<K, V> decoder;
    private final Map<TopicPartition, PartitionCursor> cursors = new LinkedHashMap<>();
    private final AtomicBoolean woken = new AtomicBoolean();
    private final AtomicBoolean closed = new AtomicBoolean();

    public StreamConsumer(ClientContext context, ConsumerSettings settings, Serde<K> keySerde, Serde<V> valueSerde) {
        this.context = context;
        this.settings = settings;
        this.lookup = new OffsetLookup(context);
        this.subscriptions = new Subscriptions(context, settings, lookup, counts);
        this.decoder = new RecordDecoder<>(keySerde, valueSerde, counts);
        context.opened(this);
    }

    @Override
    public void assign(Collection<TopicPartition> partitions) {
        inside(() -> {
            Set<TopicPartition> wanted = new LinkedHashSet<>(partitions);
            cursors.entrySet().removeIf(e -> {
                if (!wanted.contains(e.getKey())) {
                    subscriptions.discard(e.getValue());
                    return true;
                }
                return false;
            });
            for (TopicPartition partition : wanted) {
                cursors.computeIfAbsent(partition, p -> new PartitionCursor(p, settings.start()));
            }
            return null;
        });
    }

    @Override
    public Set<TopicPartition> assignment() {
        return inside(() -> Set.copyOf(cursors.keySet()));
    }

    @Override
    public void seek(TopicPartition partition, long offset) {
        seek(partition, Start.offset(offset));
    }

    @Override
    public void seek(TopicPartition partition, Start start) {
        inside(() -> {
            PartitionCursor cursor = cursor(partition);
            counts.buffered.add(-cursor.seek(start));
            return null;
        });
    }

    @Override
    public void seekToBeginning(Collection<TopicPartition> partitions) {
        partitions.forEach(p -> seek(p, Start.EARLIEST));
    }

    @Override
    public void seekToEnd(Collection<TopicPartition> partitions) {
        partitions.forEach(p -> seek(p, Start.LATEST));
    }

    @Override
    public ConsumerRecords<K, V> poll(Duration timeout) {
        return inside(() -> {
            long deadline = deadline(timeout);
            while (true) {
                throwIfWoken();
                subscriptions.takeArrivals();
                subscriptions.maintain(cursors.values(), System.nanoTime());
                throwFailure();
                ConsumerRecords<K, V> records = decoder.take(cursors.values(), settings.maxPollRecords());
                if (!records.isEmpty()) {
                    return records;
                }
                throwFailure();
                long now = System.nanoTime();
                if (now >= deadline) {
                    return records;
                }
                subscriptions.await(Math.min(deadline, subscriptions.nextRetry(cursors.values(), now)) - now);
            }
        });
    }

    private void throwFailure() {
        for (PartitionCursor cursor : cursors.values()) {
            if (!cursor.paused && cursor.failure != null) {
                VarveException exception = Exceptions.of(cursor.failure);
                if (!cursor.stuck) {
                    cursor.failure = null;
                }
                throw exception;
            }
        }
    }

    @Override
    public long position(TopicPartition partition) {
        return inside(() -> {
            PartitionCursor cursor = cursor(partition);
            long deadline = deadline(context.settings().requestTimeout());
            while (cursor.unresolved != null) {
                throwIfWoken();
                subscriptions.takeArrivals();
                subscriptions.maintain(cursors.values(), System.nanoTime());
                throwFailure();
                long now = System.nanoTime();
                if (now >= deadline) {
                    throw new TimeoutException(Errors.local(
                            ErrorCode.DEADLINE_EXCEEDED,
                            "REQUEST_TIMED_OUT",
                            "the position of " + partition + " was not found within "
                                    + context.settings().requestTimeout().toMillis() + " ms",
                            ""));
                }
                if (cursor.unresolved != null) {
                    subscriptions.await(Math.min(deadline, subscriptions.nextRetry(cursors.values(), now)) - now);
                }
            }
            return cursor.position;
        });
    }

    @Override
    public Map<TopicPartition, Long> beginningOffsets(Collection<TopicPartition> partitions) {
        return offsets(partitions, Start.EARLIEST);
    }

    @Override
    public Map<TopicPartition, Long> endOffsets(Collection<TopicPartition> partitions) {
        return offsets(partitions, Start.LATEST);
    }

    private Map<TopicPartition, Long> offsets(Collection<TopicPartition> partitions, Start start) {
        Map<TopicPartition, Start> positions = new HashMap<>();
        partitions.forEach(p -> positions.put(p, start));
        return map(positions, ListedOffset::offset);
    }

    @Override
    public Map<TopicPartition, Optional<OffsetAndTimestamp>> offsetsForTimes(Map<TopicPartition, Instant> times) {
        Map<TopicPartition, Start> positions = new HashMap<>();
        times.forEach((partition, time) -> positions.put(partition, Start.at(time)));
        return map(
                positions,
                found -> found.timestampMs() == ListedOffset.NO_TIMESTAMP
                        ? Optional.empty()
                        : Optional.of(
                                new OffsetAndTimestamp(found.offset(), found.timestampMs(), found.leaderEpoch())));
    }

    private <T> Map<TopicPartition, T> map(Map<TopicPartition, Start> positions, Function<ListedOffset, T> convert) {
        return inside(() -> {
            Map<TopicPartition, T> result = new HashMap<>();
            ClientContext.await(lookup.find(positions)).forEach((p, found) -> result.put(p, convert.apply(found)));
            return result;
        });
    }

    @Override
    public void pause(Collection<TopicPartition> partitions) {
        inside(() -> {
            partitions.forEach(p -> cursor(p).paused = true);
            return null;
        });
    }

    @Override
    public void resume(Collection<TopicPartition> partitions) {
        inside(() -> {
            partitions.forEach(p -> cursor(p).paused = false);
            return null;
        });
    }

    @Override
    public Set<TopicPartition> paused() {
        return inside(() -> {
            Set<TopicPartition> paused = new HashSet<>();
            cursors.forEach((partition, cursor) -> {
                if (cursor.paused) {
                    paused.add(partition);
                }
            });
            return paused;
        });
    }

    @Override
    public void wakeup() {
        woken.set(true);
        subscriptions.wake();
    }

    @Override
    public ConsumerMetrics metrics() {
        return counts.snapshot();
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            wakeup();
            confinement.takeOver();
            try {
                cursors.values().forEach(subscriptions::discard);
                cursors.clear();
                subscriptions.close();
            } finally {
                confinement.leave();
                context.closed(this);
            }
        }
    }

    private PartitionCursor cursor(TopicPartition partition) {
        PartitionCursor cursor = cursors.get(partition);
        if (cursor == null) {
            throw new IllegalStateException(
                    "partition " + partition + " is not assigned to this consumer; assigned are " + cursors.keySet());
        }
        return cursor;
    }

    private void throwIfWoken() {
        if (woken.getAndSet(false)) {
            throw new WakeupException(
                    Errors.local(ErrorCode.CANCELLED, "WAKEUP", "the consumer was woken up by another thread", ""));
        }
    }

    private <T> T inside(Supplier<T> work) {
        confinement.enter();
        try {
            if (closed.get()) {
                throw new IllegalStateException("the consumer is closed");
            }
            return work.get();
        } finally {
            confinement.leave();
        }
    }

    private static long deadline(Duration timeout) {
        long nanos = timeout.compareTo(Duration.ofDays(365)) > 0
                ? Duration.ofDays(365).toNanos()
                : timeout.toNanos();
        return System.nanoTime() + Math.max(0, nanos);
    }
}
