// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal.producer;

import io.varve.client.ErrorDetails;
import java.util.Iterator;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What a metadata answer means for a partition's batches. <i>Confined to the core's thread.</i> */
final class LeaderChanges {
    private final CoreSettings settings;
    private final Outcomes outcomes;
    private final ProducerIdentity identity;
    private final Alarm alarm;

    LeaderChanges(CoreSettings settings, Outcomes outcomes, ProducerIdentity identity, Alarm alarm) {
        this.settings = settings;
        this.outcomes = outcomes;
        this.identity = identity;
        this.alarm = alarm;
    }

    /** Afterwards either the leader is known, or the queue still awaits metadata and has a time to ask again. */
    void apply(PartitionQueue queue, TopicView view, long now) {
        UUID id = view.id();
        ErrorDetails error = view.error();
        if (error == null && queue.partition() >= view.partitions().size()) {
            error = Reasons.missingPartition(
                    queue.topic(), queue.partition(), view.partitions().size());
        }
        if (error != null || id == null) {
            missing(queue, error, now);
            return;
        }
        queue.missingSinceNanos = PartitionQueue.NEVER;
        TopicView.Leader leader = view.partitions().get(queue.partition());
        if (queue.topicId != null && !id.equals(queue.topicId)) {
            if (queue.inFlight > 0) {
                // The old topic's node answers for these first.
                askAgain(queue, null, now);
                return;
            }
            leaveOldTopic(queue);
        }
        queue.topicId = id;
        if (leader.epoch() < queue.leaderEpoch) {
            // From a node that is behind: keep what is known.
            queue.awaitingMetadata = false;
            return;
        }
        if (leader.node() == 0) {
            askAgain(queue, Reasons.noLeader(queue.topic(), queue.partition()), now);
            return;
        }
        if (leader.node() != queue.leader && settings.idempotent()) {
            abandonFlights(queue);
        }
        if (leader.epoch() > queue.leaderEpoch) {
            // What the partition waits for has happened.
            queue.retryNow(now);
        }
        queue.leader = leader.node();
        queue.leaderEpoch = leader.epoch();
        queue.awaitingMetadata = false;
    }

    private void missing(PartitionQueue queue, @Nullable ErrorDetails error, long now) {
        if (queue.missingSinceNanos == PartitionQueue.NEVER) {
            queue.missingSinceNanos = now;
        }
        if (error != null && now - queue.missingSinceNanos >= settings.unknownTopicGraceNanos()) {
            outcomes.giveUp(queue, error);
        }
        askAgain(queue, error, now);
    }

    private void askAgain(PartitionQueue queue, @Nullable ErrorDetails error, long now) {
        queue.awaitingMetadata = true;
        alarm.at(queue.backOff(error, now));
    }

    /** Another topic has the name now: what may be in the old one is given up, the rest goes to the new one. */
    private void leaveOldTopic(PartitionQueue queue) {
        outcomes.giveUpUnknown(queue);
        outcomes.deliver(queue);
        queue.leaderEpoch = 0;
        if (settings.idempotent()) {
            // Under a new epoch: should the old topic be led to again, it must not take these for ones that it has.
            queue.broken = true;
            identity.spend();
        } else {
            queue.unadmit();
        }
    }

    /** The leader moved: the same sequences go to the new one, which knows whether it has them. */
    private void abandonFlights(PartitionQueue queue) {
        for (Iterator<Batch> i = queue.admitted.iterator(); i.hasNext(); ) {
            Batch b = i.next();
            if (b.flight != null) {
                b.flight = null;
                b.fateUnknown = true;
                queue.inFlight--;
                if (b.told) {
                    i.remove();
                    outcomes.spendFor(b);
                }
            }
        }
    }
}
