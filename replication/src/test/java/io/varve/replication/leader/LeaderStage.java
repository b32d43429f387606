// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.leader;

import io.varve.replication.Acks;
import io.varve.replication.Append;
import io.varve.replication.AppendResult;
import io.varve.replication.RejectReason;
import io.varve.replication.ReplicaSettings;
import io.varve.replication.TestBatches;
import io.varve.replication.protocol.EpochPage;
import io.varve.replication.protocol.FollowerPosition;
import io.varve.replication.protocol.InSyncAnswer;
import io.varve.replication.protocol.InSyncProposal;
import io.varve.replication.protocol.Members;
import io.varve.replication.protocol.NackCode;
import io.varve.replication.protocol.PartitionState;
import io.varve.replication.protocol.PeerStream;
import io.varve.replication.protocol.ReplicaMessage;
import io.varve.replication.protocol.Rules;
import io.varve.storage.Chunk;
import io.varve.storage.Durability;
import io.varve.storage.EpochEntry;
import io.varve.storage.LogId;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/** Node 1 leads epoch 3 of a partition of nodes 1, 2 and 3; the test plays everybody else and writes down what the leader says. */
final class LeaderStage implements LeaderOutput, AutoCloseable {
    static final LogId ID = new LogId(new UUID(1, 2), 0);
    static final int EPOCH = 3;
    static final long MILLIS = 1_000_000L;
    static final long SECOND = 1_000 * MILLIS;

    /** Nodes as the leader's metadata has them; broker epoch 10 × node at first. */
    static final class Nodes implements Members {
        final TreeMap<Integer, Long> brokerEpochs = new TreeMap<>();
        final TreeSet<Integer> ineligible = new TreeSet<>();
        long metadataIndex = 100;

        Nodes(int... nodes) {
            for (int node : nodes) {
                brokerEpochs.put(node, 10L * node);
            }
        }

        @Override
        public long metadataIndex() {
            return metadataIndex;
        }

        @Override
        public OptionalLong brokerEpoch(int nodeId) {
            Long epoch = brokerEpochs.get(nodeId);
            return epoch == null ? OptionalLong.empty() : OptionalLong.of(epoch);
        }

        @Override
        public boolean isEligible(int nodeId) {
            return brokerEpochs.containsKey(nodeId) && !ineligible.contains(nodeId);
        }
    }

    private record Sent(int node, ReplicaMessage.ToFollower message) {}

    final FakeLog log = new FakeLog();
    final Nodes nodes = new Nodes(1, 2, 3);
    final List<String> said = new ArrayList<>();
    final List<String> answers = new ArrayList<>();
    final List<InSyncProposal> proposals = new ArrayList<>();
    private final List<Sent> sent = new ArrayList<>();
    final LeaderReplica leader;
    long now = 7 * SECOND;
    int partitionEpoch;
    private long sessions;
    private int appends;

    LeaderStage(Rules rules) {
        this(rules, Durability.FLUSHED, LeaderSettings.DEFAULT);
    }

    LeaderStage(Rules rules, Durability durability, LeaderSettings bounds) {
        ReplicaSettings settings =
                new ReplicaSettings(1, durability, false, 1 << 20, ReplicaSettings.DEFAULT_STAGED_BYTES_MAX);
        log.keepsTail = true;
        leader = new LeaderReplica("t-0", ID, settings, 0, log, this, rules, bounds);
    }

    LeaderStage lead(List<Integer> isr) {
        return lead(EPOCH, isr, 2);
    }

    LeaderStage lead(int leaderEpoch, List<Integer> isr, int minIsr) {
        partitionEpoch++;
        List<Integer> replicas = List.of(1, 2, 3);
        leader.lead(
                new PartitionState(1, leaderEpoch, partitionEpoch, replicas, isr, List.of(), minIsr, 0),
                nodes,
                log.replay(),
                now);
        return turn();
    }

    LeaderStage links(int... up) {
        for (int node : up) {
            leader.linkUp(node, now);
        }
        return turn();
    }

    LeaderStage turn() {
        leader.endOfTurn(now);
        return this;
    }

    LeaderStage pass(long nanos) {
        now += nanos;
        leader.tick(now);
        return turn();
    }

    /** Time passes while every link shows signs of life and every follower that streams acknowledges what it was sent. */
    LeaderStage passAlive(long nanos, int... alive) {
        for (long end = now + nanos; now < end; ) {
            for (int node : alive) {
                leader.linkHeard(node, now);
            }
            pass(Math.min(500 * MILLIS, end - now));
        }
        return this;
    }

    LeaderStage membersChanged() {
        nodes.metadataIndex++;
        leader.membersChanged(nodes, now);
        return turn();
    }

    /** Answers the Open of a follower whose log has the epochs of the chain and ends there. */
    LeaderStage state(int node, long logEndOffset, long highWatermark, EpochEntry... chain) {
        return answer(
                node,
                new ReplicaMessage.State(
                        ID,
                        leader.leaderEpoch(),
                        session(node),
                        nodes.brokerEpoch(node).orElseThrow(),
                        0,
                        logEndOffset,
                        highWatermark,
                        new EpochPage(List.of(chain), logEndOffset, true)));
    }

    LeaderStage ack(int node, long endOffset) {
        return ack(node, endOffset, endOffset);
    }

    LeaderStage ack(int node, long writtenEndOffset, long flushedEndOffset) {
        return answer(node, ackOf(node, session(node), writtenEndOffset, flushedEndOffset));
    }

    ReplicaMessage.Ack ackOf(int node, long session, long written, long flushed) {
        return new ReplicaMessage.Ack(
                ID, leader.leaderEpoch(), session, nodes.brokerEpoch(node).orElseThrow(), written, flushed);
    }

    LeaderStage nack(int node, NackCode code) {
        return nack(node, code, leader.leaderEpoch());
    }

    LeaderStage nack(int node, NackCode code, int currentLeaderEpoch) {
        return answer(
                node,
                new ReplicaMessage.Nack(
                        ID,
                        leader.leaderEpoch(),
                        session(node),
                        nodes.brokerEpoch(node).orElseThrow(),
                        code,
                        new FollowerPosition(currentLeaderEpoch, 0, 0),
                        ""));
    }

    LeaderStage answer(int node, ReplicaMessage.ToLeader answer) {
        leader.onAnswer(node, answer, now);
        return turn();
    }

    /** The whole handshake of a follower that has the leader's log up to {@code endOffset}. */
    LeaderStage streams(int node, long endOffset) {
        List<EpochEntry> chain = log.epochChain().stream()
                .filter(entry -> entry.startOffset() < endOffset)
                .toList();
        return state(node, endOffset, 0, chain.toArray(EpochEntry[]::new)).ack(node, endOffset);
    }

    /** Appends, stages, and lets it be written and flushed here. */
    LeaderStage appendDurably(int records) {
        append(records);
        written(log.stagedEndOffset);
        return turn();
    }

    LeaderStage append(int records) {
        append(TestBatches.of(records), Acks.ALL);
        return turn();
    }

    void append(Chunk chunk, Acks acks) {
        int number = ++appends;
        leader.append(
                new Append(
                        chunk,
                        acks,
                        Append.ANY_EPOCH,
                        now + 3_600 * SECOND,
                        result -> answers.add(number + " " + text(result))),
                now,
                0);
    }

    LeaderStage written(long endOffset) {
        log.writtenEndOffset = endOffset;
        log.flushedEndOffset = endOffset;
        leader.logProgressed(endOffset, endOffset);
        return turn();
    }

    LeaderStage answered(InSyncAnswer.Verdict verdict) {
        leader.onProposalAnswered(
                new InSyncAnswer(leader.leaderEpoch(), lastProposal().partitionEpoch(), verdict), now);
        return turn();
    }

    InSyncProposal lastProposal() {
        return proposals.get(proposals.size() - 1);
    }

    List<Integer> lastProposed() {
        return lastProposal().newIsr().stream()
                .map(InSyncProposal.Member::nodeId)
                .toList();
    }

    FollowerView view(int node) {
        return leader.followers().stream()
                .filter(view -> view.node() == node)
                .findFirst()
                .orElseThrow();
    }

    long session(int node) {
        return view(node).session();
    }

    private static String text(AppendResult result) {
        if (result instanceof AppendResult.Appended appended) {
            return "appended at " + appended.baseOffset();
        }
        if (result instanceof AppendResult.Rejected rejected) {
            return "rejected " + rejected.reason();
        }
        return "indeterminate " + ((AppendResult.Indeterminate) result).reason();
    }

    @Override
    public void close() {
        leader.stop(RejectReason.NETWORK_EXCEPTION, "the end");
        log.close();
    }

    // ---- what the leader says

    @Override
    public void highWatermarkMoved(long highWatermark) {
        said.add("hw " + highWatermark);
    }

    @Override
    public void resigned(int leaderEpoch, RejectReason reason, String detail) {
        said.add("resigned " + leaderEpoch + " " + reason);
    }

    @Override
    public void send(int node, PeerStream stream, ReplicaMessage.ToFollower message) {
        sent.add(new Sent(node, message));
        said.add(node + " " + stream + " " + text(message));
        if (message instanceof ReplicaMessage.Append append) {
            append.release();
        }
    }

    /** Hands over what was sent since; the chunks are released, their places are still to be seen. */
    void deliver(ModelFollower... followers) {
        for (Sent each : sent) {
            for (ModelFollower follower : followers) {
                if (follower.node == each.node() && follower.linkUp) {
                    follower.inbox.add(each.message());
                }
            }
        }
        sent.clear();
    }

    private static String text(ReplicaMessage.ToFollower message) {
        if (message instanceof ReplicaMessage.Open open) {
            return "Open " + open.session() + " to " + open.targetBrokerEpoch()
                    + (open.epochsBelow() == Integer.MAX_VALUE ? "" : " below " + open.epochsBelow());
        }
        if (message instanceof ReplicaMessage.Truncate truncate) {
            return (truncate.reset() ? "Reset " : "Truncate ") + truncate.session() + " to " + truncate.toOffset();
        }
        if (message instanceof ReplicaMessage.Append append) {
            long end = append.chunks().get(append.chunks().size() - 1).endOffset();
            return "Append " + append.session() + " [" + append.baseOffset() + ", " + end + ") after epoch "
                    + append.prevEpoch() + " hw " + append.leader().highWatermark();
        }
        if (message instanceof ReplicaMessage.Producers producers) {
            return "Producers " + producers.session() + " part " + producers.part();
        }
        ReplicaMessage.Commit commit = (ReplicaMessage.Commit) message;
        return "Commit " + commit.session() + " hw " + commit.highWatermark();
    }

    @Override
    public void propose(InSyncProposal proposal) {
        proposals.add(proposal);
        said.add("propose "
                + proposal.newIsr().stream()
                        .map(member -> member.nodeId() + "@" + member.brokerEpoch())
                        .toList() + " at " + proposal.partitionEpoch());
    }

    @Override
    public void metadataWanted(int leaderEpoch) {
        said.add("metadata of epoch " + leaderEpoch + " wanted");
    }

    @Override
    public void damaged(String detail) {
        said.add("damaged " + detail);
    }

    @Override
    public long nextSession() {
        return ++sessions;
    }

    @Override
    public void reopenWanted() {
        said.add("reopen wanted");
    }
}
