// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

import io.varve.replication.leader.ProducerStates;
import io.varve.storage.PartitionLog;
import io.varve.storage.ProducerSnapshot;
import io.varve.storage.StorageException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Rebuilds the producers' state from the newest snapshot and the batches after it (P41). Blocks on files. */
public final class ProducerReplay {
    private static final Logger LOG = LoggerFactory.getLogger(ProducerReplay.class);

    private ProducerReplay() {}

    /** As of the log's written end. */
    public static ProducerStates of(PartitionLog log, String partition, long nowMillis) throws StorageException {
        return upTo(log, partition, Long.MAX_VALUE, nowMillis);
    }

    /** As of {@code endOffset}: a batch that reaches beyond it does not count. */
    static ProducerStates upTo(PartitionLog log, String partition, long endOffset, long nowMillis)
            throws StorageException {
        long from = log.logStartOffset();
        ProducerStates states = new ProducerStates();
        Optional<ProducerSnapshot> snapshot = log.producerSnapshot(endOffset);
        if (snapshot.isPresent()) {
            try {
                states = ProducerStates.decode(snapshot.get().state());
                from = snapshot.get().endOffset();
            } catch (IllegalArgumentException e) {
                LOG.warn(
                        "partition {}: replaying the whole log, its snapshot is unreadable: {}",
                        partition,
                        e.getMessage());
                states = new ProducerStates();
            }
        }
        if (from < Math.min(endOffset, log.writtenEndOffset())) {
            ProducerStates replayed = states;
            log.replayBatches(from, endOffset, (headers, at) -> replayed.replay(headers, at, nowMillis));
        }
        return states;
    }
}
