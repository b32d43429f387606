// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.machine;

import io.varve.metadata.command.CommandBody.BeginShutdown;
import io.varve.metadata.command.CommandBody.TakeDirectoryOffline;
import io.varve.metadata.image.CommandResult;
import io.varve.metadata.image.CommandResult.Done;
import io.varve.metadata.image.CommandResult.Rejected;
import io.varve.metadata.image.Durability;
import io.varve.metadata.image.MetadataRecord.BrokerRecord;
import java.util.Set;

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
}
