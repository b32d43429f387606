// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.machine;

import io.varve.metadata.image.MetadataDelta;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.MetadataRecord;
import io.varve.metadata.image.MetadataRecord.PartitionRecord;
import io.varve.metadata.image.PartitionImage;
import io.varve.metadata.image.ReplicaId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/** The image in the making, and the records that made it, while one command is applied. Dropped if anything fails. */
final class Draft {

    private final MetadataImage before;
    private final ApplyContext context;
    private final Membership membership;
    private final MachineRules rules;
    private final List<MetadataRecord> records = new ArrayList<>();
    // What the invariants need to know about the command: where a node may join that was neither in isr nor elr, and
    // who
    // may have lost records of what.
    private final Set<ReplicaId> admitting = new TreeSet<>();
    private final List<Distrusted> distrusted = new ArrayList<>();
    private MetadataImage image;

    /** A node whose copy of one partition counts for nothing until it joins again (P28). */
    record Distrusted(ReplicaId replica, int node) {}

    /** What becomes of one partition: the same one if nothing does. */
    interface Change {
        PartitionImage next(ReplicaId id, PartitionImage p);
    }

    Draft(MetadataImage before, ApplyContext context, MachineRules rules) {
        this.rules = rules;
        this.membership = new Membership(rules);
        this.before = before;
        this.context = context;
        this.image = before;
    }

    ApplyContext context() {
        return context;
    }

    MetadataImage before() {
        return before;
    }

    MachineRules rules() {
        return rules;
    }

    Membership membership() {
        return membership;
    }

    /** Nodes may join here that were not known to hold everything. */
    void admit(UUID topicId, int partition) {
        admitting.add(new ReplicaId(topicId, partition));
    }

    boolean admits(UUID topicId, int partition) {
        return !admitting.isEmpty() && admitting.contains(new ReplicaId(topicId, partition));
    }

    void distrust(ReplicaId replica, int node) {
        distrusted.add(new Distrusted(replica, node));
    }

    List<Distrusted> distrusted() {
        return distrusted;
    }

    void eachReplica(int node, Change change) {
        eachPartition((id, p) -> p.replicas().contains(node) ? change.next(id, p) : p);
    }

    void eachPartition(Change change) {
        for (var topic : image.topics().all()) {
            for (var p : topic.partitions()) {
                var next = change.next(new ReplicaId(topic.id(), p.partition()), p);
                if (next != p) {
                    emit(topic.id(), next);
                }
            }
        }
    }

    /** As changed so far. */
    MetadataImage image() {
        return image;
    }

    boolean isEmpty() {
        return records.isEmpty();
    }

    List<MetadataRecord> records() {
        return records;
    }

    void emit(MetadataRecord r) {
        image = image.plus(r);
        records.add(r);
    }

    /** Emits a partition unless it is what the image has. */
    void emit(UUID topicId, PartitionImage p) {
        var now = image.partition(topicId, p.partition());
        if (now.isEmpty() || !now.get().equals(p)) {
            emit(new PartitionRecord(topicId, p));
        }
    }

    MetadataImage finish() {
        return image.at(context.index(), context.term());
    }

    MetadataDelta delta() {
        return new MetadataDelta(context.index(), context.term(), before.index(), records);
    }
}
