// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.engine;

import java.util.List;

/**
 * What the world does when {@link FaultDriver} asks for it: everything that is more than network, clocks, processes as such, and the controllers' log. Called
 * in events of nobody's process. A node whose process ends is started again by the driver, whoever ended it.
 */
public interface FaultTarget {
    /** Ends the process at once, if one runs. If the power is lost, the disk forgets what was not flushed, in any case. */
    void kill(int node, boolean powerLost);

    /** A new process on the node's disk as it is. Only called while none runs. */
    void start(int node);

    /** The process ends by itself in the given I/O operation from now, the first being 1. Replaces an earlier order. */
    void killInIo(int node, int operations, boolean powerLost);

    /** Every operation of its disk takes that much longer, on average; 0 ends it. */
    void slowDisk(int node, long nanos);

    /** No flush that begins from now on ends, until it is switched off; then all of them do. */
    void stallFlushes(int node, boolean stall);

    /** The given operation from now on, the first being 1, fails, once. */
    void failIo(int node, int operations);

    /** No room for anything more, until it is switched off. */
    void fillDisk(int node, boolean full);

    /**
     * Whether the cluster has promised to survive that this node loses its disk, or gets an old one, now. The answer may be no, and then the fault does not
     * happen.
     */
    boolean mayLoseDisk(int node);

    /** Its disk is empty when it is started next. The process is killed before. */
    void emptyDisk(int node);

    /** Flips a bit of its disk, if the cluster has promised to survive that, and there is one that counts. */
    boolean rot(int node, long which);

    /** Remembers its disk as it is now. The driver asks for it in time before {@link #restoreDisk}. */
    void rememberDisk(int node);

    /** Its disk is as it was remembered last. The process is killed before. False if there is none that may be used. */
    boolean restoreDisk(int node);

    /** Metadata reach this node that much later, on average; 0 ends it. Voters are also slowed by the driver. */
    void delayMetadata(int node, long nanos);

    /** Shuts the node down in order; the process ends when it is done, or after some time anyway. */
    void shutDown(int node);

    /** An administrator does what the fault says: topics, partitions, minima, elections, recovery. */
    void administer(Fault fault);

    /** The end of what {@link #administer} began, for faults that have a duration. */
    void administerEnd(Fault fault);

    /** The nodes that clients are on, to be cut off as well. */
    List<Integer> clients();
}
