// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal.producer;

import io.varve.client.ErrorCode;
import io.varve.client.ErrorDetails;
import io.varve.client.Outcome;
import io.varve.client.internal.producer.SimulatedLog.Answer;
import io.varve.client.internal.producer.SimulatedLog.Request;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A producer core among nodes that lose, delay and refuse, all from one seed. A connection that breaks may leave
 * requests behind that its node takes later; nodes lead and stop leading; tails that were never acknowledged go.
 */
final class ProducerSimulation implements ProducerPort {
    private static final String TOPIC = "t";
    private static final long MS = 1_000_000;
    private static final int NODES = 3;

    final Random random;
    final boolean idempotent;
    final ProducerCore core;
    final List<SimulatedLog> logs = new ArrayList<>();
    final List<List<Integer>> collecting = new ArrayList<>();
    final List<Long> openSince = new ArrayList<>();
    final Map<Integer, Stream> streams = new TreeMap<>();
    final List<Request> strays = new ArrayList<>();
    final Map<Integer, String> outcomes = new HashMap<>();
    final List<List<Integer>> toldOrder = new ArrayList<>();
    final Map<Integer, Long> offsets = new HashMap<>();
    final Set<Batch> told = new HashSet<>();
    final Set<Batch> released = new HashSet<>();
    final Map<Batch, Integer> partitionOf = new HashMap<>();
    UUID topicId = new UUID(1, 1);
    long now = 1;
    int nextRecord;
    long nextProducerId = 100;
    boolean metadataAsked;
    boolean producerIdAsked;
    boolean healthy;
    int retriesSeen;
    short highestEpoch;

    ProducerSimulation(long seed, int partitions, boolean idempotent) {
        this.random = new Random(seed);
        this.idempotent = idempotent;
        this.core = new ProducerCore(new CoreSettings(idempotent, true, 5, 3_000 * MS, 700 * MS, 200 * MS), this);
        for (int p = 0; p < partitions; p++) {
            logs.add(new SimulatedLog(topicId, 1 + random.nextInt(NODES)));
            collecting.add(new ArrayList<>());
            openSince.add(PartitionQueue.NEVER);
            toldOrder.add(new ArrayList<>());
        }
    }

    void step() {
        now += random.nextInt(3) * MS;
        core.tick(now);
        switch (random.nextInt(healthy ? 8 : 20)) {
            case 0, 1, 2 -> produce();
            case 3 -> answerMetadata();
            case 4 -> answerProducerId();
            case 5 -> connectOne();
            case 6, 7, 8, 9 -> processOne();
            case 10, 11, 12 -> answerOne();
            case 13 -> processStray();
            case 14 -> breakOne();
            case 15 -> moveLeader();
            case 16 -> unblockOne();
            case 17 -> now += random.nextInt(60) * MS;
            case 18 -> hangOne();
            default -> core.flush(now);
        }
        if (healthy) {
            processOne();
            answerOne();
            unblockOne();
            processStray();
        }
    }

    // ---- what the program does ----

    private void produce() {
        int partition = random.nextInt(logs.size());
        List<Batch> full = new ArrayList<>();
        for (int i = random.nextInt(4); i >= 0; i--) {
            List<Integer> open = collecting.get(partition);
            if (open.isEmpty()) {
                openSince.set(partition, now);
            }
            open.add(nextRecord++);
            if (open.size() == 3) {
                seal(TOPIC, partition, full);
            }
        }
        reportOpen(partition, full);
    }

    private void reportOpen(int partition, List<Batch> full) {
        boolean open = !collecting.get(partition).isEmpty();
        long since = openSince.get(partition);
        core.collected(
                TOPIC,
                partition,
                full,
                open ? since + 2 * MS : PartitionQueue.NEVER,
                open ? since + 3_000 * MS : PartitionQueue.NEVER,
                now);
    }

    @Override
    public void seal(String topic, int partition, List<Batch> into) {
        if (!collecting.get(partition).isEmpty()) {
            List<Integer> records = collecting.get(partition);
            Batch batch = new Batch(records, records.size(), openSince.get(partition) + 3_000 * MS);
            partitionOf.put(batch, partition);
            into.add(batch);
            collecting.set(partition, new ArrayList<>());
        }
    }

    // ---- what the world does ----

    private void answerMetadata() {
        if (!metadataAsked) {
            return;
        }
        metadataAsked = false;
        if (!healthy && random.nextInt(6) == 0) {
            core.metadataFailed(TOPIC, error("NETWORK_EXCEPTION", true, Outcome.NOT_APPLIED), now);
            return;
        }
        core.metadata(
                new TopicView(
                        TOPIC,
                        topicId,
                        null,
                        logs.stream()
                                .map(l -> new TopicView.Leader(l.leader, l.leaderEpoch))
                                .toList(),
                        1 << 20),
                now);
    }

    private void answerProducerId() {
        if (producerIdAsked) {
            producerIdAsked = false;
            if (!healthy && random.nextInt(3) == 0) {
                core.producerIdFailed(error("QUORUM_UNAVAILABLE", true, Outcome.NOT_APPLIED), now);
            } else {
                core.producerId(nextProducerId++, (short) 0, now);
            }
        }
    }

    private void connectOne() {
        for (Stream s : List.copyOf(streams.values())) {
            if (s.connecting) {
                if (!healthy && random.nextInt(3) == 0) {
                    end(s);
                } else {
                    s.connecting = false;
                    core.nodeReady(s.node, now);
                }
                return;
            }
        }
    }

    private void processOne() {
        Stream s = pick(x -> !x.requests.isEmpty() && !x.hung);
        if (s != null) {
            Request r = s.requests.removeFirst();
            s.answers.add(new Object[] {r, process(s.node, r)});
        }
    }

    private Answer process(int node, Request request) {
        SimulatedLog log = logs.get(request.flight().partition());
        if (!log.topicId.equals(request.flight().topicId())) {
            return new Answer("UNKNOWN_TOPIC_ID", null);
        }
        if (log.leader != node) {
            return new Answer("NOT_LEADER_OR_FOLLOWER", null);
        }
        if (!healthy && random.nextInt(12) == 0) {
            return new Answer(random.nextInt(4) == 0 ? "MESSAGE_TOO_LARGE" : "NOT_ENOUGH_REPLICAS", null);
        }
        Answer answer = log.append(request);
        if (answer.entry() != null) {
            if (!healthy && random.nextInt(12) == 0) {
                return new Answer("REQUEST_TIMED_OUT", null);
            }
            log.commit(answer.entry());
        }
        return answer;
    }

    private void answerOne() {
        Stream s = pick(x -> !x.answers.isEmpty() && !x.hung);
        if (s == null) {
            return;
        }
        Object[] pair = s.answers.removeFirst();
        Request request = (Request) pair[0];
        Answer answer = (Answer) pair[1];
        s.flights.remove(request.flight());
        if (answer.entry() != null) {
            core.stored(request.flight(), answer.entry().baseOffset, -1, now);
        } else {
            boolean late = answer.reason().equals("REQUEST_TIMED_OUT");
            boolean retriable = late
                    || Set.of("NOT_LEADER_OR_FOLLOWER", "NOT_ENOUGH_REPLICAS", "UNKNOWN_TOPIC_ID")
                            .contains(answer.reason());
            core.refused(
                    request.flight(),
                    error(answer.reason(), retriable, late ? Outcome.INDETERMINATE : Outcome.NOT_APPLIED),
                    now);
        }
    }

    private void processStray() {
        if (!strays.isEmpty()) {
            // One connection's strays keep their order; those of several mix.
            Request r = strays.remove(0);
            process(logs.get(r.flight().partition()).leader, r);
        }
    }

    private void breakOne() {
        Stream s = pick(x -> true);
        if (s != null) {
            end(s);
        }
    }

    private void end(Stream s) {
        streams.remove(s.node);
        if (random.nextBoolean()) {
            int keep = s.requests.isEmpty() ? 0 : random.nextInt(s.requests.size() + 1);
            for (int i = 0; i < keep; i++) {
                strays.add(s.requests.removeFirst());
            }
        }
        core.nodeDown(s.node, s.flights, error("NETWORK_EXCEPTION", true, Outcome.INDETERMINATE), now);
    }

    private void moveLeader() {
        SimulatedLog log = logs.get(random.nextInt(logs.size()));
        log.leader = 1 + random.nextInt(NODES);
        log.leaderEpoch++;
        if (random.nextBoolean()) {
            log.dropUncommittedTail();
        }
    }

    private void unblockOne() {
        Stream s = pick(x -> x.blocked || x.hung);
        if (s != null) {
            s.hung = false;
            s.blocked = false;
            core.nodeReady(s.node, now);
        }
    }

    private void hangOne() {
        Stream s = pick(x -> !x.connecting);
        if (s != null) {
            s.hung = true;
        }
    }

    private @Nullable Stream pick(Predicate<Stream> which) {
        List<Stream> some = streams.values().stream()
                .filter(s -> !s.connecting)
                .filter(which)
                .toList();
        return some.isEmpty() ? null : some.get(random.nextInt(some.size()));
    }

    // ---- the port ----

    @Override
    public void connect(int node) {
        require(!streams.containsKey(node), "connected twice");
        streams.put(node, new Stream(node));
    }

    @Override
    public boolean send(int node, Flight flight) {
        Stream s = Objects.requireNonNull(streams.get(node));
        require(!s.connecting && !s.blocked, "sent to a stream that takes nothing");
        require(!released.contains(flight.batch()), "sent after its bytes were released");
        Request request = Request.of(flight, records(flight.batch()));
        if (flight.batch().attempts() > 1) {
            retriesSeen++;
        }
        highestEpoch = (short) Math.max(highestEpoch, request.epoch());
        s.requests.add(request);
        s.flights.add(flight);
        s.blocked = random.nextInt(10) == 0;
        return !s.blocked;
    }

    @Override
    public void reset(int node) {
        Stream s = Objects.requireNonNull(streams.get(node));
        resets.add(s);
    }

    final ArrayDeque<Stream> resets = new ArrayDeque<>();

    void endResets() {
        while (!resets.isEmpty()) {
            Stream s = resets.remove();
            if (streams.get(s.node) == s) {
                end(s);
            }
        }
    }

    @Override
    public void refreshMetadata(String topic) {
        metadataAsked = true;
    }

    @Override
    public void allocateProducerId() {
        producerIdAsked = true;
    }

    @Override
    public void complete(Batch batch, long baseOffset, long logAppendTimeMs) {
        tell(batch, "STORED");
        int i = 0;
        for (int record : records(batch)) {
            offsets.put(record, baseOffset < 0 ? -1 : baseOffset + i++);
        }
    }

    @Override
    public void fail(Batch batch, ErrorDetails error) {
        tell(batch, error.outcome().name());
    }

    private void tell(Batch batch, String outcome) {
        require(told.add(batch), "told twice");
        int partition = partitionOf.getOrDefault(batch, -1);
        for (int record : records(batch)) {
            require(outcomes.put(record, outcome) == null, "a record told twice");
            toldOrder.get(partition).add(record);
        }
    }

    @Override
    public void release(Batch batch) {
        require(told.contains(batch), "released before it was told");
        require(released.add(batch), "released twice");
        for (Stream s : streams.values()) {
            require(s.flights.stream().noneMatch(f -> f.batch() == batch), "a connection still has it");
        }
    }

    private static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new AssertionError(otherwise);
        }
    }

    @SuppressWarnings("unchecked")
    static List<Integer> records(Batch batch) {
        return (List<Integer>) batch.content();
    }

    static ErrorDetails error(String reason, boolean retriable, Outcome outcome) {
        return new ErrorDetails(ErrorCode.UNAVAILABLE, reason, reason, "", retriable, outcome, Map.of(), null);
    }

    static final class Stream {
        final int node;
        boolean connecting = true;
        boolean blocked;
        boolean hung;
        final ArrayDeque<Request> requests = new ArrayDeque<>();
        final ArrayDeque<Object[]> answers = new ArrayDeque<>();
        final List<Flight> flights = new ArrayList<>();

        Stream(int node) {
            this.node = node;
        }
    }
}
