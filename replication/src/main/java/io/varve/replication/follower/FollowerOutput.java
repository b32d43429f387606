// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.follower;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** What the follower has to say beside its answers. Called on the loop; implementations enqueue, and never call the follower back from inside. */
public interface FollowerOutput {
    /** This node's broker epoch (P7). */
    long brokerEpoch();

    /** The metadata index that this replica has applied. */
    long metadataIndex();

    /** A leader acts on newer metadata than this node has (P2). */
    void metadataWanted(int leaderEpoch);

    /** Adopted from a peer, which only a replica that breaks P2 does. */
    void epochAdopted(int leaderEpoch);

    /**
     * Makes the log a prefix of the leader's, and its producers' state that of the log (P10), also when there is nothing to remove. Answered by
     * {@link FollowerReplica#cutDone}, or by {@link FollowerReplica#cutDropped} if the log was not touched.
     */
    void cut(Cut cut);

    /** Everything below it is committed. Once per move. */
    void highWatermarkMoved(long highWatermark);

    /** The log may begin at {@code offset}, as the leader's does: everything below is committed here, too (P37). Said again until it does. */
    void startWanted(long offset);

    /** Whether the log's start is on its way, so that nobody can say where the log begins. Its end is told by {@link FollowerReplica#startSettled}. */
    boolean isStartMoving();

    /**
     * What to remove.
     *
     * @param reset everything, to begin anew at {@code toOffset}
     * @param producers the producers' state of the log, which has no record then, as the leader encoded it; null if it is what the log says
     */
    record Cut(long toOffset, boolean reset, @Nullable ByteBuffer producers) {}
}
