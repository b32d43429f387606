// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.replica;

import io.varve.replication.leader.ProducerStates;
import io.varve.storage.StorageException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * The one change of the log that is under way, if any. A completion that comes after {@link #abandon}, or a second time, does nothing. *Confined to the
 * loop.*
 */
final class LogWork {
    /** Hears why a change failed. */
    interface Failure {
        void failed(StorageException.Kind kind, String detail);
    }

    private final ReplicaLog log;
    private final Consumer<Runnable> events; // runs what a completion brings as an event of the replica
    private long generation;
    private boolean busy;

    LogWork(ReplicaLog log, Consumer<Runnable> events) {
        this.log = log;
        this.events = events;
    }

    boolean isBusy() {
        return busy;
    }

    /** What is under way goes on, but nobody hears of it. */
    void abandon() {
        generation++;
        busy = false;
    }

    void truncateTo(long offset, LongConsumer then, Failure failure) {
        log.truncateTo(offset, begin(then, failure));
    }

    void resetTo(long offset, LongConsumer then, Failure failure) {
        log.resetTo(offset, begin(then, failure));
    }

    void reopen(LongConsumer then, Failure failure) {
        log.reopen(begin(then, failure));
    }

    void keepProducers(ByteBuffer encoded, LongConsumer then, Failure failure) {
        log.keepProducers(encoded, begin(then, failure));
    }

    void replayProducers(Consumer<ProducerStates> then, Failure failure) {
        long mine = start();
        log.replayProducers(new ReplicaLog.ProducersDone() {
            @Override
            public void replayed(ProducerStates states) {
                finish(mine, () -> then.accept(states));
            }

            @Override
            public void failed(StorageException.Kind kind, String detail) {
                finish(mine, () -> failure.failed(kind, detail));
            }
        });
    }

    private ReplicaLog.Done begin(LongConsumer then, Failure failure) {
        long mine = start();
        return new ReplicaLog.Done() {
            @Override
            public void done(long logEndOffset) {
                finish(mine, () -> then.accept(logEndOffset));
            }

            @Override
            public void failed(StorageException.Kind kind, String detail) {
                finish(mine, () -> failure.failed(kind, detail));
            }
        };
    }

    private long start() {
        busy = true;
        return ++generation;
    }

    private void finish(long mine, Runnable then) {
        if (busy && mine == generation) {
            busy = false;
            events.accept(then);
        }
    }
}
