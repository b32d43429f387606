// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal.send;

import io.netty.buffer.ByteBuf;
import io.varve.client.Acks;
import io.varve.client.ErrorCode;
import io.varve.client.ErrorDetails;
import io.varve.client.Outcome;
import io.varve.client.VarveException;
import io.varve.client.internal.ClientContext;
import io.varve.client.internal.Cluster;
import io.varve.client.internal.Errors;
import io.varve.client.internal.Exceptions;
import io.varve.client.internal.NodeAddress;
import io.varve.client.internal.ProducerSettings;
import io.varve.client.internal.TopicViews;
import io.varve.client.internal.producer.Batch;
import io.varve.client.internal.producer.CoreSettings;
import io.varve.client.internal.producer.Flight;
import io.varve.client.internal.producer.ProducerCore;
import io.varve.client.internal.producer.ProducerPort;
import io.varve.proto.v1.BatchResult;
import io.varve.proto.v1.InitProducerRequest;
import io.varve.proto.v1.ProduceResponse;
import io.varve.proto.v1.ProduceServiceGrpc;
import io.varve.proto.v1.TopicMetadata;
import io.varve.record.Codec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drives the core: its thread takes messages, tells the core the time, and does what the core asks for. <i>Confined to
 * its thread</i>, but for what posts.
 */
final class Sender implements ProducerPort, ProduceStream.Events, Cluster.News, Runnable {
    private static final Logger log = LoggerFactory.getLogger(Sender.class);

    /** A node that was asked to answer in the request timeout gets this much longer before the stream is broken. */
    private static final Duration ANSWER_GRACE = Duration.ofSeconds(2);

    private static final long IDLE_PAUSE_NANOS = Duration.ofHours(1).toNanos();

    private final ClientContext context;
    private final ProducerSettings settings;
    private final Callbacks callbacks;
    private final MemoryBudget budget;
    private final Counts counts;
    private final Map<String, TopicBuffers> topics;
    private final Set<RecordBatch> incomplete = ConcurrentHashMap.newKeySet();
    private final ProducerCore core;
    private final Mailbox<Runnable> mailbox = new Mailbox<>();
    private final Map<Integer, ProduceStream> streams = new HashMap<>();
    private final List<RecordBatch> looked = new ArrayList<>();
    private boolean stopped;
    private @Nullable CompletableFuture<Void> finished;
    private long lastNoticeNanos = System.nanoTime() - Duration.ofSeconds(1).toNanos();

    Sender(
            ClientContext context,
            ProducerSettings settings,
            Callbacks callbacks,
            MemoryBudget budget,
            Counts counts,
            Map<String, TopicBuffers> topics) {
        this.context = context;
        this.settings = settings;
        this.callbacks = callbacks;
        this.budget = budget;
        this.counts = counts;
        this.topics = topics;
        this.core = new ProducerCore(
                new CoreSettings(
                        settings.idempotent(),
                        settings.acks() != Acks.NONE,
                        5,
                        settings.deliveryTimeout().toNanos(),
                        context.settings().requestTimeout().plus(ANSWER_GRACE).toNanos(),
                        Cluster.UNKNOWN_TOPIC_GRACE.toNanos()),
                this);
    }

    /** Batches that were opened and whose waiters were not all told yet. */
    Set<RecordBatch> incomplete() {
        return incomplete;
    }

    Mailbox<Runnable> mailbox() {
        return mailbox;
    }

    // ---- messages: any thread ----

    /** Has the sender look at a partition's batches. */
    void look(PartitionBuffer buffer) {
        if (buffer.enqueue()) {
            mailbox.post(() -> lookAt(buffer));
        }
    }

    /**
     * Ends the streams in good order, once everything was sent: a cancelled one loses what is on its way. Completes when
     * the nodes have read it all, or their connections failed.
     */
    CompletableFuture<Void> finish() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        mailbox.post(() -> {
            finished = done;
            streams.values().forEach(ProduceStream::finish);
            tellIfFinished();
        });
        return done;
    }

    private void tellIfFinished() {
        if (finished != null && streams.isEmpty()) {
            finished.complete(null);
        }
    }

    /** Gives up on everything, and ends the thread. */
    void stop(ErrorDetails why) {
        mailbox.post(() -> shutDown(why));
    }

    @Override
    public void ready(ProduceStream stream) {
        mailbox.post(() -> {
            if (streams.get(stream.node) == stream) {
                core.nodeReady(stream.node, System.nanoTime());
            }
        });
    }

    @Override
    public void answered(ProduceStream stream, ProduceResponse response) {
        mailbox.post(() -> take(stream, response));
    }

    @Override
    public void ended(ProduceStream stream, ErrorDetails error) {
        mailbox.post(() -> {
            if (streams.remove(stream.node, stream)) {
                core.nodeDown(stream.node, stream.lost(), error, System.nanoTime());
                tellIfFinished();
            }
        });
    }

    /** Takes leaders in as soon as the client knows of them, whether asked for or not. */
    @Override
    public void changed(Set<String> names) {
        mailbox.post(() -> {
            for (String name : names) {
                TopicBuffers topic = topics.get(name);
                TopicMetadata known = context.cluster().known(name);
                if (topic != null && known != null && !stopped) {
                    publish(topic, known);
                }
            }
        });
    }

    // ---- the thread ----

    @Override
    public void run() {
        context.cluster().tell(this);
        while (!stopped) {
            try {
                Runnable message = mailbox.take();
                if (message != null) {
                    message.run();
                    continue;
                }
                long now = System.nanoTime();
                core.tick(now);
                long next = core.nextDeadlineNanos();
                mailbox.await(next == Long.MAX_VALUE ? IDLE_PAUSE_NANOS : next - now);
            } catch (RuntimeException | Error e) {
                // A broken invariant: this producer goes on no further, and says so.
                log.error(
                        "producer of client {} is broken, all its records fail",
                        context.settings().clientId(),
                        e);
                shutDown(Errors.local(
                        ErrorCode.INTERNAL, "UNKNOWN_SERVER_ERROR", "the producer is broken: " + e, "see the log"));
            }
        }
    }

    private void lookAt(PartitionBuffer buffer) {
        looked.clear();
        PartitionBuffer.OpenBatch open = buffer.look(looked);
        long now = System.nanoTime();
        long due = !open.present()
                ? Long.MAX_VALUE
                : open.hurried() ? now : open.openedNanos() + settings.linger().toNanos();
        long deadline =
                open.present() ? open.openedNanos() + settings.deliveryTimeout().toNanos() : Long.MAX_VALUE;
        List<Batch> full = new ArrayList<>(looked.size());
        looked.forEach(batch -> full.add(handOver(batch)));
        core.collected(buffer.topic, buffer.partition, full, due, deadline, now);
    }

    private Batch handOver(RecordBatch batch) {
        return new Batch(
                batch,
                batch.count(),
                batch.openedNanos + settings.deliveryTimeout().toNanos());
    }

    private void take(ProduceStream stream, ProduceResponse response) {
        long now = System.nanoTime();
        if (response.getThrottleMs() > 0) {
            core.throttle(stream.node, response.getThrottleMs() * 1_000_000L, now);
        }
        for (BatchResult result : response.getResultsList()) {
            Flight flight = stream.landed(result);
            if (flight == null) {
                notice(stream, result);
            } else if (result.hasError()) {
                ErrorDetails error = Errors.of(result.getError());
                core.refused(flight, error, now);
                context.cluster().learnFrom(error);
            } else {
                core.stored(flight, result.getBaseOffset(), result.getLogAppendTimeMs(), now);
            }
        }
    }

    /** With acks=0 nobody waits for a batch any more when its failure comes. */
    private void notice(ProduceStream stream, BatchResult result) {
        long now = System.nanoTime();
        if (result.hasError() && now - lastNoticeNanos >= Duration.ofSeconds(1).toNanos()) {
            lastNoticeNanos = now;
            log.warn(
                    "node {} refused records sent with acks=0: {}",
                    stream.node,
                    result.getError().getMessage());
        }
    }

    private void shutDown(ErrorDetails why) {
        if (stopped) {
            return;
        }
        stopped = true;
        context.cluster().forget(this);
        for (TopicBuffers topic : topics.values()) {
            failUnrouted(topic, why);
            PartitionBuffer[] partitions = topic.partitions();
            if (partitions != null) {
                for (PartitionBuffer buffer : partitions) {
                    buffer.close();
                    lookAt(buffer);
                }
            }
        }
        core.abort(why);
        long now = System.nanoTime();
        for (ProduceStream stream : List.copyOf(streams.values())) {
            stream.cancel("the producer is closed");
            core.nodeDown(stream.node, stream.lost(), why, now);
        }
        streams.clear();
        tellIfFinished();
    }

    // ---- topics that are not known yet ----

    /** Asks where a topic's partitions are, for records that wait to know. Any thread. */
    void ask(TopicBuffers topic) {
        context.cluster().follow(topic.topic);
        context.cluster()
                .refresh(topic.topic)
                .whenComplete((metadata, failure) -> mailbox.post(() -> learned(topic, metadata, failure)));
    }

    private void learned(TopicBuffers topic, @Nullable TopicMetadata metadata, @Nullable Throwable failure) {
        long now = System.nanoTime();
        if (metadata == null) {
            topic.missingSinceNanos = 0;
            ErrorDetails error = failure == null
                    ? Errors.network("no metadata", Outcome.NOT_APPLIED)
                    : ClientContext.asVarveException(failure).details();
            failUnrouted(topic, error.withOutcome(Outcome.NOT_APPLIED));
        } else if (metadata.hasError()) {
            topic.missingSinceNanos = topic.missingSinceNanos == 0 ? now : topic.missingSinceNanos;
            if (metadata.getError().getRetriable()
                    && now - topic.missingSinceNanos < Cluster.UNKNOWN_TOPIC_GRACE.toNanos()
                    && !stopped) {
                // A topic that was just created takes a moment to be known everywhere.
                context.timer().after(100_000_000, () -> ask(topic));
            } else {
                topic.missingSinceNanos = 0;
                failUnrouted(topic, Errors.of(metadata.getError()).withOutcome(Outcome.NOT_APPLIED));
            }
        } else {
            publish(topic, metadata);
        }
    }

    private void publish(TopicBuffers topic, TopicMetadata metadata) {
        core.metadata(TopicViews.of(metadata), System.nanoTime());
        Codec codec = Codec.valueOf(settings.codec().name());
        topic.publish(
                metadata.getPartitionsCount(),
                metadata.getMaxMessageBytes(),
                partition -> new PartitionBuffer(topic.topic, partition, codec, budget, incomplete),
                (waiter, error) -> callbacks.run(() -> {
                    counts.recordsFailed.increment();
                    Waiters.failed(waiter, error);
                }));
    }

    private static io.varve.proto.v1.Acks acks(Acks acks) {
        return switch (acks) {
            case NONE -> io.varve.proto.v1.Acks.ACKS_NONE;
            case LEADER -> io.varve.proto.v1.Acks.ACKS_LEADER;
            case ALL -> io.varve.proto.v1.Acks.ACKS_ALL;
        };
    }

    private void failUnrouted(TopicBuffers topic, ErrorDetails error) {
        CompletableFuture<Void> routed = topic.routed();
        List<TopicBuffers.KeptRecord> all = topic.giveUp();
        VarveException exception = Exceptions.of(error);
        callbacks.run(() -> {
            for (TopicBuffers.KeptRecord record : all) {
                budget.release(record.reservedBytes());
                counts.recordsFailed.increment();
                Waiters.failed(record.waiter(), exception);
            }
            routed.complete(null);
        });
    }

    // ---- the core's port ----

    @Override
    public void seal(String topic, int partition, List<Batch> into) {
        TopicBuffers buffers = topics.get(topic);
        PartitionBuffer[] partitions = buffers == null ? null : buffers.partitions();
        if (partitions != null && partition < partitions.length) {
            looked.clear();
            partitions[partition].sealAll(looked);
            looked.forEach(batch -> into.add(handOver(batch)));
        }
    }

    @Override
    public void connect(int node) {
        NodeAddress address = context.cluster().address(node);
        if (address == null) {
            mailbox.post(() -> core.nodeDown(
                    node,
                    List.of(),
                    Errors.network("node " + node + " has no known address", Outcome.NOT_APPLIED),
                    System.nanoTime()));
            return;
        }
        ProduceStream stream = new ProduceStream(
                node,
                address,
                acks(settings.acks()),
                Math.toIntExact(context.settings().requestTimeout().toMillis()),
                this);
        streams.put(node, stream);
        stream.open(context.connections());
    }

    @Override
    public boolean send(int node, Flight flight) {
        ProduceStream stream = streams.get(node);
        if (stream == null) {
            throw new IllegalStateException("a batch for node " + node + ", to which there is no stream");
        }
        RecordBatch batch = (RecordBatch) flight.batch().content();
        ByteBuf bytes = batch.bytes(flight.batch());
        counts.batchesSent.increment();
        counts.bytesSent.add(bytes.readableBytes());
        if (flight.batch().attempts() > 1) {
            counts.batchesRetried.increment();
        }
        return stream.send(flight, bytes);
    }

    @Override
    public void reset(int node) {
        ProduceStream stream = streams.get(node);
        if (stream != null) {
            stream.cancel("no answer within "
                    + context.settings().requestTimeout().plus(ANSWER_GRACE).toMillis() + " ms");
        }
    }

    @Override
    public void refreshMetadata(String topic) {
        context.cluster()
                .refresh(topic)
                .whenComplete((metadata, failure) -> mailbox.post(() -> {
                    TopicBuffers buffers = topics.get(topic);
                    if (metadata == null) {
                        core.metadataFailed(
                                topic, ClientContext.asVarveException(failure).details(), System.nanoTime());
                    } else if (buffers != null && !metadata.hasError()) {
                        publish(buffers, metadata);
                    } else {
                        core.metadata(TopicViews.of(metadata), System.nanoTime());
                    }
                }));
    }

    @Override
    public void allocateProducerId() {
        context.cluster()
                .askAny(ProduceServiceGrpc.getInitProducerMethod(), InitProducerRequest.getDefaultInstance(), true)
                .whenComplete((answer, failure) -> mailbox.post(() -> {
                    if (answer != null) {
                        core.producerId(answer.getProducerId(), (short) answer.getProducerEpoch(), System.nanoTime());
                    } else {
                        core.producerIdFailed(
                                ClientContext.asVarveException(failure).details(), System.nanoTime());
                    }
                }));
    }

    @Override
    public void complete(Batch batch, long baseOffset, long logAppendTimeMs) {
        RecordBatch records = (RecordBatch) batch.content();
        counts.recordsSent.add(batch.recordCount());
        callbacks.run(() -> {
            records.complete(baseOffset, logAppendTimeMs);
            incomplete.remove(records);
        });
    }

    @Override
    public void fail(Batch batch, ErrorDetails error) {
        RecordBatch records = (RecordBatch) batch.content();
        counts.recordsFailed.add(batch.recordCount());
        VarveException exception = Exceptions.of(error);
        callbacks.run(() -> {
            records.fail(exception);
            incomplete.remove(records);
        });
    }

    @Override
    public void release(Batch batch) {
        RecordBatch records = (RecordBatch) batch.content();
        records.releaseBytes();
        budget.release(records.reservedBytes);
    }
}
