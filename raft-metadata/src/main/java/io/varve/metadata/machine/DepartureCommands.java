// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.machine;

import io.varve.metadata.command.CommandBody.BeginShutdown;
import io.varve.metadata.command.CommandBody.ReportDamage;
import io.varve.metadata.command.CommandBody.ReportFreshStart;
import io.varve.metadata.command.CommandBody.TakeDirectoryOffline;
import io.varve.metadata.image.CommandResult;
import io.varve.metadata.image.CommandResult.Done;
import io.varve.metadata.image.CommandResult.Rejected;
import io.varve.metadata.image.Durability;
import io.varve.metadata.image.MetadataRecord.BrokerRecord;
import io.varve.metadata.image.PartitionImage.Leadership;
import io.varve.metadata.image.ReplicaId;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntPredicate;

/** Nodes that go, or whose disk goes. Each command may come twice. */
final class DepartureCommands {

    private DepartureCommands() {}

    /**
     * P42. Where another member of the isr can lead, the node leaves leadership and isr; where it is the only one, it
     * stays and leads until it stops.
     */
    static CommandResult beginShutdown(Draft draft, BeginShutdown c) {
        var refusal = Refusals.notCurrent(draft.image(), c.broker());
        if (refusal.isPresent()) {
            return new Rejected(refusal.get());
        }
        int node = c.broker().nodeId();
        var broker = draft.image().broker(node).orElseThrow();
        if (!broker.liveness().shuttingDown()) {
            draft.emit(new BrokerRecord(broker.shutDown()));
        }
        draft.eachReplica(node, (id, p) -> draft.membership().handOver(p, node, draft.image()::isEligible));
        return new Done();
    }

    /**
     * P36. The node leaves every isr. What it acknowledged of a `flushed` log was on disk before the failure, so there it
     * stays in the elr; of a `written` log nobody knows.
     */
    static CommandResult takeDirectoryOffline(Draft draft, TakeDirectoryOffline c) {
        var refusal = Refusals.notCurrent(draft.image(), c.broker());
        if (refusal.isPresent()) {
            return new Rejected(refusal.get());
        }
        int node = c.broker().nodeId();
        var broker = draft.image().broker(node).orElseThrow();
        if (!broker.liveness().directoryOffline()) {
            draft.emit(new BrokerRecord(broker.takeDirectoryOffline()));
            var leaving = Set.of(node);
            draft.eachReplica(node, (id, p) -> {
                var next = draft.membership().without(p, leaving, draft.image()::isEligible);
                if (p.durability() != Durability.WRITTEN) {
                    return next;
                }
                draft.distrust(id, node);
                return draft.membership().forget(next, node);
            });
        }
        return new Done();
    }

    /** P34. A damaged copy is nobody to wait for: in isr or elr it would block every other election for ever. */
    static CommandResult reportDamage(Draft draft, ReportDamage c) {
        var refusal = Refusals.notCurrent(draft.image(), c.broker());
        if (refusal.isPresent()) {
            return new Rejected(refusal.get());
        }
        int node = c.broker().nodeId();
        var broker = draft.image().broker(node).orElseThrow();
        var found = new TreeSet<ReplicaId>();
        for (var id : c.replicas()) {
            boolean held = draft.image()
                    .topics()
                    .find(id)
                    .map(p -> p.replicas().contains(node))
                    .orElse(false);
            if (held && !broker.isDamaged(id)) {
                found.add(id);
            }
        }
        if (!found.isEmpty()) {
            draft.emit(new BrokerRecord(broker.damaged(found)));
        }
        IntPredicate others = n -> n != node && draft.image().isEligible(n);
        for (var id : found) {
            var p = draft.image().topics().find(id).orElseThrow();
            draft.distrust(id, node);
            var membership = draft.membership();
            draft.emit(id.topicId(), membership.forget(membership.without(p, Set.of(node), others), node));
        }
        return new Done();
    }

    /**
     * P34. The copy is an empty one now, and may be taken in when it is full again. What the leader learnt of the old one it
     * must not count any more, and nothing else ends it, for the node is registered as before: so a new leader epoch
     * begins (P4). Of a partition without a leader the old copy may be what somebody needs; its node waits.
     */
    static CommandResult reportFreshStart(Draft draft, ReportFreshStart c) {
        var refusal = Refusals.notCurrent(draft.image(), c.broker());
        if (refusal.isPresent()) {
            return new Rejected(refusal.get());
        }
        int node = c.broker().nodeId();
        var broker = draft.image().broker(node).orElseThrow();
        var fresh = new TreeSet<ReplicaId>();
        c.replicas().stream().filter(broker::isDamaged).forEach(fresh::add);
        if (fresh.isEmpty()) {
            return new Done();
        }
        draft.emit(new BrokerRecord(broker.startedAfresh(fresh)));
        for (var id : fresh) {
            draft.image().topics().find(id).filter(p -> p.hasLeader()).ifPresent(p -> {
                var next = new Leadership(p.leader(), p.leaderEpoch() + 1);
                draft.emit(id.topicId(), p.next(p.inSync(), next));
            });
        }
        return new Done();
    }
}
