// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

import io.varve.storage.LogId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What an idempotent producer sent is committed in the order of its sequences, without a gap, and no record
 * twice.
 */
final class Idempotence extends Invariant {
    private record Place(LogId id, long producer) {}

    private static final class Progress {
        short epoch = -1;
        int nextSequence;
    }

    private final Map<Place, Progress> progress = new HashMap<>();
    private final Map<Place, Set<Long>> values = new HashMap<>();

    Idempotence(Evidence evidence) {
        super("I16", evidence);
    }

    @Override
    void advanced(ReplicaMirror leader, ReplicaView view, int fromIndex) {
        for (int i = fromIndex; i < leader.partition.committed.size(); i++) {
            add(leader.partition, leader.partition.committed.at(i));
        }
    }

    @Override
    void forgiven(PartitionTruth partition) {
        progress.keySet().removeIf(place -> place.id().equals(partition.id));
        values.keySet().removeIf(place -> place.id().equals(partition.id));
        for (int i = 0; i < partition.committed.size(); i++) {
            add(partition, partition.committed.at(i));
        }
    }

    private void add(PartitionTruth partition, BatchSeen batch) {
        Ledger.Sent sent = evidence.ledger.batch(batch.batchId());
        if (sent == null || !sent.sending().isIdempotent()) {
            return;
        }
        Sending sending = sent.sending();
        Progress now = progress.computeIfAbsent(new Place(partition.id, sending.producerId()), place -> new Progress());
        boolean next = sending.producerEpoch() == now.epoch
                ? sending.baseSequence() == now.nextSequence
                : sending.producerEpoch() > now.epoch && sending.baseSequence() == 0;
        if (!next) {
            fail(
                    partition.id,
                    sending + " is committed at " + batch + "; expected was sequence " + now.nextSequence + " of epoch "
                            + now.epoch);
        }
        now.epoch = sending.producerEpoch();
        now.nextSequence = (sending.baseSequence() + sending.count()) & Integer.MAX_VALUE;
        if (!values.computeIfAbsent(new Place(partition.id, sending.producer()), place -> new HashSet<>())
                .add(sending.firstValue())) {
            fail(partition.id, "the records of " + sending + " are committed twice, again at " + batch);
        }
    }
}
