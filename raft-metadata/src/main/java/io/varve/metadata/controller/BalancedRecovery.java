// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.controller;

import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.CommandBody.PartitionToElect;
import io.varve.metadata.command.CommandBody.UncleanChoice;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.NodeReport;
import io.varve.metadata.image.PartitionImage;
import io.varve.metadata.image.ReplicaId;
import io.varve.metadata.image.ReplicaReport;
import io.varve.metadata.image.TopicImage;
import io.varve.metadata.image.TopicsImage;
import io.varve.metadata.topic.TopicConfigs;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.pcollections.PSortedMap;

/**
 * P31, {@code balanced}: partitions of which nobody is known to hold everything. All who were the last to hold it are waited
 * for and asked what they have; the one that has most leads. *Confined to the controller's loop.* Soft state: a new
 * controller asks again.
 */
final class BalancedRecovery {

    private static final long ASK_AGAIN_NANOS = 1_000_000_000;

    private final BrokerPort port;
    private final Map<ReplicaId, Case> cases = new TreeMap<>();
    // What the last scan saw: nothing can have changed while these are the same.
    private @Nullable TopicsImage scannedTopics;
    private @Nullable PSortedMap<Integer, ?> scannedBrokers;

    BalancedRecovery(BrokerPort port) {
        this.port = port;
    }

    /** One such partition, as of one partition epoch: while that stands nobody can append to it. */
    private static final class Case {
        final int partitionEpoch;
        final Map<Integer, NodeReport> reports = new TreeMap<>();
        final Map<Integer, Long> askedNanos = new TreeMap<>();

        Case(int partitionEpoch) {
            this.partitionEpoch = partitionEpoch;
        }
    }

    void clear() {
        cases.clear();
        scannedTopics = null;
        scannedBrokers = null;
    }

    /** Whether a partition waits for its last members to be compared. */
    static boolean isHopeless(TopicImage topic, PartitionImage p) {
        return !p.hasLeader()
                && p.isr().isEmpty()
                && p.elr().isEmpty()
                && TopicConfigs.BALANCED.equals(TopicConfigs.value(topic, TopicConfigs.UNCLEAN_RECOVERY));
    }

    private void scan(MetadataImage image) {
        if (image.topics() == scannedTopics && image.brokers() == scannedBrokers) {
            return;
        }
        scannedTopics = image.topics();
        scannedBrokers = image.brokers();
        var before = new TreeMap<>(cases);
        cases.clear();
        for (var topic : image.topics().all()) {
            for (var p : topic.partitions()) {
                if (isHopeless(topic, p)) {
                    var id = new ReplicaId(topic.id(), p.partition());
                    var known = before.get(id);
                    cases.put(
                            id,
                            known != null && known.partitionEpoch == p.partitionEpoch()
                                    ? known
                                    : new Case(p.partitionEpoch()));
                }
            }
        }
    }

    void reported(BrokerRef broker, ReplicaId replica, Optional<ReplicaReport> report) {
        var one = cases.get(replica);
        if (one != null) {
            report.ifPresent(
                    r -> one.reports.put(broker.nodeId(), new NodeReport(broker.nodeId(), broker.brokerEpoch(), r)));
        }
    }

    /** Asks whom it has to, and gives the elections that are decided now. */
    List<PartitionToElect> decide(MetadataImage image, long nowNanos) {
        scan(image);
        if (cases.isEmpty()) {
            return List.of();
        }
        var elections = new ArrayList<PartitionToElect>();
        cases.forEach((id, one) -> image.topics()
                .find(id)
                .flatMap(p -> decide(image, id, p, one, nowNanos))
                .ifPresent(choice ->
                        elections.add(new PartitionToElect(id.topicId(), id.partition(), Optional.of(choice)))));
        return elections;
    }

    private Optional<UncleanChoice> decide(
            MetadataImage image, ReplicaId id, PartitionImage p, Case one, long nowNanos) {
        var refs = new ArrayList<BrokerRef>();
        for (int node : p.lastKnownElr()) {
            var broker = image.broker(node);
            if (broker.isEmpty() || broker.get().fenced()) {
                return Optional.empty(); // all are waited for
            }
            if (!broker.get().isDamaged(id)) {
                refs.add(new BrokerRef(node, broker.get().epoch()));
            }
        }
        NodeReport best = null;
        boolean complete = !refs.isEmpty();
        for (var ref : refs) {
            var report = one.reports.get(ref.nodeId());
            if (report == null || report.brokerEpoch() != ref.brokerEpoch()) {
                ask(ref, id, one, nowNanos);
                complete = false;
            } else if (best == null || report.report().hasMoreThan(best.report())) {
                best = report;
            }
        }
        if (!complete || best == null || !image.isEligible(best.nodeId())) {
            return Optional.empty();
        }
        var reports = new ArrayList<NodeReport>();
        for (var ref : refs) {
            reports.add(one.reports.get(ref.nodeId()));
        }
        return Optional.of(
                new UncleanChoice(new BrokerRef(best.nodeId(), best.brokerEpoch()), p.partitionEpoch(), reports));
    }

    private void ask(BrokerRef ref, ReplicaId id, Case one, long nowNanos) {
        Long asked = one.askedNanos.get(ref.nodeId());
        if (asked == null || nowNanos - asked >= ASK_AGAIN_NANOS) {
            one.askedNanos.put(ref.nodeId(), nowNanos);
            port.askReplica(ref, id);
        }
    }
}
