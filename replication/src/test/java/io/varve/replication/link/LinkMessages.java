// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.link;

import io.varve.replication.TestBatches;
import io.varve.replication.protocol.EpochPage;
import io.varve.replication.protocol.FollowerPosition;
import io.varve.replication.protocol.LeaderPosition;
import io.varve.replication.protocol.NackCode;
import io.varve.replication.protocol.ReplicaMessage;
import io.varve.storage.Chunk;
import io.varve.storage.LogId;
import java.util.List;
import java.util.UUID;

/** Nodes and messages with what does not matter to a link filled in. */
final class LinkMessages {
    static final UUID CLUSTER = new UUID(1, 1);
    static final NodeIdentity ONE = new NodeIdentity(CLUSTER, 1, new UUID(2, 1), ProtocolRange.CURRENT);
    static final NodeIdentity TWO = new NodeIdentity(CLUSTER, 2, new UUID(2, 2), ProtocolRange.CURRENT);
    static final long ONE_EPOCH = 11;
    static final long TWO_EPOCH = 12;
    static final long MILLI = 1_000_000;

    private LinkMessages() {}

    static LogId partition(int number) {
        return new LogId(new UUID(3, 3), number);
    }

    static ReplicaMessage.Open open(int partition, long session) {
        return open(partition, session, 0, TWO_EPOCH);
    }

    static ReplicaMessage.Open open(int partition, long session, long metadataIndex, long target) {
        return new ReplicaMessage.Open(
                partition(partition), 1, session, metadataIndex, target, ONE_EPOCH, 0, Integer.MAX_VALUE);
    }

    /** One chunk with one record at this offset. */
    static ReplicaMessage.Append append(int partition, long session, long offset, int valueBytes) {
        Chunk chunk = TestBatches.sized(1, valueBytes, 1_000);
        chunk.assign(offset, 1);
        return new ReplicaMessage.Append(
                partition(partition), 1, session, offset, 1, List.of(chunk), new LeaderPosition(0, 0, offset + 1));
    }

    static ReplicaMessage.Truncate truncate(int partition, long session) {
        return new ReplicaMessage.Truncate(partition(partition), 1, session, 0, false);
    }

    static ReplicaMessage.Commit commit(int partition, long session, long highWatermark) {
        return new ReplicaMessage.Commit(partition(partition), 1, session, highWatermark, 0);
    }

    static ReplicaMessage.Ack ack(int partition, long session, long endOffset) {
        return new ReplicaMessage.Ack(partition(partition), 1, session, TWO_EPOCH, endOffset, endOffset);
    }

    static ReplicaMessage.Nack nack(int partition, long session, NackCode code) {
        return new ReplicaMessage.Nack(
                partition(partition), 1, session, TWO_EPOCH, code, new FollowerPosition(1, 0, 0), "");
    }

    static ReplicaMessage.State state(int partition, long session) {
        return new ReplicaMessage.State(
                partition(partition), 1, session, TWO_EPOCH, 0, 0, 0, new EpochPage(List.of(), 0, true));
    }
}
