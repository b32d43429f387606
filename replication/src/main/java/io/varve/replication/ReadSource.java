// SPDX-License-Identifier: Apache-2.0
package io.varve.replication;

import io.varve.storage.LogTail;
import io.varve.storage.PartitionLog;
import org.jspecify.annotations.Nullable;

/** The partition as its readers see it. Confined to the partition loop, but for {@link #log()}, {@link #runtime()} and {@link #loop()}. */
interface ReadSource {
    String name();

    PartitionLoop loop();

    PartitionRuntime runtime();

    PartitionLog log();

    LogTail tail();

    /** Why nobody can read here now; null while the replica leads and hears its controller. */
    OffsetAnswer.@Nullable Refused whyNotReadable(int leaderEpochOfReader);

    int leaderEpoch();

    /** Up to where readers may read (P18). */
    long highWatermark();

    /** What a reader is told that met damage, which is never sent (P34): to look for another leader, if there is to be one. */
    RejectReason damagedReason();

    void remove(PartitionReader reader);

    /** A reader's event threw: the replica stops. */
    void failed(Throwable cause);
}
