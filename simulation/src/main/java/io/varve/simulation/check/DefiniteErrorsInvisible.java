// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

import io.varve.storage.LogId;
import org.jspecify.annotations.Nullable;

/**
 * What a producer was told to have failed for certain is never committed.
 */
final class DefiniteErrorsInvisible extends Invariant {
    DefiniteErrorsInvisible(Evidence evidence) {
        super("I19", evidence);
    }

    @Override
    void advanced(ReplicaMirror leader, ReplicaView view, int fromIndex) {
        PartitionTruth partition = leader.partition;
        for (int i = fromIndex; i < partition.committed.size(); i++) {
            BatchSeen batch = partition.committed.at(i);
            Ledger.Sent sent = evidence.ledger.batch(batch.batchId());
            if (sent != null) {
                sent.values().committed = true;
                check(partition.id, sent.values());
            }
        }
    }

    @Override
    void refused(Ledger.Values values, String topic, int partition) {
        check(null, values);
    }

    private void check(@Nullable LogId id, Ledger.Values values) {
        if (values.committed && values.told == Ledger.Told.REFUSED) {
            fail(id, values.sending + " is committed, but its producer was told that it is not stored");
        }
    }
}
