// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.machine;

import io.varve.metadata.command.CommandBody.ActivateController;
import io.varve.metadata.command.CommandBody.AllocateProducerIds;
import io.varve.metadata.command.CommandBody.FenceBrokers;
import io.varve.metadata.command.CommandBody.RegisterBroker;
import io.varve.metadata.command.CommandBody.UnfenceBroker;
import io.varve.metadata.image.BrokerImage;
import io.varve.metadata.image.CommandResult;
import io.varve.metadata.image.CommandResult.BrokerRegistered;
import io.varve.metadata.image.CommandResult.Done;
import io.varve.metadata.image.CommandResult.ProducerIds;
import io.varve.metadata.image.CommandResult.Rejected;
import io.varve.metadata.image.ControllerImage;
import io.varve.metadata.image.Durability;
import io.varve.metadata.image.MetadataError;
import io.varve.metadata.image.MetadataRecord.BrokerRecord;
import io.varve.metadata.image.MetadataRecord.ControllerRecord;
import io.varve.metadata.image.MetadataRecord.ProducerIdsRecord;
import io.varve.metadata.image.PartitionImage;
import io.varve.proto.v1.ErrorReason;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/** Commands about nodes: the controller, registration, fencing, producer ids. */
final class BrokerCommands {

    /** Producer ids given out at once. */
    static final int PRODUCER_ID_BLOCK = 1000;

    private BrokerCommands() {}

    static CommandResult activate(Draft draft, ActivateController c) {
        if (c.nodeId() < 1) {
            return invalid("node id " + c.nodeId() + " is below 1");
        }
        draft.emit(new ControllerRecord(
                new ControllerImage(c.nodeId(), c.incarnation(), draft.context().term())));
        return new Done();
    }

    /**
     * P28. The old incarnation is fenced first, which costs it all leadership; then
     * the replicas that may have lost acknowledged records leave the elr as well.
     */
    static CommandResult register(Draft draft, RegisterBroker c) {
        var old = draft.image().broker(c.nodeId());
        var refusal = refusal(draft, c, old);
        if (refusal.isPresent()) {
            return new Rejected(refusal.get());
        }
        if (old.isPresent()
                && old.get().identity().incarnation().equals(c.identity().incarnation())
                && sameDirectory(old.get(), c)) {
            // The same process once more, which never heard the answer.
            return new BrokerRegistered(old.get().epoch());
        }
        boolean keepIsr = !draft.rules().keep(MachineRule.UNCLEAN_KEEPS_ISR);
        long lastUnfenced = old.map(b -> b.liveness().lastUnfencedEpoch()).orElse(0L);
        boolean fenced = !keepIsr || old.map(BrokerImage::fenced).orElse(true);
        draft.emit(new BrokerRecord(new BrokerImage(
                c.nodeId(),
                draft.context().index(),
                c.identity(),
                c.endpoints(),
                c.rack(),
                c.features(),
                new BrokerImage.Liveness(fenced, false, lastUnfenced),
                c.damaged())));
        var leaving = Set.of(c.nodeId());
        boolean otherDisk = old.map(b -> !sameDirectory(b, c)).orElse(false);
        // A lower epoch than one it was unfenced under: the disk is an older copy of itself (P29).
        boolean diskUnclean = otherDisk || c.previousBrokerEpoch() < lastUnfenced;
        draft.eachReplica(c.nodeId(), (id, p) -> {
            var next = keepIsr ? p : draft.membership().without(p, leaving, draft.image()::isEligible);
            boolean unclean = diskUnclean
                    || (p.durability() == Durability.WRITTEN && !c.clean())
                    || c.damaged().contains(id);
            if (unclean && draft.rules().keep(MachineRule.UNCLEAN_KEEPS_ELR)) {
                if (!keepIsr) {
                    draft.distrust(id, c.nodeId());
                }
                next = draft.membership().forget(next, c.nodeId());
            }
            return otherDisk ? moved(next, c.nodeId(), c.identity().directoryId()) : next;
        });
        return new BrokerRegistered(draft.context().index());
    }

    private static Optional<MetadataError> refusal(Draft draft, RegisterBroker c, Optional<BrokerImage> old) {
        if (c.nodeId() < 1) {
            return Optional.of(MetadataError.of(
                    ErrorReason.ERROR_REASON_INVALID_REQUEST, "node id " + c.nodeId() + " is below 1"));
        }
        for (var e : c.endpoints()) {
            if (e.host().isEmpty() || e.port() < 1 || e.port() > 65_535) {
                return Optional.of(MetadataError.of(
                        ErrorReason.ERROR_REASON_INVALID_REQUEST,
                        "node " + c.nodeId() + ": listener " + e.name() + " has no valid address: " + e.host() + ":"
                                + e.port()));
            }
        }
        int level = draft.image().featureLevel();
        if (!c.features().contains(level)) {
            return Optional.of(MetadataError.of(
                    ErrorReason.ERROR_REASON_UNSUPPORTED_VERSION,
                    "node " + c.nodeId() + " understands feature levels "
                            + c.features().min() + " to " + c.features().max() + ", the cluster is at " + level,
                    "run a version of the software that understands level " + level));
        }
        if (old.isPresent() && !old.get().fenced() && !sameDirectory(old.get(), c)) {
            return Optional.of(MetadataError.of(
                    ErrorReason.ERROR_REASON_DUPLICATE_BROKER_REGISTRATION,
                    "node id " + c.nodeId() + " is alive with directory "
                            + old.get().identity().directoryId() + ", this is directory "
                            + c.identity().directoryId(),
                    "give this node another id, or stop the other one and wait until it is fenced"));
        }
        return draft.image().brokers().values().stream()
                .filter(b -> b.id() != c.nodeId() && sameDirectory(b, c))
                .findFirst()
                .map(b -> MetadataError.of(
                        ErrorReason.ERROR_REASON_DUPLICATE_BROKER_REGISTRATION,
                        "directory " + c.identity().directoryId() + " belongs to node " + b.id() + ", not to node "
                                + c.nodeId(),
                        "a directory must not be copied to another node: format a new one"));
    }

    private static boolean sameDirectory(BrokerImage b, RegisterBroker c) {
        return b.identity().directoryId().equals(c.identity().directoryId());
    }

    private static PartitionImage moved(PartitionImage p, int node, UUID directory) {
        var directories = new java.util.ArrayList<>(p.assignment().directories());
        directories.set(p.replicas().indexOf(node), directory);
        return new PartitionImage(
                p.partition(),
                new PartitionImage.Assignment(p.replicas(), directories),
                p.inSync(),
                p.leadership(),
                p.partitionEpoch() + 1,
                p.minIsr(),
                p.durability(),
                p.lastUncleanEpoch());
    }

    /** Nodes that were registered again since, or are fenced already, are left alone. */
    static CommandResult fence(Draft draft, FenceBrokers c) {
        var fenced = new TreeSet<Integer>();
        for (var ref : c.brokers()) {
            var broker = draft.image().broker(ref.nodeId());
            if (broker.isPresent()
                    && broker.get().epoch() == ref.brokerEpoch()
                    && !broker.get().fenced()) {
                fenced.add(ref.nodeId());
                draft.emit(new BrokerRecord(broker.get().fence()));
            }
        }
        if (!fenced.isEmpty()) {
            draft.eachPartition((id, p) -> draft.membership().without(p, fenced, draft.image()::isEligible));
        }
        return new Done();
    }

    static CommandResult unfence(Draft draft, UnfenceBroker c) {
        var refusal = Refusals.notCurrent(draft.image(), c.broker());
        if (refusal.isPresent()) {
            return new Rejected(refusal.get());
        }
        int node = c.broker().nodeId();
        var broker = draft.image().broker(node).orElseThrow();
        if (broker.liveness().directoryOffline()) {
            return new Rejected(MetadataError.of(
                    ErrorReason.ERROR_REASON_KAFKA_STORAGE_ERROR,
                    "node " + node + ": its data directory failed under broker epoch " + broker.epoch(),
                    "look at its disk, then restart the node"));
        }
        if (broker.fenced()) {
            draft.emit(new BrokerRecord(broker.unfence()));
            draft.eachReplica(node, (id, p) -> draft.membership().elect(p, draft.image()::isEligible));
        }
        return new Done();
    }

    static CommandResult allocateProducerIds(Draft draft, AllocateProducerIds c) {
        var refusal = Refusals.notCurrent(draft.image(), c.broker());
        if (refusal.isPresent()) {
            return new Rejected(refusal.get());
        }
        long first = draft.image().nextProducerId();
        if (first > Long.MAX_VALUE - PRODUCER_ID_BLOCK) {
            return new Rejected(MetadataError.of(
                    ErrorReason.ERROR_REASON_UNKNOWN_SERVER_ERROR, "producer ids are used up at " + first));
        }
        draft.emit(new ProducerIdsRecord(first + PRODUCER_ID_BLOCK));
        return new ProducerIds(first, PRODUCER_ID_BLOCK);
    }

    private static CommandResult invalid(String message) {
        return new Rejected(MetadataError.of(ErrorReason.ERROR_REASON_INVALID_REQUEST, message));
    }
}
