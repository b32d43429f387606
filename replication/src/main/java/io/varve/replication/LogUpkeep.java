// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

import io.varve.replication.replica.Replica;
import io.varve.replication.replica.ReplicaStatus.Role;
import io.varve.storage.PartitionLog;
import java.util.concurrent.CompletableFuture;

/** What is done to a partition's log beside appending: retention, trimming, snapshots of its producers. *Confined to the partition loop.* */
final class LogUpkeep {
    private final Replica replica;
    private final PartitionLog log;
    private final PartitionLoop loop;
    private final ProducerSnapshots snapshots;
    private final Runnable touch;

    LogUpkeep(Replica replica, PartitionLog log, PartitionLoop loop, ProducerSnapshots snapshots, Runnable touch) {
        this.replica = replica;
        this.log = log;
        this.loop = loop;
        this.snapshots = snapshots;
        this.touch = touch;
    }

    /** A snapshot of the producers, so that a restart or a new leader replays little; then what is due to the log. */
    void maintain(long nowMillis, long silentMillis, CompletableFuture<Long> start) {
        replica.expireProducers(nowMillis, silentMillis);
        touch.run(); // a follower tries again what its disk refused
        CompletableFuture<Void> kept = new CompletableFuture<>();
        if (replica.role() == Role.LEADING || replica.role() == Role.FOLLOWING) {
            takeSnapshot(kept);
        } else {
            kept.complete(null);
        }
        long nowNanos = loop.nowNanos();
        var unused = kept.thenCompose(none -> log.tidy(nowNanos)).whenComplete((none, failure) -> {
            if (failure != null) {
                start.completeExceptionally(failure);
            } else {
                loop.post(() -> retain(nowMillis, start));
            }
        });
    }

    private void retain(long nowMillis, CompletableFuture<Long> start) {
        if (replica.role() != Role.LEADING) {
            start.complete(log.logStartOffset());
            return;
        }
        replica.retain(nowMillis, new StartMoved() {
            @Override
            public void moved(long logStartOffset) {
                start.complete(logStartOffset);
            }

            @Override
            public void refused(RejectReason reason, String sentence) {
                start.completeExceptionally(new IllegalStateException(sentence));
            }
        });
        touch.run();
    }

    /** Whoever asks has made sure that this replica leads. */
    void trim(long offset, CompletableFuture<OffsetAnswer> answer) {
        int epoch = replica.leaderEpoch();
        replica.trim(offset, new StartMoved() {
            @Override
            public void moved(long logStartOffset) {
                answer.complete(new OffsetAnswer.Found(logStartOffset, OffsetAnswer.NO_TIMESTAMP, epoch));
            }

            @Override
            public void refused(RejectReason reason, String sentence) {
                answer.complete(new OffsetAnswer.Refused(reason, sentence));
            }
        });
        touch.run();
    }

    /** Completes when it was taken, or could not be. */
    void takeSnapshot(CompletableFuture<Void> done) {
        if (replica.producers().isEmpty()) {
            done.complete(null);
            return;
        }
        var unused = snapshots
                .take(replica.producers().get(), log.stagedEndOffset())
                .whenComplete((none, failure) -> done.complete(null));
    }
}
