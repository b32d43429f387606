// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal.producer;

import io.varve.client.ErrorDetails;
import io.varve.client.Outcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Moves batches from where they are collected to the leaders of their partitions, each partition's in order. At most a
 * few per partition are under way; a batch is retried under the sequence that it was first sent with until its outcome
 * is proven or its deadline passes. Outcomes are told in order within a partition, each exactly once. A batch whose
 * deadline passes while a connection has it is told as indeterminate, but keeps its place, and its bytes, until that
 * connection lets go of it.
 *
 * <p><i>Confined to one thread.</i> Every event carries its time in nanoseconds of one monotonic clock.
 */
public final class ProducerCore {
    private static final int MAX_EPOCHS_PER_BATCH = 3;

    private final CoreSettings settings;
    private final ProducerPort port;
    private final ProducerIdentity identity = new ProducerIdentity();
    private final Map<String, Topic> topics = new HashMap<>();
    private final List<PartitionQueue> queues = new ArrayList<>();
    private final Map<Integer, NodeLink> links = new TreeMap<>();
    private final Alarm alarm = new Alarm();
    private final Outcomes outcomes;
    private final LeaderChanges leaderChanges;
    private int rotation;
    private @Nullable ErrorDetails closedBy;

    public ProducerCore(CoreSettings settings, ProducerPort port) {
        this.settings = settings;
        this.port = port;
        this.outcomes = new Outcomes(settings, port, identity);
        this.leaderChanges = new LeaderChanges(settings, outcomes, identity, alarm);
    }

    /** When {@link #tick} has something to do at the latest; {@code Long.MAX_VALUE} for never. */
    public long nextDeadlineNanos() {
        return alarm.atNanos();
    }

    // ---- events ----

    /**
     * Batches of a partition are full, or one is open.
     *
     * @param full in order; taken over
     * @param openDueNanos when the open batch has lingered enough; {@code Long.MAX_VALUE} if there is none
     * @param openDeadlineNanos when the open batch's outcome must be known
     */
    public void collected(
            String topic, int partition, List<Batch> full, long openDueNanos, long openDeadlineNanos, long now) {
        PartitionQueue queue = queue(topic, partition, now);
        queue.waiting.addAll(full);
        queue.openDueNanos = openDueNanos;
        queue.openDeadlineNanos = openDeadlineNanos;
        if (closedBy != null) {
            outcomes.failWaiting(queue, closedBy, PartitionQueue.NEVER);
            return;
        }
        if (queue.awaitingMetadata && queue.hasWork() && now >= queue.retryAtNanos) {
            ask(queue);
        }
        pump(queue, now);
        alarm.at(queue.nextDeadline(now, linkChance(queue, now)));
    }

    /** Open batches linger no longer. */
    public void flush(long now) {
        for (PartitionQueue queue : queues) {
            if (queue.openDueNanos != PartitionQueue.NEVER) {
                queue.openDueNanos = now;
                pump(queue, now);
            }
        }
        settle(now);
    }

    public void metadata(TopicView view, long now) {
        if (closedBy != null) {
            return;
        }
        Topic topic = topics.computeIfAbsent(view.name(), n -> new Topic());
        topic.asking = false;
        topic.view = view;
        for (PartitionQueue queue : topic.queues.values()) {
            int epochBefore = queue.leaderEpoch;
            leaderChanges.apply(queue, view, now);
            if (queue.leaderEpoch > epochBefore) {
                // Whoever was just elected is alive, whatever became of the last connection to it.
                link(queue.leader).retryNow(now);
            }
            afterChange(queue, now);
        }
        settle(now);
    }

    public void metadataFailed(String name, ErrorDetails error, long now) {
        Topic topic = topics.get(name);
        if (topic == null || closedBy != null) {
            return;
        }
        topic.asking = false;
        for (PartitionQueue queue : topic.queues.values()) {
            queue.awaitingMetadata = true;
            alarm.at(queue.backOff(error, now));
        }
    }

    public void producerId(long id, short epoch, long now) {
        identity.granted(id, epoch);
        pumpAll(now);
        settle(now);
    }

    public void producerIdFailed(ErrorDetails error, long now) {
        alarm.at(identity.refused(now));
        for (PartitionQueue queue : queues) {
            queue.lastError = error;
        }
    }

    /** A stream is up, or takes more again. */
    public void nodeReady(int node, long now) {
        NodeLink link = link(node);
        if (link.state != NodeLink.State.RESETTING) {
            link.state = NodeLink.State.READY;
            pumpAll(now);
            settle(now);
        }
    }

    /**
     * A stream ended, or could not be opened. Nothing more comes from it.
     *
     * @param lost all attempts that it owed an answer for
     */
    public void nodeDown(int node, List<Flight> lost, ErrorDetails error, long now) {
        NodeLink link = link(node);
        link.state = NodeLink.State.DOWN;
        link.owesNothing();
        link.failures++;
        link.retryAtNanos = now + Backoff.nanos(link.failures, now);
        alarm.at(link.retryAtNanos);
        for (Flight flight : lost) {
            Batch batch = flight.batch();
            batch.fateUnknown = true;
            if (flight.queue.land(flight) && batch.told) {
                outcomes.drop(flight.queue, batch);
            }
            outcomes.release(batch);
        }
        if (closedBy != null) {
            return;
        }
        for (PartitionQueue queue : queues) {
            if ((queue.leader == node || queue.flightNode == node) && queue.hasWork()) {
                // The error is the last word on these batches until someone else has one.
                queue.lastError = error;
                if (Reasons.isHopeless(error)) {
                    outcomes.giveUp(queue, error);
                }
                ask(queue);
                afterChange(queue, now);
            }
        }
        settle(now);
    }

    /** The node asks for a pause before it gets more. */
    public void throttle(int node, long pauseNanos, long now) {
        NodeLink link = link(node);
        link.holdUntilNanos = now + pauseNanos;
        alarm.at(link.holdUntilNanos);
    }

    /** A batch is stored; an offset of -1 is one that the leader does not know any more. */
    public void stored(Flight flight, long baseOffset, long logAppendTimeMs, long now) {
        PartitionQueue queue = flight.queue;
        if (queue.land(flight)) {
            queue.failures = 0;
            link(flight.node).failures = 0;
            flight.batch().settled = true;
            flight.batch().baseOffset = baseOffset;
            flight.batch().logAppendTimeMs = logAppendTimeMs;
            afterChange(queue, now);
        }
        outcomes.release(flight.batch());
        settle(now);
    }

    /** The node answered that it did not, or may not have, stored a batch. */
    public void refused(Flight flight, ErrorDetails error, long now) {
        if (Reasons.isDuplicate(error)) {
            stored(flight, -1, -1, now);
            return;
        }
        Batch batch = flight.batch();
        batch.fateUnknown |= error.outcome() == Outcome.INDETERMINATE;
        if (flight.queue.land(flight)) {
            if (batch.told) {
                outcomes.drop(flight.queue, batch);
            } else {
                decide(flight.queue, batch, error, now);
            }
            afterChange(flight.queue, now);
        }
        outcomes.release(batch);
        settle(now);
    }

    /** Time passed. Cheap before {@link #nextDeadlineNanos}. */
    public void tick(long now) {
        if (closedBy != null || now < alarm.atNanos()) {
            return;
        }
        alarm.clear();
        breakSilence(now);
        for (PartitionQueue queue : queues) {
            outcomes.expire(queue, now);
            if (queue.awaitingMetadata && now >= queue.retryAtNanos && queue.hasWork()) {
                ask(queue);
            }
            afterChange(queue, now);
        }
        settle(now);
        alarm.at(identity.nextAskNanos(now));
        for (PartitionQueue queue : queues) {
            alarm.at(queue.nextDeadline(now, linkChance(queue, now)));
        }
    }

    /** Gives up on everything. Attempts under way still end through {@link #nodeDown} or their results. */
    public void abort(ErrorDetails error) {
        closedBy = error;
        for (PartitionQueue queue : queues) {
            outcomes.takeOpen(queue);
            for (Batch b : queue.admitted) {
                outcomes.end(b, error, b.fateUnknown || b.flight != null);
            }
            for (Batch b : queue.waiting) {
                outcomes.end(b, error, false);
            }
            queue.waiting.clear();
        }
    }

    // ---- what an answer means ----

    private void decide(PartitionQueue queue, Batch batch, ErrorDetails error, long now) {
        queue.lastError = error;
        boolean foreign = Reasons.isForeignEpoch(error);
        if (settings.idempotent() && (foreign || Reasons.isGap(error))) {
            if (!foreign && !queue.isFirstUnsettled(batch)) {
                // Refused only because one before it was not taken yet: goes again, after it.
                alarm.at(queue.backOff(error, now));
                return;
            }
            if (foreign) {
                identity.spendId();
            } else {
                identity.spend();
            }
            batch.epochsRefused++;
            if (batch.fateUnknown || batch.epochsRefused > MAX_EPOCHS_PER_BATCH) {
                // P40: an earlier attempt may still be taken, so under another sequence it could be stored twice.
                outcomes.settleFailed(batch, error);
            } else {
                queue.broken = true;
            }
            return;
        }
        if (error.retriable()) {
            alarm.at(queue.backOff(error, now));
            if (Reasons.wantsMetadata(error)) {
                ask(queue);
            }
            return;
        }
        outcomes.settleFailed(batch, error);
        outcomes.spendFor(batch);
    }

    // ---- metadata ----

    private void ask(PartitionQueue queue) {
        queue.awaitingMetadata = true;
        Topic topic = topics.get(queue.topic());
        if (topic != null && !topic.asking) {
            topic.asking = true;
            port.refreshMetadata(queue.topic());
        }
    }

    // ---- sending ----

    private void pump(PartitionQueue queue, long now) {
        if (closedBy != null
                || queue.awaitingMetadata
                || queue.leader == 0
                || now < queue.retryAtNanos
                || !queue.hasWork()) {
            return;
        }
        NodeLink link = link(queue.leader);
        if (link.state == NodeLink.State.DOWN && now >= link.retryAtNanos) {
            link.state = NodeLink.State.CONNECTING;
            port.connect(link.node);
        }
        while (link.state == NodeLink.State.READY && now >= link.holdUntilNanos) {
            Batch batch = choose(queue, now);
            if (batch == null) {
                return;
            }
            send(queue, batch, link, now);
        }
    }

    private @Nullable Batch choose(PartitionQueue queue, long now) {
        if (queue.broken || (queue.inFlight > 0 && queue.flightNode != queue.leader)) {
            return null;
        }
        if (settings.idempotent() && identity.spent()) {
            // P40: only what may be stored already goes on, under its old sequence, to learn whether it is.
            return queue.holdsUnknown() ? queue.nextUnsent() : null;
        }
        Batch again = queue.nextUnsent();
        if (again != null) {
            return again;
        }
        if (!queue.mayAdmit(settings.maxInFlight())) {
            return null;
        }
        if (settings.idempotent() && !identity.present()) {
            if (identity.ask(now)) {
                port.allocateProducerId();
            }
            return null;
        }
        if (queue.waiting.isEmpty() && queue.openDueNanos <= now) {
            outcomes.takeOpen(queue);
        }
        Batch next = queue.waiting.poll();
        while (next != null && next.settled) {
            queue.admitted.add(next);
            outcomes.deliver(queue);
            next = queue.waiting.poll();
        }
        if (next != null) {
            queue.admit(next, settings.idempotent() ? identity : null);
        }
        return next;
    }

    private void send(PartitionQueue queue, Batch batch, NodeLink link, long now) {
        if (queue.topicId == null) {
            throw new IllegalStateException("partition " + queue.topic() + "-" + queue.partition() + ": leader "
                    + queue.leader + " is known, but not the topic's id");
        }
        Flight flight = new Flight(queue, batch, queue.topicId, now);
        batch.attempts++;
        batch.openFlights++;
        batch.flight = flight;
        queue.inFlight++;
        queue.flightNode = link.node;
        if (!port.send(link.node, flight)) {
            link.state = NodeLink.State.BUSY;
        }
        if (settings.acknowledged()) {
            link.owes(flight);
            alarm.at(now + settings.requestTimeoutNanos());
            alarm.at(batch.deadlineNanos());
        } else {
            queue.land(flight);
            batch.settled = true;
            outcomes.deliver(queue);
        }
    }

    private void pumpAll(long now) {
        // Starts elsewhere each time, so that one busy partition does not starve those behind it.
        int size = queues.size();
        rotation = size == 0 ? 0 : (rotation + 1) % size;
        for (int i = 0; i < size; i++) {
            pump(queues.get((rotation + i) % size), now);
        }
    }

    // ---- time ----

    /**
     * A stream that owes an answer for too long is broken off; that settles who has what. Also one whose answers no
     * longer count because the leader moved: until it ends, it may read the bytes.
     */
    private void breakSilence(long now) {
        for (NodeLink link : links.values()) {
            long since = link.silentSinceNanos();
            boolean up = link.state == NodeLink.State.READY || link.state == NodeLink.State.BUSY;
            if (since == PartitionQueue.NEVER || !up) {
                continue;
            }
            if (now - since >= settings.requestTimeoutNanos()) {
                link.state = NodeLink.State.RESETTING;
                port.reset(link.node);
            } else {
                alarm.at(since + settings.requestTimeoutNanos());
            }
        }
    }

    // ---- after an event ----

    private void afterChange(PartitionQueue queue, long now) {
        if (queue.broken) {
            outcomes.giveUpUnknown(queue);
        }
        outcomes.deliver(queue);
        pump(queue, now);
    }

    /** Replaces a spent epoch as soon as nothing of unknown fate is outstanding on any partition (P40). */
    private void settle(long now) {
        if (closedBy != null || !settings.idempotent() || !identity.spent()) {
            return;
        }
        for (PartitionQueue queue : queues) {
            if (queue.holdsEpoch()) {
                return;
            }
        }
        identity.renew();
        for (PartitionQueue queue : queues) {
            queue.unadmit();
            outcomes.deliver(queue);
        }
        pumpAll(now);
    }

    // ---- lookups ----

    private PartitionQueue queue(String name, int partition, long now) {
        Topic topic = topics.computeIfAbsent(name, n -> new Topic());
        return topic.queues.computeIfAbsent(partition, p -> {
            PartitionQueue queue = new PartitionQueue(name, p);
            queues.add(queue);
            if (topic.view != null && topic.view.error() == null) {
                leaderChanges.apply(queue, topic.view, now);
            }
            return queue;
        });
    }

    private NodeLink link(int node) {
        return links.computeIfAbsent(node, NodeLink::new);
    }

    private long linkChance(PartitionQueue queue, long now) {
        NodeLink link = links.get(queue.leader);
        return link == null ? PartitionQueue.NEVER : link.nextChanceNanos(now);
    }

    private static final class Topic {
        final Map<Integer, PartitionQueue> queues = new HashMap<>();
        boolean asking;

        @Nullable
        TopicView view;
    }
}
