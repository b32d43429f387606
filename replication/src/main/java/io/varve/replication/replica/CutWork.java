// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.replica;

import io.varve.replication.InvariantException;
import io.varve.replication.follower.FollowerOutput;
import io.varve.replication.follower.FollowerReplica;
import io.varve.storage.StorageException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A truncation or reset that the follower asked for (P10), step by step: the log, the producers that came with it or a replay of what is left, and then
 * the follower hears of it. *Confined to the loop.*
 */
final class CutWork {
    /** What may pass is waited for; damage no replica survives. */
    interface Trouble {
        void unreadable(String doing, StorageException.Kind kind, String detail);
    }

    private final String name;
    private final ReplicaLog log;
    private final KeptProducers producers;
    private final FollowerReplica follower;
    private final LogWork work;
    private final Trouble trouble;
    private final Runnable goOn;
    private FollowerOutput.@Nullable Cut cut;
    private boolean applied; // what is left of it are the producers
    private boolean producersTaken;

    CutWork(
            String name,
            ReplicaLog log,
            KeptProducers producers,
            FollowerReplica follower,
            LogWork work,
            Trouble trouble,
            Runnable goOn) {
        this.name = name;
        this.log = log;
        this.producers = producers;
        this.follower = follower;
        this.work = work;
        this.trouble = trouble;
        this.goOn = goOn;
    }

    void begin(FollowerOutput.Cut asked) {
        cut = asked;
        applied = false;
        producersTaken = false;
    }

    boolean isDue() {
        return cut != null;
    }

    /** If nothing of it is done or under way. */
    void drop() {
        if (cut != null && !applied && !work.isBusy()) {
            cut = null;
            follower.cutDropped();
        }
    }

    /** The next step. Nothing is staged, and nothing else is under way. */
    void advance() {
        FollowerOutput.Cut asked = cut;
        if (asked == null) {
            return;
        }
        ByteBuffer shipped = producersTaken ? null : asked.producers();
        if (!applied) {
            apply(asked);
        } else if (shipped != null && follower.isCutting()) {
            take(shipped);
        } else if (!producers.areValid() && follower.isCutting()) {
            work.replayProducers( // now, so that a failover need not
                    producers::replayed, (kind, detail) -> trouble.unreadable("replaying the producers", kind, detail));
        } else {
            cut = null;
            follower.cutDone();
            goOn.run();
        }
    }

    private void apply(FollowerOutput.Cut asked) {
        LogWork.Failure failure = (kind, detail) -> trouble.unreadable("truncation", kind, detail);
        if (asked.reset()) {
            if (asked.producers() == null) {
                producers.dropped();
            } else {
                producers.lost(); // until those that came are taken
            }
            work.resetTo(asked.toOffset(), end -> applied(), failure);
        } else if (asked.toOffset() < log.stagedEndOffset() || producers.hasEpochFrom(asked.toOffset())) {
            producers.cutTo(asked.toOffset());
            work.truncateTo(asked.toOffset(), end -> applied(), failure);
        } else {
            applied = true;
            goOn.run();
        }
    }

    private void applied() {
        applied = true;
        follower.logCut();
    }

    /** P41: on disk before the first append, or a restart would know less than the leader. */
    private void take(ByteBuffer encoded) {
        if (log.logStartOffset() != log.stagedEndOffset()) {
            throw new InvariantException("partition " + name + ": producers came for a log with records from "
                    + log.logStartOffset() + " to " + log.stagedEndOffset());
        }
        producers.shipped(encoded);
        work.keepProducers(
                encoded,
                start -> producersTaken = true,
                (kind, detail) -> trouble.unreadable("keeping the producers", kind, detail));
    }
}
