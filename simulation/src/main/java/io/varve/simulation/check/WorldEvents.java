// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

import io.varve.metadata.image.MetadataImage;
import io.varve.replication.Acks;
import io.varve.storage.LogId;
import java.util.List;
import java.util.UUID;

/**
 * What the simulated world tells the checks, at the moment when it happens. Calls never change the world.
 */
public interface WorldEvents {
    // ---- logs

    /** A batch was staged; {@code endOffset} is exclusive. */
    void appended(int node, LogId id, long baseOffset, long endOffset, int leaderEpoch, long batchId);

    /** The log is about to be cut to {@code newEndOffset}: from now on what is above may be on the disk, or not. */
    void cutting(int node, LogId id, long newEndOffset);

    /** The log was cut; it ends at {@code newEndOffset} now. */
    void truncated(int node, LogId id, long newEndOffset);

    /** The log has nothing any more, and begins anew at {@code offset}. */
    void begunAnew(int node, LogId id, long offset);

    /** As leader, a node drops what is below {@code offset}: from now on any log may begin there (P37). */
    void startDecided(int node, LogId id, long offset);

    /** The log was opened by a new process, or opened anew after a failure: this is all that it holds. */
    void recovered(int node, LogId id, long logStartOffset, List<BatchSeen> found);

    /**
     * The replica's disk is known to rot, so nobody can say what it would give back: it counts as holding what it held below {@code endOffset}, which is 0
     * when it gave that up.
     */
    void rotted(int node, LogId id, long endOffset);

    /** The node deleted its replica. */
    void removed(int node, LogId id);

    /** The replica stopped itself although its disk did what it was asked: a broken invariant, seen by the code itself. */
    void replicaStopped(int node, LogId id, String why);

    // ---- processes

    /** Just before the process ends: its views still answer. */
    void stopping(int node, Stop how);

    /** A new process begins; {@link #recovered} follows for each log that it opens. */
    void started(int node, UUID incarnation);

    // ---- metadata

    /** The controllers' log committed one more entry, and this is the image after it. Each index once, in order. */
    void committed(MetadataImage image);

    /** The replicas of a node have taken over this image. */
    void applied(int node, MetadataImage image);

    // ---- front door

    /**
     * A node answers an append with success; to be called before the answer leaves.
     *
     * @param appendEpoch the replica's leader epoch when it took the append
     */
    void answered(int node, LogId id, int appendEpoch, Acks acks, long batchId, long baseOffset);

    /** A node answers what the latest offset is. */
    void latestServed(int node, LogId id, int leaderEpoch, long offset);

    // ---- the loop

    /** An event of this replica has been handled, everything of it. */
    void touched(int node, LogId id);

    /** One more event was handled, whatever it was: every so often everything is looked at. */
    void stepped();
}
