// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

import io.varve.record.BatchHeader;
import io.varve.replication.leader.ProducerStates;
import java.nio.ByteBuffer;

/**
 * What a replica remembers of producers is what a replay of its log gives; looked at when it begins to lead, and
 * every so often.
 */
final class ProducerStateIsFunctionOfLog extends Invariant {
    private static final int CHECKED_IN_ROUNDS = 4;

    private final ByteBuffer header = ByteBuffer.allocate(BatchHeader.SIZE_BYTES);

    ProducerStateIsFunctionOfLog(Evidence evidence) {
        super("I18", evidence);
    }

    @Override
    void elected(ReplicaMirror leader, ReplicaView view) {
        check(leader, view);
    }

    @Override
    void full(long round) {
        someReplicas(round, CHECKED_IN_ROUNDS, this::check);
    }

    private void check(ReplicaMirror replica, ReplicaView view) {
        ProducerStates kept = view.producers();
        if (kept == null) {
            return;
        }
        ProducerStates replayed = new ProducerStates();
        for (int i = 0; i < replica.log.size(); i++) {
            BatchSeen batch = replica.log.at(i);
            Ledger.Sent sent = evidence.ledger.batch(batch.batchId());
            if (sent == null) {
                return; // Others say what is wrong with that.
            }
            Sending s = sent.sending();
            header.putLong(BatchHeader.BASE_OFFSET_AT, batch.baseOffset());
            header.putInt(BatchHeader.LAST_OFFSET_DELTA_AT, s.count() - 1);
            header.putInt(BatchHeader.RECORD_COUNT_AT, s.count());
            header.putLong(BatchHeader.PRODUCER_ID_AT, s.producerId());
            header.putShort(BatchHeader.PRODUCER_EPOCH_AT, s.producerEpoch());
            header.putInt(BatchHeader.BASE_SEQUENCE_AT, s.baseSequence());
            replayed.replay(header, 0, 0);
        }
        if (!replayed.sameAs(kept)) {
            fail(
                    replica.id(),
                    "node " + replica.node + " remembers " + kept + " of its producers, its log up to "
                            + replica.log.endOffset() + " says " + replayed);
        }
    }
}
