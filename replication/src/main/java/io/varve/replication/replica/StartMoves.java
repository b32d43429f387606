// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.replica;

import io.varve.replication.RejectReason;
import io.varve.replication.StartMoved;
import io.varve.storage.StorageException;
import java.util.function.Consumer;

/**
 * What moves the log's start (P37): a leader's retention, somebody who trims it, or the leader's start, which a follower follows. Beside everything else,
 * as appends go on meanwhile; only where the log begins nobody is told before it is done. *Confined to the loop.*
 */
final class StartMoves {
    private static final long FOLLOW_AGAIN_NANOS = 1_000_000_000L;
    private static final StartMoved NOBODY = new StartMoved() {
        @Override
        public void moved(long logStartOffset) {}

        @Override
        public void refused(RejectReason reason, String sentence) {}
    };

    private final String name;
    private final ReplicaLog log;
    private final Consumer<Runnable> events; // does nothing once the replica has stopped
    private final Runnable settled;
    private final Consumer<String> damaged;
    private int underWay;
    private boolean following;
    private boolean failed;
    private long followAgainNanos;

    StartMoves(String name, ReplicaLog log, Consumer<Runnable> events, Runnable settled, Consumer<String> damaged) {
        this.damaged = damaged;
        this.name = name;
        this.log = log;
        this.events = events;
        this.settled = settled;
    }

    boolean isUnderWay() {
        return underWay > 0;
    }

    /** One at a time; what the disk refuses is tried again in a second. */
    void follow(long offset, long highWatermark, long nowNanos) {
        if (following || (failed && nowNanos - followAgainNanos < 0)) {
            return;
        }
        following = true;
        followAgainNanos = nowNanos + FOLLOW_AGAIN_NANOS;
        log.moveStart(offset, highWatermark, false, new Move(NOBODY, true));
    }

    /** To the high watermark if {@code offset} is negative. */
    void trim(long offset, long highWatermark, StartMoved moved) {
        log.moveStart(
                offset < 0 ? highWatermark : Math.min(offset, highWatermark),
                highWatermark,
                true,
                new Move(moved, false));
    }

    void retain(long nowMillis, long highWatermark, StartMoved moved) {
        log.retain(nowMillis, highWatermark, new Move(moved, false));
    }

    private final class Move implements ReplicaLog.Done {
        private final StartMoved moved;
        private final boolean follows;

        Move(StartMoved moved, boolean follows) {
            this.moved = moved;
            this.follows = follows;
            underWay++;
        }

        @Override
        public void done(long logStartOffset) {
            events.accept(() -> ended(false));
            moved.moved(logStartOffset);
        }

        @Override
        public void failed(StorageException.Kind kind, String detail) {
            moved.refused(
                    kind == StorageException.Kind.DISK_FULL ? RejectReason.DISK_FULL : RejectReason.KAFKA_STORAGE_ERROR,
                    "partition " + name + ": its start was not moved: " + detail);
            events.accept(() -> {
                ended(true);
                if (kind == StorageException.Kind.DAMAGED) {
                    damaged.accept("moving its start failed: " + detail); // P34: the only copy goes on
                }
            });
        }

        private void ended(boolean badly) {
            underWay--;
            if (follows) {
                following = false;
                failed = badly;
            }
            if (underWay == 0) {
                settled.run();
            }
        }
    }
}
