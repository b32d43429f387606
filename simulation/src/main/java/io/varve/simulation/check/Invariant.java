// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

import io.varve.metadata.image.MetadataImage;
import io.varve.replication.Acks;
import io.varve.storage.LogId;
import java.util.List;
import java.util.UUID;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Something that always holds. Overrides what it wants to hear of; the mirrors are as told with each. */
abstract class Invariant {
    final Evidence evidence;
    private final String id;

    /** @param id {@code I3} for example */
    Invariant(String id, Evidence evidence) {
        this.id = id;
        this.evidence = evidence;
    }

    /** Its number and its name, for tables. */
    final String title() {
        return id + " " + getClass().getSimpleName();
    }

    final void fail(@Nullable LogId partition, String text) {
        evidence.report(id, partition, text);
    }

    /** Before the mirror has the batch. */
    void appending(ReplicaMirror replica, BatchSeen batch) {}

    /** Before the mirror is cut. */
    void truncating(ReplicaMirror replica, long newEndOffset) {}

    /** After the mirror was replaced. */
    void recovered(ReplicaMirror replica, List<BatchSeen> found) {}

    /** A log was opened, and holds no more than the first {@code same} batches of what was there before; the mirror was replaced. */
    void shortened(ReplicaMirror replica, MirrorLog before, int same) {}

    void removed(ReplicaMirror replica) {}

    void started(int node, UUID incarnation, Stop before) {}

    /** A partition is new, or changed; the truth has its new image. */
    void changed(PartitionTruth partition, MetadataImage now) {}

    /** After all {@link #changed} of the same entry. */
    void committed(MetadataImage now) {}

    void applied(int node, MetadataImage image) {}

    /** A replica begins to lead an epoch. */
    void elected(ReplicaMirror leader, ReplicaView view) {}

    /** A leader's high watermark is above everything committed so far; nothing is taken over yet. */
    void advancing(ReplicaMirror leader, ReplicaView view) {}

    /** The committed batches from {@code fromIndex} on are new; {@code view} is of the leader that says so. */
    void advanced(ReplicaMirror leader, ReplicaView view, int fromIndex) {}

    /** After an event of a replica; the mirror still has what was seen last time. */
    void touched(ReplicaMirror replica, ReplicaView view) {}

    void answered(ReplicaMirror replica, Answer answer) {}

    void latestServed(PartitionTruth partition, int node, int leaderEpoch, long offset) {}

    void acked(PartitionTruth partition, long batchId, Sending sending, long baseOffset) {}

    void refused(Ledger.Values values, String topic, int partition) {}

    void read(int consumer, PartitionTruth partition, List<BatchSeen> batches) {}

    void diverged(int consumer, PartitionTruth partition, long position, long endOffset) {}

    void latestSeen(int consumer, PartitionTruth partition, int leaderEpoch, long offset) {}

    /** The truth was cut to where it ends now. */
    void forgiven(PartitionTruth partition) {}

    /** Everything that is too dear to look at after each event. */
    void full(long round) {}

    /** Looks at one in {@code rounds} of the replicas that can be looked at, at others in each round; at all of them in the last one. */
    final void someReplicas(long round, int rounds, BiConsumer<ReplicaMirror, ReplicaView> look) {
        int at = 0;
        for (PartitionTruth partition : evidence.partitions()) {
            for (ReplicaMirror replica : partition.replicas.values()) {
                ReplicaView view = evidence.sound(replica);
                if (view != null && (round < 0 || at++ % rounds == round % rounds)) {
                    look.accept(replica, view);
                }
            }
        }
    }

    /** A successful answer to an append. */
    record Answer(int appendEpoch, Acks acks, long batchId, long baseOffset) {}
}
