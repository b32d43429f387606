// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.check;

import io.varve.record.BatchHeader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Names a batch by 64 bits of what is the same in every copy of it: neither its offset nor its epoch counts. */
public final class BatchId {
    private BatchId() {}

    /** Of the batch whose header begins at {@code at}. Trusts its CRC; {@link #checked} computes it anew. */
    public static long of(ByteBuffer bytes, int at) {
        long id = Integer.toUnsignedLong(BatchHeader.crc(bytes, at));
        id = mix(id ^ ((long) BatchHeader.sizeInBytes(bytes, at) << Integer.SIZE));
        id = mix(id ^ BatchHeader.producerId(bytes, at));
        id = mix(id
                ^ ((long) BatchHeader.producerEpoch(bytes, at) << Integer.SIZE)
                ^ BatchHeader.baseSequence(bytes, at));
        return mix(id
                ^ BatchHeader.baseTimestamp(bytes, at)
                ^ ((long) BatchHeader.recordCount(bytes, at) << Integer.SIZE));
    }

    /** All batches of a run of whole ones, from position to limit; each CRC is computed anew (I22). */
    public static List<BatchSeen> checked(ByteBuffer run) {
        List<BatchSeen> seen = new ArrayList<>();
        for (int at = run.position(); at < run.limit(); at += BatchHeader.sizeInBytes(run, at)) {
            int said = BatchHeader.crc(run, at);
            int found = BatchHeader.computeCrc(run, at);
            if (said != found) {
                throw new IllegalStateException("batch at offset " + BatchHeader.baseOffset(run, at) + " has CRC "
                        + found + ", its header says " + said);
            }
            seen.add(seen(run, at));
        }
        return seen;
    }

    /** The batch whose header begins at {@code at}, at the place that its header names. */
    public static BatchSeen seen(ByteBuffer bytes, int at) {
        return new BatchSeen(
                BatchHeader.baseOffset(bytes, at),
                BatchHeader.nextOffset(bytes, at),
                BatchHeader.partitionLeaderEpoch(bytes, at),
                of(bytes, at));
    }

    static long mix(long z) {
        long x = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        x = (x ^ (x >>> 27)) * 0x94d049bb133111ebL;
        return x ^ (x >>> 31);
    }
}
