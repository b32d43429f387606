// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal.send;

import io.varve.client.Acks;
import io.varve.client.ErrorCode;
import io.varve.client.Header;
import io.varve.client.PartitionInfo;
import io.varve.client.Producer;
import io.varve.client.ProducerMetrics;
import io.varve.client.ProducerRecord;
import io.varve.client.RecordMetadata;
import io.varve.client.SendCallback;
import io.varve.client.Serde;
import io.varve.client.VarveException;
import io.varve.client.errors.SerializationException;
import io.varve.client.internal.ClientContext;
import io.varve.client.internal.Daemons;
import io.varve.client.internal.Errors;
import io.varve.client.internal.Exceptions;
import io.varve.client.internal.ProducerSettings;
import io.varve.proto.v1.PartitionMetadata;
import io.varve.proto.v1.TopicMetadata;
import io.varve.record.RecordHeader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** {@link Producer} over Produce streams. <i>Thread-safe.</i> */
public final class StreamProducer<K, V> implements Producer<K, V> {
    private static final Duration THREADS_END = Duration.ofSeconds(5);

    private final ClientContext context;
    private final ProducerSettings settings;
    private final Serde<K> keySerde;
    private final Serde<V> valueSerde;
    private final MemoryBudget budget;
    private final Room room;
    private final Counts counts = new Counts();
    private final Callbacks callbacks;
    private final Map<String, TopicBuffers> topics = new ConcurrentHashMap<>();
    private final Sender sender;
    private final Thread thread;
    private final AtomicBoolean closed = new AtomicBoolean();

    public StreamProducer(ClientContext context, ProducerSettings settings, Serde<K> keySerde, Serde<V> valueSerde) {
        this.context = context;
        this.settings = settings;
        this.keySerde = keySerde;
        this.valueSerde = valueSerde;
        this.budget = new MemoryBudget(settings.bufferMemoryBytes());
        this.room = new Room(budget, settings);
        String name = context.threadName("producer");
        this.callbacks = new Callbacks(name + "-callbacks");
        this.sender = new Sender(context, settings, callbacks, budget, counts, topics);
        this.thread = Daemons.named(name).newThread(sender);
        sender.mailbox().readBy(thread);
        context.opened(this);
        thread.start();
    }

    @Override
    public CompletableFuture<RecordMetadata> send(ProducerRecord<K, V> record) {
        CompletableFuture<RecordMetadata> future = new CompletableFuture<>();
        VarveException error = take(record, future, false);
        if (error != null) {
            future.completeExceptionally(error);
        }
        return future;
    }

    @Override
    public void send(ProducerRecord<K, V> record, SendCallback callback) {
        VarveException error = take(record, callback, false);
        if (error != null) {
            callbacks.run(() -> Waiters.failed(callback, error));
        }
    }

    @Override
    public RecordMetadata sendSync(ProducerRecord<K, V> record) {
        forbidInCallback("sendSync");
        CompletableFuture<RecordMetadata> future = new CompletableFuture<>();
        VarveException error = take(record, future, true);
        if (error != null) {
            throw error;
        }
        return ClientContext.await(future);
    }

    @Override
    public List<CompletableFuture<RecordMetadata>> sendAll(List<ProducerRecord<K, V>> records) {
        List<CompletableFuture<RecordMetadata>> futures = new ArrayList<>(records.size());
        for (ProducerRecord<K, V> record : records) {
            futures.add(send(record));
        }
        return futures;
    }

    private @Nullable VarveException take(ProducerRecord<K, V> record, Object waiter, boolean hurry) {
        if (closed.get()) {
            throw new IllegalStateException("the producer is closed");
        }
        String topic = record.topic();
        byte[] key;
        byte[] value;
        try {
            K k = record.key();
            V v = record.value();
            key = k == null ? null : keySerde.serialize(topic, k);
            value = v == null ? null : valueSerde.serialize(topic, v);
        } catch (RuntimeException e) {
            return notSerialized(topic, e);
        }
        Long timestamp = record.timestampMs();
        VarveException error = buffers(topic)
                .add(
                        record.partition(),
                        timestamp == null ? System.currentTimeMillis() : timestamp,
                        key,
                        value,
                        headers(record.headers()),
                        waiter,
                        hurry);
        if (error != null) {
            counts.recordsFailed.increment();
        }
        return error;
    }

    private TopicBuffers buffers(String topic) {
        TopicBuffers known = topics.get(topic);
        return known != null
                ? known
                : topics.computeIfAbsent(
                        topic,
                        name -> new TopicBuffers(
                                name, settings.batchSizeBytes(), budget, room, sender::look, sender::ask));
    }

    private static List<RecordHeader> headers(List<Header> headers) {
        return headers.isEmpty()
                ? List.of()
                : headers.stream().map(h -> RecordHeader.of(h.key(), h.value())).toList();
    }

    private static VarveException notSerialized(String topic, RuntimeException e) {
        return e instanceof VarveException known
                ? known
                : new SerializationException(Errors.local(
                        ErrorCode.INVALID_ARGUMENT,
                        "SERIALIZATION",
                        "a record for topic " + topic + " could not be serialized: " + e,
                        ""));
    }

    @Override
    public void flush() {
        forbidInCallback("flush");
        try {
            flush(Long.MAX_VALUE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Exceptions.of(Errors.local(ErrorCode.CANCELLED, "INTERRUPTED", "interrupted while flushing", ""));
        }
    }

    /** Returns whether everything had its outcome within the time. */
    private boolean flush(long timeoutNanos) throws InterruptedException {
        long start = System.nanoTime();
        for (TopicBuffers topic : topics.values()) {
            if (!await(topic.routed(), start, timeoutNanos)) {
                return false;
            }
        }
        List<RecordBatch> open = List.copyOf(sender.incomplete());
        topics.values().forEach(this::hurry);
        for (RecordBatch batch : open) {
            if (!await(batch.done, start, timeoutNanos)) {
                return false;
            }
        }
        return true;
    }

    private void hurry(TopicBuffers topic) {
        PartitionBuffer[] partitions = topic.partitions();
        if (partitions != null) {
            for (PartitionBuffer buffer : partitions) {
                buffer.hurry();
                sender.look(buffer);
            }
        }
    }

    private static boolean await(CompletableFuture<Void> done, long startNanos, long timeoutNanos)
            throws InterruptedException {
        if (done.isDone()) {
            return true;
        }
        try {
            long left = timeoutNanos - (System.nanoTime() - startNanos);
            done.get(Math.max(left, 0), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("a flush future failed", e);
        }
    }

    @Override
    public List<PartitionInfo> partitionsFor(String topic) {
        TopicMetadata metadata = ClientContext.await(context.cluster().refresh(topic));
        if (metadata.hasError()) {
            throw Exceptions.of(Errors.of(metadata.getError()));
        }
        return metadata.getPartitionsList().stream()
                .sorted(Comparator.comparingInt(PartitionMetadata::getPartition))
                .map(p -> new PartitionInfo(
                        topic,
                        p.getPartition(),
                        p.getLeader(),
                        p.getLeaderEpoch(),
                        p.getReplicasList(),
                        p.getIsrList()))
                .toList();
    }

    @Override
    public ProducerMetrics metrics() {
        return counts.snapshot(budget.usedBytes());
    }

    @Override
    public void close() {
        close(settings.deliveryTimeout());
    }

    @Override
    public void close(Duration timeout) {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try {
            if (!callbacks.isCurrentThread()) {
                long start = System.nanoTime();
                flush(timeout.toNanos());
                if (settings.acks() == Acks.NONE) { // what was handed to the connections is still on its way
                    await(sender.finish(), start, timeout.toNanos());
                }
            }
            sender.stop(TopicBuffers.closed());
            thread.join(THREADS_END.toMillis());
        } catch (InterruptedException e) {
            sender.stop(TopicBuffers.closed());
            Thread.currentThread().interrupt();
        } finally {
            callbacks.close(THREADS_END);
            context.closed(this);
        }
    }

    private void forbidInCallback(String what) {
        if (callbacks.isCurrentThread()) {
            throw new IllegalStateException(
                    what + " inside a send callback waits for callbacks, which wait for it: call it elsewhere");
        }
    }
}
