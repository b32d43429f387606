// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.client;

import io.varve.client.ErrorDetails;
import io.varve.client.Outcome;
import io.varve.client.internal.producer.Batch;
import io.varve.client.internal.producer.Flight;
import io.varve.client.internal.producer.ProducerCore;
import io.varve.client.internal.producer.ProducerPort;
import io.varve.client.internal.producer.TopicView;
import io.varve.proto.v1.ErrorReason;
import io.varve.simulation.check.ClientEvents;
import io.varve.simulation.check.Sending;
import io.varve.storage.LogId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A program that sends records, around the real producer core. It makes batches of values that rise, keeps a bounded
 * number of them open, and tells the checks what it sent and what it was told. <i>Confined to its machine.</i>
 */
public final class SimProducer implements ProducerPort {
    private static final long NEVER = Long.MAX_VALUE;
    private static final long CALL_TIMEOUT_NANOS = 1_000_000_000;
    private static final long FULL_NANOS = 5_000_000;
    private static final int MAX_RECORDS = 4;
    private static final int MAX_PADDING_BYTES = 120;
    private static final int ONE_IN_FULL = 24;

    private final ClientHost host;
    private final ProducerSetup setup;
    private final ClientEvents events;
    private final NodeCalls calls;
    private final ProducerCore core;
    private final Map<Integer, Stream> streams = new TreeMap<>();
    private int partitions = 1;
    private long nextValue;
    private int waiting;
    private long tickAtNanos = NEVER;
    private boolean producing;

    public SimProducer(ClientHost host, ProducerSetup setup, ClientEvents events) {
        this.host = host;
        this.setup = setup;
        this.events = events;
        this.calls = new NodeCalls(host);
        this.core = new ProducerCore(setup.core(), this);
    }

    /** Begins to send, until {@link #stop}. */
    public void start() {
        producing = true;
        pause();
    }

    /** Sends nothing new; what is open still comes to its end. */
    public void stop() {
        producing = false;
    }

    /** Batches whose outcome is open. */
    public int waiting() {
        return waiting;
    }

    private void pause() {
        int mean = Math.toIntExact(Math.min(setup.pauseNanos() / 1_000, 1_000_000_000));
        host.after(1 + 1_000L * host.chance(2 * mean + 1), () -> {
            if (producing) {
                produce();
                pause();
            }
        });
    }

    private void produce() {
        if (waiting >= setup.maxWaiting()) {
            return;
        }
        int count = 1 + host.chance(MAX_RECORDS);
        Parcel parcel = new Parcel(
                setup.number(),
                setup.kind(),
                host.chance(partitions),
                nextValue,
                count,
                host.nowMillis(),
                host.chance(MAX_PADDING_BYTES));
        nextValue += count;
        waiting++;
        Batch batch = new Batch(parcel, count, now() + setup.deliveryTimeoutNanos());
        core.collected(setup.topic(), parcel.partition, List.of(batch), NEVER, NEVER, now());
        arm();
    }

    /** Has the core's time pass when it wants it to. */
    private void arm() {
        long next = core.nextDeadlineNanos();
        if (next < tickAtNanos) {
            tickAtNanos = next;
            host.after(Math.max(1, next - now()), () -> {
                if (tickAtNanos == next) {
                    tickAtNanos = NEVER;
                    core.tick(now());
                    arm();
                }
            });
        }
    }

    private long now() {
        return host.nowNanos();
    }

    // ---- streams

    @Override
    public void connect(int node) {
        Stream stream = new Stream(node);
        streams.put(node, stream);
        stream.connection = host.connect(node, stream);
    }

    @Override
    public boolean send(int node, Flight flight) {
        Stream stream = streams.get(node);
        if (stream == null) {
            throw new IllegalStateException("producer " + setup.number() + " has no stream to node " + node);
        }
        return stream.send(flight);
    }

    @Override
    public void reset(int node) {
        Stream stream = streams.get(node);
        if (stream != null && stream.connection != null) {
            stream.connection.close();
        }
    }

    private final class Stream implements Connection.Events {
        private final int node;
        private final Map<Long, Flight> flights = new TreeMap<>();
        private @Nullable Connection connection;
        private long lastNumber;

        Stream(int node) {
            this.node = node;
        }

        boolean send(Flight flight) {
            Parcel parcel = (Parcel) flight.batch().content();
            LogId id = new LogId(flight.topicId(), flight.partition());
            ClientRequest.Produce request = new ClientRequest.Produce(
                    flight.topicId(),
                    flight.partition(),
                    flight.leaderEpoch(),
                    setup.kind().acks(),
                    setup.requestTimeoutNanos(),
                    parcel.bytes(flight.batch()));
            Sending sending = parcel.sending();
            if (connection == null || sending == null) {
                throw new IllegalStateException("a batch for node " + node + " before its stream is there");
            }
            parcel.sentTo = id;
            events.sent(id, parcel.batchId(), sending);
            long number = ++lastNumber;
            if (setup.kind().acks() != io.varve.replication.Acks.NONE) {
                flights.put(number, flight);
            }
            connection.send(number, request);
            if (host.chance(ONE_IN_FULL) > 0) {
                return true;
            }
            host.after(FULL_NANOS, () -> {
                if (streams.get(node) == this) {
                    core.nodeReady(node, now());
                    arm();
                }
            });
            return false;
        }

        @Override
        public void up() {
            if (streams.get(node) == this) {
                core.nodeReady(node, now());
                arm();
            }
        }

        @Override
        public void answered(long number, ClientAnswer answer) {
            Flight flight = flights.remove(number);
            if (flight == null) {
                return;
            }
            if (answer instanceof ClientAnswer.Stored stored) {
                core.stored(flight, stored.baseOffset(), stored.logAppendTimeMs(), now());
            } else if (answer instanceof ClientAnswer.Refused refused) {
                core.refused(flight, refused.error(), now());
            } else {
                throw new IllegalStateException("node " + node + " answered a batch by " + answer);
            }
            arm();
        }

        @Override
        public void down(String why) {
            if (streams.remove(node, this)) {
                List<Flight> lost = new ArrayList<>(flights.values());
                flights.clear();
                core.nodeDown(node, lost, network("the connection to node " + node + " ended: " + why), now());
                arm();
            }
        }
    }

    private static ErrorDetails network(String message) {
        return NodeErrors.details(
                ErrorReason.ERROR_REASON_NETWORK_EXCEPTION, message, io.varve.proto.v1.Outcome.OUTCOME_INDETERMINATE);
    }

    // ---- lookups

    @Override
    public void refreshMetadata(String topic) {
        calls.call(anyNode(), new ClientRequest.Metadata(topic), CALL_TIMEOUT_NANOS, answer -> {
            if (answer instanceof ClientAnswer.Metadata metadata) {
                TopicView view = metadata.view();
                partitions = Math.max(1, view.partitions().size());
                core.metadata(view, now());
            } else {
                core.metadataFailed(topic, failure(answer), now());
            }
            arm();
        });
    }

    @Override
    public void allocateProducerId() {
        calls.call(anyNode(), new ClientRequest.ProducerId(), CALL_TIMEOUT_NANOS, answer -> {
            if (answer instanceof ClientAnswer.ProducerId granted) {
                core.producerId(granted.id(), (short) 0, now());
            } else {
                core.producerIdFailed(failure(answer), now());
            }
            arm();
        });
    }

    private int anyNode() {
        return setup.nodes().get(host.chance(setup.nodes().size()));
    }

    private static ErrorDetails failure(@Nullable ClientAnswer answer) {
        return answer instanceof ClientAnswer.Refused refused ? refused.error() : network("no answer in time");
    }

    // ---- outcomes

    @Override
    public void seal(String topic, int partition, List<Batch> into) {
        // Batches are made whole: nothing is ever open.
    }

    @Override
    public void complete(Batch batch, long baseOffset, long logAppendTimeMs) {
        waiting--;
        Parcel parcel = (Parcel) batch.content();
        LogId id = parcel.sentTo;
        Sending sending = parcel.sending();
        if (id == null || sending == null) {
            throw new IllegalStateException("producer " + setup.number() + ": a batch that was never sent is stored");
        }
        events.acked(id, parcel.batchId(), sending, baseOffset);
    }

    @Override
    public void fail(Batch batch, ErrorDetails error) {
        waiting--;
        Parcel parcel = (Parcel) batch.content();
        events.failed(
                setup.number(),
                setup.topic(),
                parcel.partition,
                parcel.firstValue(),
                parcel.count(),
                error.outcome() == Outcome.NOT_APPLIED);
    }

    @Override
    public void release(Batch batch) {
        ((Parcel) batch.content()).release();
    }
}
