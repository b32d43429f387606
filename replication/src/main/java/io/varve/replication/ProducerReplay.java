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

    public static ProducerStates of(PartitionLog log, String partition, long nowMillis) throws StorageException {
        long from = log.logStartOffset();
        ProducerStates states = new ProducerStates();
        Optional<ProducerSnapshot> snapshot = log.latestProducerSnapshot();
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
        if (from < log.writtenEndOffset()) {
            ProducerStates replayed = states;
            log.replayBatches(from, (headers, at) -> replayed.replay(headers, at, nowMillis));
        }
        return states;
    }
}
