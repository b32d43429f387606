// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

/** Something that lives on a {@link PartitionLoop} and wants to act once per turn, however many events the turn had for it. */
interface LoopMember {
    /** The turn in which {@link PartitionLoop#touched} was called ends. */
    void endOfTurn();

    /** About every {@link PartitionLoop#TICK_NANOS}; called until it answers false. */
    boolean tick(long nowNanos);

    /** One of the above has thrown. */
    void failed(Throwable cause);
}
