// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.replica;

import io.varve.replication.follower.FollowerLog;
import io.varve.replication.leader.ProducerStates;
import io.varve.replication.protocol.Rule;
import io.varve.replication.protocol.Rules;
import io.varve.storage.Chunk;
import io.varve.storage.EpochEntry;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The log as its follower sees it, and the producers' state that goes with it: what is appended is remembered, what is cut away makes it stale (P10,
 * P41). Invariant: while it is valid it equals a replay of the log as staged (I18). *Confined to the loop.*
 */
final class KeptProducers implements FollowerLog {
    private final ReplicaLog log;
    private final Rules rules;
    private ProducerStates states = new ProducerStates();
    private boolean valid;

    KeptProducers(ReplicaLog log, Rules rules) {
        this.log = log;
        this.rules = rules;
        this.valid = log.stagedEndOffset() == 0 && !log.failed(); // a log without records has no producers
    }

    /** Changed by whoever leads or follows. */
    ProducerStates states() {
        return states;
    }

    boolean areValid() {
        return valid;
    }

    void replayed(ProducerStates of) {
        states = of;
        valid = true;
    }

    /** The log has no record, and its leader said what there was before. */
    void shipped(ByteBuffer encoded) {
        states = ProducerStates.decode(encoded);
        valid = true;
    }

    /** The log is about to lose what lies from {@code offset} on. */
    void cutTo(long offset) {
        if (offset < log.stagedEndOffset() && rules.keep(Rule.PRODUCER_STATE_NOT_ROLLED_BACK)) {
            valid = false;
        }
    }

    /** The log is about to lose everything. */
    void dropped() {
        if (rules.keep(Rule.PRODUCER_STATE_NOT_ROLLED_BACK)) {
            states = new ProducerStates();
            valid = true;
        }
    }

    /** Nobody knows what the log kept. */
    void lost() {
        valid = false;
    }

    boolean hasEpochFrom(long offset) {
        List<EpochEntry> chain = log.epochChain();
        return !chain.isEmpty() && chain.get(chain.size() - 1).startOffset() >= offset;
    }

    @Override
    public boolean accept(Chunk chunk, long nowMillis) {
        boolean handedOver = false;
        try {
            if (valid) {
                states.replay(chunk.nioBuffer(), 0, nowMillis);
            }
            handedOver = true;
            return log.stage(chunk);
        } finally {
            if (!handedOver) {
                chunk.release();
            }
        }
    }

    @Override
    public long logStartOffset() {
        return log.logStartOffset();
    }

    @Override
    public long stagedEndOffset() {
        return log.stagedEndOffset();
    }

    @Override
    public long writtenEndOffset() {
        return log.writtenEndOffset();
    }

    @Override
    public long flushedEndOffset() {
        return log.flushedEndOffset();
    }

    @Override
    public long stagedBytes() {
        return log.stagedBytes();
    }

    @Override
    public List<EpochEntry> epochChain() {
        return log.epochChain();
    }
}
