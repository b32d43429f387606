// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.replica;

import io.varve.replication.protocol.ReplicaMessage;
import io.varve.storage.Chunk;
import io.varve.storage.EpochEntry;
import java.util.stream.Collectors;

/** Messages as one reads them in a golden conversation. */
final class ReplicaText {
    private ReplicaText() {}

    static String of(ReplicaMessage message) {
        String text = "e" + message.leaderEpoch() + " s" + message.session() + " ";
        if (message instanceof ReplicaMessage.Open) {
            return text + "Open";
        } else if (message instanceof ReplicaMessage.State state) {
            return text + "State end=" + state.logEndOffset() + " hw=" + state.highWatermark() + " chain="
                    + state.epochs().entries().stream().map(ReplicaText::of).collect(Collectors.joining(","));
        } else if (message instanceof ReplicaMessage.Truncate truncate) {
            return text + (truncate.reset() ? "Reset to=" : "Truncate to=") + truncate.toOffset();
        } else if (message instanceof ReplicaMessage.Producers producers) {
            return text + "Producers part=" + producers.part();
        } else if (message instanceof ReplicaMessage.Append append) {
            return text + "Append base=" + append.baseOffset() + " prev=" + append.prevEpoch() + " hw="
                    + append.leader().highWatermark() + " batches="
                    + append.chunks().stream().map(ReplicaText::of).collect(Collectors.joining(","));
        } else if (message instanceof ReplicaMessage.Commit commit) {
            return text + "Commit hw=" + commit.highWatermark();
        } else if (message instanceof ReplicaMessage.Ack ack) {
            return text + "Ack written=" + ack.writtenEndOffset() + " flushed=" + ack.flushedEndOffset();
        } else if (message instanceof ReplicaMessage.Nack nack) {
            return text + "Nack " + nack.code();
        }
        throw new IllegalArgumentException(message.toString());
    }

    private static String of(EpochEntry entry) {
        return entry.leaderEpoch() + "@" + entry.startOffset();
    }

    private static String of(Chunk chunk) {
        return chunk.baseOffset() + "-" + chunk.lastOffset() + "e" + chunk.leaderEpoch();
    }
}
