// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.controller;

import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.CommandBody.PartitionToElect;
import io.varve.metadata.command.CommandBody.UncleanChoice;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.NodeReport;
import io.varve.metadata.image.PartitionImage;
import io.varve.metadata.image.ReplicaId;
import io.varve.metadata.image.TopicImage;
import io.varve.metadata.image.TopicsImage;
import io.varve.metadata.topic.TopicConfigs;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.pcollections.PSortedMap;

/**
 * P31, {@code balanced}: partitions of which nobody is known to hold everything. All who were the last to hold it are waited
 * for; they, and whoever else has a copy and is there, are asked what they have; the one that has most leads. *Confined to
 * the controller's loop.* Soft state: a new controller asks again.
 */
final class BalancedRecovery {

    /** Of elections in one command. */
    static final int MOST_AT_ONCE = 500;

    private static final long ASK_AGAIN_NANOS = 1_000_000_000;
    // For those that were not among the last to hold everything.
    private static final long PATIENCE_NANOS = 10_000_000_000L;

    private final BrokerPort port;
    private final Map<BrokerRef, QuestionLine> lines = new LinkedHashMap<>();
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
        final Map<BrokerRef, Asked> asked = new LinkedHashMap<>();

        Case(int partitionEpoch) {
            this.partitionEpoch = partitionEpoch;
        }

        boolean hasReport(BrokerRef broker) {
            var report = reports.get(broker.nodeId());
            return report != null && report.brokerEpoch() == broker.brokerEpoch();
        }
    }

    /** When a node was asked about a partition. */
    private record Asked(long firstNanos, long lastNanos) {}

    void clear() {
        cases.clear();
        lines.clear();
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

    /** What a node said, or that it said nothing. */
    void answered(BrokerRef broker, ReplicaId replica, ReplicaAnswer answer, long nowNanos) {
        var one = cases.get(replica);
        if (one != null && answer instanceof ReplicaAnswer.Report r) {
            one.reports.put(broker.nodeId(), new NodeReport(broker.nodeId(), broker.brokerEpoch(), r.report()));
        }
        var line = lines.get(broker);
        if (line == null) {
            return;
        }
        line.over(replica);
        for (var next = line.next(); next.isPresent(); next = line.next()) {
            var waiting = cases.get(next.get());
            if (waiting != null && !waiting.hasReport(broker)) {
                ask(broker, next.get(), waiting, nowNanos);
            }
        }
    }

    /** Asks whom it has to, and gives the elections that are decided now. */
    List<PartitionToElect> decide(MetadataImage image, long nowNanos) {
        scan(image);
        lines.values().removeIf(line -> line.startOver(nowNanos - ASK_AGAIN_NANOS));
        var elections = new ArrayList<PartitionToElect>();
        for (var id : cases.keySet()) {
            decide(image, id, nowNanos).ifPresent(elections::add);
            if (elections.size() == MOST_AT_ONCE) {
                break;
            }
        }
        return elections;
    }

    /** The same for one partition, of which something was heard. */
    Optional<PartitionToElect> decide(MetadataImage image, ReplicaId id, long nowNanos) {
        var one = cases.get(id);
        var topic = image.topic(id.topicId());
        if (one == null || topic.isEmpty()) {
            return Optional.empty();
        }
        return topic.get()
                .partition(id.partition())
                .filter(p -> p.partitionEpoch() == one.partitionEpoch && isHopeless(topic.get(), p))
                .flatMap(p -> decide(image, id, p, one, nowNanos))
                .map(choice -> new PartitionToElect(id.topicId(), id.partition(), Optional.of(choice)));
    }

    private Optional<UncleanChoice> decide(
            MetadataImage image, ReplicaId id, PartitionImage p, Case one, long nowNanos) {
        var reports = new ArrayList<NodeReport>();
        boolean complete = true;
        boolean ofLast = false; // whether one of those who were the last to hold everything says what it has
        boolean absent = false;
        boolean unasked = false; // whether there is a copy that nobody has heard of
        for (int node : p.replicas()) {
            boolean last = p.lastKnownElr().contains(node);
            var broker = image.broker(node).filter(b -> !b.fenced());
            if (broker.isEmpty()) {
                if (last) {
                    return Optional.empty(); // all of these are waited for
                }
                absent = true;
                unasked = true;
            } else if (broker.get().isDamaged(id)) {
                unasked = true;
            } else {
                var ref = new BrokerRef(node, broker.get().epoch());
                if (one.hasReport(ref)) {
                    reports.add(one.reports.get(node));
                    ofLast |= last;
                } else {
                    boolean waits = ask(ref, id, one, nowNanos);
                    complete &= !last && !waits;
                    absent = true;
                    unasked = true;
                }
            }
        }
        var best = reports.stream().reduce((a, b) -> b.report().hasMoreThan(a.report()) ? b : a);
        // An empty log may be a replaced disk; and without any of the last members only the sight of all others is
        // enough.
        if (!complete
                || best.isEmpty()
                || !image.isEligible(best.get().nodeId())
                || (best.get().report().isEmpty() && unasked)
                || (!ofLast && absent)) {
            return Optional.empty();
        }
        return Optional.of(new UncleanChoice(
                new BrokerRef(best.get().nodeId(), best.get().brokerEpoch()), p.partitionEpoch(), reports));
    }

    /** Whether its answer is worth waiting for: it was not asked in vain for long. */
    private boolean ask(BrokerRef ref, ReplicaId id, Case one, long nowNanos) {
        var asked = one.asked.get(ref);
        if (asked == null || nowNanos - asked.lastNanos() >= ASK_AGAIN_NANOS) {
            if (!lines.computeIfAbsent(ref, b -> new QuestionLine()).begin(id, nowNanos)) {
                return true; // its turn comes
            }
            asked = new Asked(asked == null ? nowNanos : asked.firstNanos(), nowNanos);
            one.asked.put(ref, asked);
            port.askReplica(ref, id);
        }
        return nowNanos - asked.firstNanos() < PATIENCE_NANOS;
    }
}
