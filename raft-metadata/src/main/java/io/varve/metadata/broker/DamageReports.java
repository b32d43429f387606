// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.broker;

import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.CommandBody;
import io.varve.metadata.command.CommandBody.ReportDamage;
import io.varve.metadata.command.CommandBody.ReportFreshStart;
import io.varve.metadata.image.BrokerImage;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.PartitionImage;
import io.varve.metadata.image.ReplicaId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The life of a node's damaged replicas (P34), of each by itself:
 *
 * <pre>
 * found      the controller is told, again and again until the image says so
 * known      out of isr and elr; when somebody else leads: start it afresh
 * starting   the shell sets the files aside and begins an empty log
 * fresh      the controller is told, until the image has it as damaged no more; then it is forgotten here
 * </pre>
 *
 * <p>Where nobody else leads, the damaged copy may be the only one that somebody can still get records from: it stays as it
 * is. *Confined to one loop of its shell.*
 */
public final class DamageReports {

    private static final long AGAIN_NANOS = 1_000_000_000L;

    private enum Stage {
        FOUND,
        STARTING,
        FRESH
    }

    private static final class Case {
        final String why;
        Stage stage = Stage.FOUND;

        Case(String why) {
            this.why = why;
        }
    }

    // What is damaged stays so as long as the process lives: a repeated registration does not say it.
    private final Map<ReplicaId, Case> cases = new TreeMap<>();
    private boolean due;
    private long saidNanos;

    /** The replica takes and gives nothing more. */
    public void found(ReplicaId replica, String why) {
        var known = cases.get(replica);
        if (known == null || known.stage == Stage.FRESH) {
            cases.put(replica, new Case(why));
            due = true;
        }
    }

    public boolean isEmpty() {
        return cases.isEmpty();
    }

    /**
     * What to submit now, if anything. To be called every now and then.
     *
     * @param self this node's registration, broker epoch 0 for not yet
     * @param image newest that was applied here
     */
    public Optional<CommandBody> report(BrokerRef self, MetadataImage image, long nowNanos) {
        var broker = broker(self, image);
        if (broker.isEmpty()) {
            return Optional.empty();
        }
        cases.entrySet().removeIf(e -> isOver(e.getKey(), e.getValue(), broker.get(), image));
        var unheard = of(Stage.FOUND).stream()
                .filter(id -> !broker.get().isDamaged(id))
                .toList();
        var fresh = of(Stage.FRESH);
        if ((unheard.isEmpty() && fresh.isEmpty()) || (!due && nowNanos - saidNanos < AGAIN_NANOS)) {
            return Optional.empty();
        }
        due = !unheard.isEmpty() && !fresh.isEmpty();
        saidNanos = nowNanos;
        return Optional.of(
                fresh.isEmpty() ? new ReportDamage(self, unheard, reason(unheard)) : new ReportFreshStart(self, fresh));
    }

    /**
     * Replicas to be started afresh now; each is named once, unless {@link #notStarted} gives it back.
     *
     * @param image as to {@link #report}
     */
    public List<ReplicaId> startAfresh(BrokerRef self, MetadataImage image) {
        var broker = broker(self, image);
        if (broker.isEmpty()) {
            return List.of();
        }
        var now = of(Stage.FOUND).stream()
                .filter(id -> broker.get().isDamaged(id) && othersHaveIt(self.nodeId(), id, image))
                .toList();
        now.forEach(id -> stage(id, Stage.STARTING));
        return now;
    }

    /** Its log is empty, durably, and its replica a new one. */
    public void started(ReplicaId replica) {
        stage(replica, Stage.FRESH);
        due = true;
    }

    /** That could not be done now. */
    public void notStarted(ReplicaId replica) {
        stage(replica, Stage.FOUND);
    }

    private void stage(ReplicaId replica, Stage stage) {
        var one = cases.get(replica);
        if (one != null) {
            one.stage = stage;
        }
    }

    private static Optional<BrokerImage> broker(BrokerRef self, MetadataImage image) {
        return self.brokerEpoch() == 0 || image.index() < self.brokerEpoch()
                ? Optional.empty()
                : image.broker(self.nodeId()).filter(b -> b.epoch() == self.brokerEpoch());
    }

    private static boolean isOver(ReplicaId id, Case one, BrokerImage self, MetadataImage image) {
        boolean here = image.topics()
                .find(id)
                .map(PartitionImage::replicas)
                .orElse(List.of())
                .contains(self.id());
        return !here || (one.stage == Stage.FRESH && !self.isDamaged(id));
    }

    private static boolean othersHaveIt(int self, ReplicaId id, MetadataImage image) {
        return image.topics()
                .find(id)
                .filter(p -> p.hasLeader()
                        && p.leader() != self
                        && image.isEligible(p.leader())
                        && !p.isr().contains(self)
                        && !p.elr().contains(self))
                .isPresent();
    }

    private List<ReplicaId> of(Stage stage) {
        return cases.entrySet().stream()
                .filter(e -> e.getValue().stage == stage)
                .map(Map.Entry::getKey)
                .toList();
    }

    private String reason(List<ReplicaId> unheard) {
        var first = cases.get(unheard.get(0));
        return (first == null ? "" : first.why)
                + (unheard.size() == 1 ? "" : "; and " + (unheard.size() - 1) + " more");
    }
}
