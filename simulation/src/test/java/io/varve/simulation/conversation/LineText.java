// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.conversation;

import io.varve.metadata.image.PartitionImage;
import io.varve.replication.AppendResult;
import io.varve.replication.protocol.InSyncProposal;
import io.varve.replication.protocol.ReplicaMessage;
import io.varve.storage.Chunk;
import io.varve.storage.EpochEntry;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Messages and events as lines that people read. */
final class LineText {
    private LineText() {}

    static String line(String who, String stream, String what) {
        return String.format(Locale.ROOT, "%-15s %-8s %s", who, stream, what).stripTrailing();
    }

    static String of(ReplicaMessage m) {
        String head = String.format(
                Locale.ROOT,
                "%-8s p%d e%d s%d ",
                m.getClass().getSimpleName(),
                m.partition().partition(),
                m.leaderEpoch(),
                m.session());
        return head + body(m);
    }

    private static String body(ReplicaMessage m) {
        if (m instanceof ReplicaMessage.Open open) {
            return "to be " + open.targetBrokerEpoch() + " from be " + open.leaderBrokerEpoch() + " metadata "
                    + open.metadataIndex()
                    + (open.epochsBelow() == Integer.MAX_VALUE ? "" : " epochs below " + open.epochsBelow());
        } else if (m instanceof ReplicaMessage.State state) {
            return "[" + state.logStartOffset() + ", " + state.logEndOffset() + ") hw " + state.highWatermark()
                    + " epochs "
                    + state.epochs().entries().stream().map(LineText::of).toList()
                    + (state.epochs().complete() ? "" : " and older ones");
        } else if (m instanceof ReplicaMessage.Truncate truncate) {
            return (truncate.reset() ? "everything, begin at " : "to ")
                    + truncate.toOffset()
                    + (truncate.producerParts() > 0 ? " with the producers" : "");
        } else if (m instanceof ReplicaMessage.Producers producers) {
            return "part " + producers.part();
        } else if (m instanceof ReplicaMessage.Append append) {
            return "[" + append.baseOffset() + ", " + endOffset(append) + ") prev e" + append.prevEpoch() + " hw "
                    + append.leader().highWatermark() + epochs(append);
        } else if (m instanceof ReplicaMessage.Commit commit) {
            return "hw " + commit.highWatermark();
        } else if (m instanceof ReplicaMessage.Ack ack) {
            return "written " + ack.writtenEndOffset() + " flushed " + ack.flushedEndOffset();
        } else if (m instanceof ReplicaMessage.Nack nack) {
            return nack.code() + " (" + nack.detail() + ")";
        }
        throw new IllegalArgumentException(m.toString());
    }

    private static String of(EpochEntry entry) {
        return "e" + entry.leaderEpoch() + " from " + entry.startOffset();
    }

    private static long endOffset(ReplicaMessage.Append append) {
        List<Chunk> chunks = append.chunks();
        return chunks.isEmpty()
                ? append.baseOffset()
                : chunks.get(chunks.size() - 1).endOffset();
    }

    /** Of the batches, if they are of an older epoch than the message. */
    private static String epochs(ReplicaMessage.Append append) {
        String older = append.chunks().stream()
                .filter(chunk -> chunk.leaderEpoch() < append.leaderEpoch())
                .map(chunk -> "e" + chunk.leaderEpoch() + " [" + chunk.baseOffset() + ", " + chunk.endOffset() + ")")
                .collect(Collectors.joining(", "));
        return older.isEmpty() ? "" : " with " + older;
    }

    static String of(PartitionImage p) {
        return (p.hasLeader() ? "node " + p.leader() + " leads" : "nobody leads") + ", e" + p.leaderEpoch()
                + ", in sync " + p.isr() + ", eligible " + p.elr() + " (partition epoch " + p.partitionEpoch() + ")";
    }

    static String of(InSyncProposal proposal) {
        return "in sync "
                + proposal.newIsr().stream().map(InSyncProposal.Member::nodeId).toList()
                + "? e" + proposal.leaderEpoch() + ", partition epoch " + proposal.partitionEpoch();
    }

    static String of(AppendResult result) {
        if (result instanceof AppendResult.Appended appended) {
            return "stored from " + appended.baseOffset() + " on";
        } else if (result instanceof AppendResult.Rejected rejected) {
            return "refused: " + rejected.reason();
        } else if (result instanceof AppendResult.Indeterminate indeterminate) {
            return "unknown: " + indeterminate.reason();
        }
        throw new IllegalArgumentException(result.toString());
    }
}
