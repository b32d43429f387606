// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.client;

import io.varve.client.internal.producer.TopicView;
import io.varve.simulation.check.BatchId;
import io.varve.simulation.check.BatchSeen;
import io.varve.simulation.check.ClientEvents;
import io.varve.storage.LogId;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A program that reads one partition, from some place on, over and over. It carries its position, the epoch of the last
 * record before it and the highest leader epoch that it heard of, and takes nothing from a leader of a lower one (P32).
 * Now and then it asks for the latest offset, and begins anew somewhere. <i>Confined to its machine.</i>
 */
public final class SimConsumer {
    private static final long CALL_TIMEOUT_NANOS = 1_000_000_000;
    private static final int IDLE_MILLIS = 200;
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final int ONE_IN_RESTART = 60;
    private static final int ONE_IN_LATEST = 4;
    private static final int[] READ_BYTES = {200, 1_000, 20_000};

    private final ClientHost host;
    private final int number;
    private final String topic;
    private final int partition;
    private final List<Integer> nodes;
    private final ClientEvents events;
    private final NodeCalls calls;
    private @Nullable UUID topicId;
    private int leader;
    private int leaderEpoch;
    private long position;
    private int lastReadEpoch;
    private long furthest;
    private boolean reading;
    private boolean newLeader;

    /** @param number names it in the checks */
    public SimConsumer(
            ClientHost host, int number, String topic, int partition, List<Integer> nodes, ClientEvents events) {
        this.host = host;
        this.number = number;
        this.topic = topic;
        this.partition = partition;
        this.nodes = List.copyOf(nodes);
        this.events = events;
        this.calls = new NodeCalls(host);
    }

    /** Begins to read, until {@link #stop}. */
    public void start() {
        reading = true;
        next();
    }

    public void stop() {
        reading = false;
    }

    /** Everything below was read at some time. */
    public long furthest() {
        return furthest;
    }

    private void soon() {
        host.after(NANOS_PER_MILLI * (1 + host.chance(IDLE_MILLIS)), this::next);
    }

    private void next() {
        if (!reading) {
            return;
        }
        UUID id = topicId;
        if (id == null || leader == 0) {
            lookUp();
        } else if (newLeader || host.chance(ONE_IN_LATEST) == 0) {
            newLeader = false;
            askLatest(id);
        } else {
            if (host.chance(ONE_IN_RESTART) == 0) {
                beginAnew();
            }
            fetch(id);
        }
    }

    /** As a new process would: it knows a position and nothing else. */
    private void beginAnew() {
        position = host.chance((int) Math.min(position, Integer.MAX_VALUE - 1) + 1);
        lastReadEpoch = 0;
    }

    private void lookUp() {
        int node = nodes.get(host.chance(nodes.size()));
        calls.call(node, new ClientRequest.Metadata(topic), CALL_TIMEOUT_NANOS, answer -> {
            if (answer instanceof ClientAnswer.Metadata metadata) {
                learn(metadata.view());
            }
            if (newLeader) { // which may not know yet what is committed
                next();
            } else {
                soon();
            }
        });
    }

    private void learn(TopicView view) {
        UUID id = view.id();
        if (id == null || view.error() != null || partition >= view.partitions().size()) {
            return;
        }
        if (!id.equals(topicId)) {
            topicId = id;
            leaderEpoch = 0;
            position = 0;
            lastReadEpoch = 0;
            furthest = 0;
        }
        TopicView.Leader now = view.partitions().get(partition);
        if (now.epoch() >= leaderEpoch) {
            newLeader = now.node() != 0 && now.epoch() > leaderEpoch;
            leaderEpoch = now.epoch();
            leader = now.node();
        }
    }

    /** Whether the answer of a leader of this epoch may be taken; a higher one is remembered (P32). */
    private boolean accepts(UUID asked, int answeringEpoch) {
        if (!asked.equals(topicId) || answeringEpoch < leaderEpoch) {
            return false;
        }
        leaderEpoch = answeringEpoch;
        return true;
    }

    private void askLatest(UUID id) {
        ClientRequest request = new ClientRequest.Latest(id, partition, leaderEpoch);
        calls.call(leader, request, CALL_TIMEOUT_NANOS, answer -> {
            if (answer instanceof ClientAnswer.LatestOffset latest) {
                if (accepts(id, latest.leaderEpoch())) {
                    events.latestSeen(number, new LogId(id, partition), latest.leaderEpoch(), latest.offset());
                }
            } else {
                leader = 0;
            }
            soon();
        });
    }

    private void fetch(UUID id) {
        long from = position;
        ClientRequest request = new ClientRequest.Fetch(
                id, partition, leaderEpoch, from, lastReadEpoch, READ_BYTES[host.chance(READ_BYTES.length)]);
        calls.call(leader, request, CALL_TIMEOUT_NANOS, answer -> {
            if (answer instanceof ClientAnswer.Records records && accepts(id, records.leaderEpoch())) {
                take(id, from, records);
                return;
            }
            if (answer instanceof ClientAnswer.TooEarly early && accepts(id, early.leaderEpoch())) {
                position = early.logStartOffset();
                lastReadEpoch = 0;
                soon();
                return;
            }
            if (answer instanceof ClientAnswer.Diverged diverged && accepts(id, diverged.leaderEpoch())) {
                events.diverged(number, new LogId(id, partition), from, diverged.endOffset());
                position = Math.min(position, diverged.endOffset());
                lastReadEpoch = 0;
            } else if (answer instanceof ClientAnswer.Refused refused
                    && refused.error().reason().equals("OFFSET_OUT_OF_RANGE")) {
                events.diverged(number, new LogId(id, partition), from, 0);
                position = 0;
                lastReadEpoch = 0;
            } else {
                leader = 0;
            }
            soon();
        });
    }

    private void take(UUID id, long from, ClientAnswer.Records records) {
        LogId log = new LogId(id, partition);
        List<BatchSeen> batches;
        try {
            batches = BatchId.checked(records.batches());
        } catch (IllegalStateException e) {
            events.broken("I22", log, "consumer " + number + ": " + e.getMessage());
            return;
        }
        if (batches.isEmpty()) {
            soon();
            return;
        }
        checkShape(log, from, batches, records.visibleEndOffset());
        events.read(number, log, batches);
        BatchSeen last = batches.get(batches.size() - 1);
        position = last.endOffset();
        lastReadEpoch = last.leaderEpoch();
        furthest = Math.max(furthest, position);
        host.after(NANOS_PER_MILLI, this::next);
    }

    private void checkShape(LogId log, long from, List<BatchSeen> batches, long visibleEndOffset) {
        BatchSeen first = batches.get(0);
        if (first.baseOffset() > from || first.endOffset() <= from) {
            events.broken("I9", log, "consumer " + number + " asked for offset " + from + " and was given " + first);
        }
        for (int i = 1; i < batches.size(); i++) {
            if (batches.get(i).baseOffset() != batches.get(i - 1).endOffset()) {
                events.broken(
                        "I9",
                        log,
                        "consumer " + number + " was given " + batches.get(i) + " after " + batches.get(i - 1));
            }
        }
        long end = batches.get(batches.size() - 1).endOffset();
        if (end > visibleEndOffset) {
            events.broken(
                    "I11",
                    log,
                    "consumer " + number + " was given records up to " + end + " by a node that shows those below "
                            + visibleEndOffset);
        }
    }
}
