// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.replica;

import io.varve.replication.leader.LeaderLog;
import io.varve.replication.leader.ProducerStates;
import io.varve.storage.StorageException;
import java.nio.ByteBuffer;

/**
 * The log as a replica sees it. Nothing here blocks, and no completion is called inside of the call that asked for it: it comes later on the loop, as an
 * event of its own. A replica asks for one change at a time and stages nothing while one is under way. *Confined to the loop.*
 */
public interface ReplicaLog extends LeaderLog {
    /** Removes everything from {@code offset} on, the epochs that begin there among it (P10). Nothing is staged when this is called. */
    void truncateTo(long offset, Done done);

    /** Drops everything and begins anew, empty, at {@code offset} (P8). Nothing is staged when this is called. */
    void resetTo(long offset, Done done);

    /**
     * Moves the start to min(offset, highWatermark), never back (P37); before that, the producers as of there are kept, so that they can be told of without
     * the records that go (P41). Others may stage meanwhile, but no truncation is asked for.
     *
     * @param durably whether the start is on disk when this is done; else it may fall back with a crash
     */
    void moveStart(long offset, long highWatermark, boolean durably, Done done);

    /** The same, as far as the topic's retention says. */
    void retain(long nowMillis, long highWatermark, Done done);

    /** Durably keeps the producers of a log without records, as of its start. */
    void keepProducers(ByteBuffer encoded, Done done);

    /** What the written log says about its producers (P41), last seen at the time of the replay. Nothing is staged when this is called. */
    void replayProducers(ProducersDone done);

    /** Recovers a failed log in place, and keeps at least what was reported as written. */
    void reopen(Done done);

    /** The next checkpoint writes it; never above what is written. */
    void checkpointHighWatermark(long highWatermark);

    /** Whether it takes nothing until it is reopened. */
    boolean failed();

    /** Hears the end of a change. One of both is called, once. */
    interface Done {
        /** @param offset the log's end, from which staging goes on; or its start, if that was to move */
        void done(long offset);

        void failed(StorageException.Kind kind, String detail);
    }

    /** Hears the end of a replay. One of both is called, once. */
    interface ProducersDone {
        /** @param states handed over */
        void replayed(ProducerStates states);

        void failed(StorageException.Kind kind, String detail);
    }
}
