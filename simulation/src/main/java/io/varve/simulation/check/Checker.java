// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.PartitionImage;
import io.varve.metadata.image.TopicImage;
import io.varve.replication.Acks;
import io.varve.storage.LogId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Keeps the truth and the mirrors up to date with what the world and the clients tell, and has every invariant look.
 * Never changes what it looks at. <i>Confined to the simulator's thread.</i>
 */
public final class Checker implements WorldEvents, ClientEvents {
    /** Events between two looks at everything. */
    public static final int FULL_EVERY = 1_000;

    private static final long EVERYTHING = -1;

    private final Evidence evidence;
    private final List<Invariant> invariants;
    private final Liveness liveness;
    private final Map<Integer, Stop> stops = new TreeMap<>();
    private long steps;

    public Checker(ClusterView cluster) {
        evidence = new Evidence(cluster);
        invariants = all(evidence);
        liveness = new Liveness(evidence);
    }

    /** In the order in which they look: the first to find something is the one that is named. */
    static List<Invariant> all(Evidence e) {
        return List.of(
                new DenseOffsets(e),
                new OneLeaderPerEpoch(e),
                new EpochsNeverFall(e),
                new LogMatching(e),
                new NoTruncationBelowHighWatermark(e),
                new StateMachineSafety(e),
                new CandidateCompleteness(e),
                new LeaderCompleteness(e),
                new HighWatermarkRule(e),
                new OffsetsInOrder(e),
                new StartBelowCommitted(e),
                new FlushedSurvives(e),
                new MembershipShape(e),
                new UncleanStaysOut(e),
                new AckOnlyInEpoch(e),
                new AckedDurability(e),
                new StableVisiblePrefix(e),
                new LatestNeverFalls(e),
                new ImmutableBatches(e),
                new Idempotence(e),
                new ProducerOrder(e),
                new DefiniteErrorsInvisible(e),
                new ProducerStateIsFunctionOfLog(e),
                new DeletedTopicsStayDeleted(e),
                new MetadataMatching(e),
                new MirrorFollowsLog(e),
                new Bounds(e));
    }

    // ---- what came out

    /** In the order in which they were found. */
    public List<Violation> violations() {
        return evidence.violations();
    }

    public boolean isClean() {
        return evidence.violations().isEmpty();
    }

    /** Number and name of every invariant, in the order in which they look. */
    public List<String> titles() {
        return invariants.stream().map(Invariant::title).toList();
    }

    /** Whether acknowledged records of a {@code written} partition were given up, as they may be. */
    public boolean forgave() {
        return evidence.partitions().stream().anyMatch(PartitionTruth::wasForgiven);
    }

    /** Batches of which a producer was told that they are stored. */
    public long acknowledgedBatches() {
        return evidence.ledger.acknowledged();
    }

    /** What a cluster that nothing disturbs any more still lacks (L1-L6); empty when all is well. */
    public List<Violation> unhealed() {
        return liveness.missing();
    }

    /** The last look, at everything and every file. */
    public void finish() {
        invariants.forEach(i -> i.full(EVERYTHING));
    }

    // ---- logs

    @Override
    public void appended(int node, LogId id, long baseOffset, long endOffset, int leaderEpoch, long batchId) {
        ReplicaMirror replica = evidence.replica(node, id);
        open(replica);
        BatchSeen batch = new BatchSeen(baseOffset, endOffset, leaderEpoch, batchId);
        for (Invariant i : invariants) {
            i.appending(replica, batch);
        }
        replica.log.append(batch);
    }

    @Override
    public void cutting(int node, LogId id, long newEndOffset) {
        evidence.replica(node, id).cutBegins(newEndOffset);
    }

    @Override
    public void truncated(int node, LogId id, long newEndOffset) {
        ReplicaMirror replica = evidence.replica(node, id);
        for (Invariant i : invariants) {
            i.truncating(replica, newEndOffset);
        }
        replica.cutTo(newEndOffset);
    }

    @Override
    public void begunAnew(int node, LogId id, long offset) {
        ReplicaMirror replica = evidence.replica(node, id);
        for (Invariant i : invariants) {
            i.truncating(replica, offset);
        }
        replica.beginsAnew(offset);
    }

    @Override
    public void startDecided(int node, LogId id, long offset) {
        PartitionTruth partition = evidence.partition(id);
        partition.decidedStart = Math.max(partition.decidedStart, offset);
    }

    @Override
    public void recovered(int node, LogId id, long logStartOffset, List<BatchSeen> found) {
        holds(node, id, logStartOffset, found, true);
    }

    @Override
    public void rotted(int node, LogId id, long endOffset) {
        ReplicaMirror replica = evidence.replica(node, id);
        MirrorLog before = replica.awaitsRecovery ? replica.before : replica.log;
        List<BatchSeen> kept = new ArrayList<>();
        for (int i = 0; i < before.countBelow(endOffset); i++) {
            kept.add(before.at(i));
        }
        holds(node, id, 0, kept, false);
        if (endOffset == 0) {
            replica.forgetProcess(); // what takes its place begins anew, with its high watermark, too
        }
    }

    private void holds(int node, LogId id, long logStartOffset, List<BatchSeen> found, boolean durable) {
        ReplicaMirror replica = evidence.replica(node, id);
        boolean member = replica.awaitsRecovery ? replica.wasMember : replica.partition.isOrWasMember(node);
        MirrorLog before = replica.awaitsRecovery ? replica.before : replica.log;
        long acknowledged = replica.partition.isWritten() ? replica.writtenEndOffset : replica.flushedEndOffset;
        long base = found.isEmpty() ? logStartOffset : found.get(0).baseOffset();
        replica.log = replica.withPast(before, base, found);
        replica.before = new MirrorLog();
        replica.awaitsRecovery = false;
        int same = replica.log.commonWith(before);
        if (same < before.countBelow(acknowledged) && (member || replica.partition.hasLost(node))) {
            replica.partition.memberLost(node, before.baseAt(same));
            replica.leftAfterLoss = !replica.partition.isMember(node);
        }
        if (durable && same < before.size()) {
            for (Invariant i : invariants) {
                i.shortened(replica, before, same);
            }
        }
        replica.endsAt(replica.log.endOffset());
        for (Invariant i : invariants) {
            i.recovered(replica, found);
        }
    }

    @Override
    public void removed(int node, LogId id) {
        ReplicaMirror replica = evidence.replica(node, id);
        replica.removed = true;
        replica.awaitsRecovery = false;
        replica.log = new MirrorLog();
        replica.durableEndOffset = 0;
        replica.forgetProcess();
        for (Invariant i : invariants) {
            i.removed(replica);
        }
    }

    /** A log that the process makes anew is one that it found nothing of. */
    private void open(ReplicaMirror replica) {
        if (replica.awaitsRecovery) {
            recovered(replica.node, replica.id(), 0, List.of());
        }
    }

    @Override
    public void replicaStopped(int node, LogId id, String why) {
        evidence.report("STOPPED", id, "node " + node + ": " + why);
    }

    // ---- processes

    @Override
    public void stopping(int node, Stop how) {
        stops.put(node, how);
        for (PartitionTruth partition : evidence.partitions()) {
            if (partition.replicas.containsKey(node)) {
                touched(node, partition.id);
                ReplicaMirror replica = partition.replica(node);
                replica.wasMember = partition.isOrWasMember(node);
                if (how == Stop.OTHER_DISK) {
                    replica.durableEndOffset = 0;
                }
            }
        }
    }

    @Override
    public void started(int node, UUID incarnation) {
        Stop before = stops.getOrDefault(node, Stop.CLEAN);
        for (PartitionTruth partition : evidence.partitions()) {
            ReplicaMirror replica = partition.replicas.get(node);
            if (replica != null) {
                replica.newProcess();
                if (before == Stop.OTHER_DISK) {
                    open(replica);
                }
            }
        }
        for (Invariant i : invariants) {
            i.started(node, incarnation, before);
        }
    }

    // ---- metadata

    @Override
    public void committed(MetadataImage now) {
        for (TopicImage topic : now.topics().all()) {
            for (PartitionImage p : topic.partitions()) {
                PartitionTruth partition = evidence.partition(new LogId(topic.id(), p.partition()));
                PartitionImage before = partition.image;
                if (before != p && !p.equals(before)) {
                    changed(partition, p, now);
                }
            }
        }
        for (PartitionTruth partition : evidence.partitions()) {
            if (!partition.deleted
                    && partition.image != null
                    && now.topic(partition.id.topicId()).isEmpty()) {
                partition.deleted = true;
                partition.deletedAtIndex = now.index();
            }
        }
        for (Invariant i : invariants) {
            i.committed(now);
        }
    }

    private void changed(PartitionTruth partition, PartitionImage p, MetadataImage now) {
        partition.imageChanged(p);
        if (p.lastUncleanEpoch() > partition.uncleanEpoch()) {
            ReplicaMirror chosen = partition.replica(p.leader());
            String wrong =
                    partition.uncleanElection(p.lastUncleanEpoch(), chosen.awaitsRecovery ? chosen.before : chosen.log);
            if (wrong != null) {
                evidence.report("I1", partition.id, "an unclean election gave up what it must not: " + wrong);
            }
            evidence.ledger.forgive(partition.id, partition.committed.endOffset());
            for (Invariant i : invariants) {
                i.forgiven(partition);
            }
        }
        for (ReplicaMirror replica : partition.replicas.values()) {
            replica.leftAfterLoss |= !partition.isMember(replica.node);
        }
        for (Invariant i : invariants) {
            i.changed(partition, now);
        }
    }

    @Override
    public void applied(int node, MetadataImage image) {
        for (Invariant i : invariants) {
            i.applied(node, image);
        }
    }

    // ---- front door

    @Override
    public void answered(int node, LogId id, int appendEpoch, Acks acks, long batchId, long baseOffset) {
        Invariant.Answer answer = new Invariant.Answer(appendEpoch, acks, batchId, baseOffset);
        for (Invariant i : invariants) {
            i.answered(evidence.replica(node, id), answer);
        }
    }

    @Override
    public void latestServed(int node, LogId id, int leaderEpoch, long offset) {
        for (Invariant i : invariants) {
            i.latestServed(evidence.partition(id), node, leaderEpoch, offset);
        }
    }

    // ---- the loop

    @Override
    public void touched(int node, LogId id) {
        ReplicaMirror replica = evidence.replica(node, id);
        ReplicaView now = evidence.sound(replica);
        if (now == null) {
            return;
        }
        ReplicaView view = new SteadyView(now);
        open(replica);
        replica.seeEnds(view);
        boolean leads = view.isLeading() || (replica.wasLeading && view.leaderEpoch() == replica.leaderEpoch);
        if (view.isLeading() && view.leaderEpoch() > replica.ledEpoch) {
            replica.ledEpoch = view.leaderEpoch();
            for (Invariant i : invariants) {
                i.elected(replica, view);
            }
        }
        if (leads && view.highWatermark() > replica.partition.committed.endOffset()) {
            advance(replica, view);
        }
        for (Invariant i : invariants) {
            i.touched(replica, view);
        }
        replica.see(view);
        if (replica.hasCaughtUp() && evidence.isCurrent(node)) {
            replica.partition.memberCaughtUp(node);
        }
    }

    /** The leader says that more is committed. */
    private void advance(ReplicaMirror leader, ReplicaView view) {
        PartitionTruth partition = leader.partition;
        if (view.leaderEpoch() < partition.uncleanEpoch()) {
            return;
        }
        for (Invariant i : invariants) {
            i.advancing(leader, view);
        }
        int from = partition.committed.size();
        if (!partition.isHeldBy(leader.log)) {
            return;
        }
        int to = leader.log.countBelow(view.highWatermark());
        for (int i = from; i < to; i++) {
            partition.committed.append(leader.log.at(i));
        }
        for (Invariant i : invariants) {
            i.advanced(leader, view, from);
        }
    }

    @Override
    public void stepped() {
        steps++;
        if (steps % FULL_EVERY == 0) {
            for (Invariant i : invariants) {
                i.full(steps / FULL_EVERY);
            }
        }
    }

    // ---- clients

    @Override
    public void sent(LogId id, long batchId, Sending sending) {
        evidence.ledger.sent(id, batchId, sending);
    }

    @Override
    public void acked(LogId id, long batchId, Sending sending, long baseOffset) {
        evidence.ledger.acked(id, sending, baseOffset);
        for (Invariant i : invariants) {
            i.acked(evidence.partition(id), batchId, sending, baseOffset);
        }
    }

    @Override
    public void failed(int producer, String topic, int partition, long firstValue, int count, boolean definite) {
        Ledger.Values values =
                evidence.ledger.told(producer, firstValue, definite ? Ledger.Told.REFUSED : Ledger.Told.UNKNOWN);
        if (values != null && definite) {
            for (Invariant i : invariants) {
                i.refused(values, topic, partition);
            }
        }
    }

    @Override
    public void read(int consumer, LogId id, List<BatchSeen> batches) {
        for (Invariant i : invariants) {
            i.read(consumer, evidence.partition(id), batches);
        }
    }

    @Override
    public void diverged(int consumer, LogId id, long position, long endOffset) {
        for (Invariant i : invariants) {
            i.diverged(consumer, evidence.partition(id), position, endOffset);
        }
    }

    @Override
    public void latestSeen(int consumer, LogId id, int leaderEpoch, long offset) {
        for (Invariant i : invariants) {
            i.latestSeen(consumer, evidence.partition(id), leaderEpoch, offset);
        }
    }

    @Override
    public void broken(String invariant, LogId id, String text) {
        evidence.report(invariant, id, text);
    }
}
