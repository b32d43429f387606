// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.replica;

import io.varve.replication.InvariantException;
import io.varve.replication.ReplicaSettings;
import io.varve.replication.protocol.InSyncAnswer;
import io.varve.replication.protocol.InSyncProposal;
import io.varve.replication.protocol.PartitionState;
import io.varve.replication.protocol.PeerReplies;
import io.varve.replication.protocol.PeerStream;
import io.varve.replication.protocol.ReplicaMessage;
import io.varve.replication.protocol.Rules;
import io.varve.storage.Durability;
import io.varve.storage.LogId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Consumer;

/** Three replicas of one partition on logs in memory, the streams between them, and a controller. What happens next the test decides. */
final class ReplicaWorld {
    static final LogId ID = new LogId(new UUID(7, 7), 0);
    private static final List<Integer> NODES = List.of(1, 2, 3);

    final TreeMap<Integer, Node> nodes = new TreeMap<>();
    final Map<String, Deque<Runnable>> streams = new LinkedHashMap<>();
    final Deque<Runnable> controller = new ArrayDeque<>();
    final Consumer<String> wire;
    final int min = 2;
    PartitionState state = new PartitionState(1, 1, 1, NODES, NODES, List.of(), min, 0);
    long index = 10;
    long now = 1;

    /** @param wire hears every message when it is delivered */
    ReplicaWorld(Durability durability, Consumer<String> wire) {
        this.wire = wire;
        NODES.forEach(id -> nodes.put(id, new Node(id, durability)));
    }

    Node node(int id) {
        return Objects.requireNonNull(nodes.get(id));
    }

    final class Node implements ReplicaPort {
        final int id;
        final MemoryLog log = new MemoryLog();
        final Replica replica;
        final List<String> failures = new ArrayList<>();
        final TreeMap<Integer, Integer> up = new TreeMap<>(); // peer to generation of the link to it
        long applied;
        private int links;
        private long sessions;

        Node(int id, Durability durability) {
            this.id = id;
            this.replica = new Replica(
                    "t-0", ID, new ReplicaSettings(id, durability, false, 1 << 20, 1 << 20), 0, log, this, Rules.ALL);
        }

        void learn() {
            if (applied < index) {
                applied = index;
                replica.onMetadata(state, ReplicaRig.members(index), now);
                replica.endOfTurn(now);
            }
        }

        void connect(int peer) {
            if (peer != id && !up.containsKey(peer)) {
                up.put(peer, ++links);
                replica.linkUp(peer, now);
                replica.endOfTurn(now);
            }
        }

        void disconnect(int peer) {
            if (up.remove(peer) != null) {
                streams.entrySet().removeIf(entry -> {
                    boolean gone = entry.getKey().startsWith(id + ">" + peer);
                    if (gone) {
                        entry.getValue().forEach(Runnable::run); // of a dead link: they only give back what they hold
                    }
                    return gone;
                });
                replica.linkDown(peer, now);
                replica.endOfTurn(now);
            }
        }

        void write(boolean flush) {
            if (!log.failed) {
                log.write(flush);
                replica.logProgressed(log.written, log.flushed);
                replica.endOfTurn(now);
            }
        }

        void completeOne() {
            if (log.complete()) {
                replica.endOfTurn(now);
            }
        }

        @Override
        public void send(int peer, PeerStream stream, ReplicaMessage.ToFollower message) {
            Integer link = up.get(peer);
            stream(id + ">" + peer + " " + stream).add(() -> {
                if (link == null || !link.equals(up.get(peer))) {
                    if (message instanceof ReplicaMessage.Append append) {
                        append.release();
                    }
                    return;
                }
                wire.accept(id + ">" + peer + " " + ReplicaText.of(message));
                node(peer).replica.onMessage(id, message, replies(peer, stream, link), now, now);
                node(peer).replica.endOfTurn(now);
            });
        }

        private PeerReplies replies(int peer, PeerStream stream, int link) {
            return answer -> stream(id + ">" + peer + " answers " + stream).add(() -> {
                if (Integer.valueOf(link).equals(up.get(peer))) {
                    wire.accept(peer + ">" + id + " " + ReplicaText.of(answer));
                    replica.onAnswer(peer, answer, now);
                    replica.endOfTurn(now);
                }
            });
        }

        @Override
        public void propose(InSyncProposal proposal) {
            controller.add(() -> {
                List<Integer> isr = proposal.newIsr().stream()
                        .map(InSyncProposal.Member::nodeId)
                        .toList();
                boolean current = proposal.leaderEpoch() == state.leaderEpoch()
                        && proposal.partitionEpoch() == state.partitionEpoch();
                if (current) {
                    commit(state.leader(), state.leaderEpoch(), isr);
                }
                replica.onProposalAnswered(
                        new InSyncAnswer(
                                proposal.leaderEpoch(),
                                proposal.partitionEpoch(),
                                current ? InSyncAnswer.Verdict.ACCEPTED : InSyncAnswer.Verdict.OUTDATED),
                        now);
                replica.endOfTurn(now);
            });
        }

        @Override
        public void resign(Resignation resignation) {
            controller.add(() -> resigned(id, resignation));
        }

        @Override
        public long brokerEpoch() {
            return 100 + id;
        }

        @Override
        public long metadataIndex() {
            return applied;
        }

        @Override
        public long nextSession() {
            return ++sessions;
        }

        @Override
        public void metadataWanted(int leaderEpoch) {}

        @Override
        public void highWatermarkMoved(long highWatermark) {}

        @Override
        public void failed(InvariantException cause) {
            failures.add(String.valueOf(cause.getMessage()));
        }

        @Override
        public void roleChanged(ReplicaStatus status) {}
    }

    private Deque<Runnable> stream(String name) {
        return streams.computeIfAbsent(name, any -> new ArrayDeque<>());
    }

    // ---- the controller

    /** P24. */
    private void commit(int leader, int epoch, List<Integer> isr) {
        TreeSet<Integer> elr = new TreeSet<>();
        if (isr.size() < min) {
            elr.addAll(state.isr());
            elr.addAll(state.elr());
            isr.forEach(elr::remove);
        }
        state = new PartitionState(leader, epoch, state.partitionEpoch() + 1, NODES, isr, List.copyOf(elr), min, 0);
        index++;
    }

    /** A member of the in-sync set leads (P27). */
    void elect(int candidate) {
        if (state.isr().contains(candidate)) {
            commit(candidate, state.leaderEpoch() + 1, state.isr());
        }
    }

    private void resigned(int node, Resignation resignation) {
        if (state.leader() == 0 && resignation.reopened() && state.elr().contains(node)) {
            commit(node, state.leaderEpoch() + 1, List.of(node));
        } else if (state.leader() == node && state.leaderEpoch() == resignation.leaderEpoch()) {
            List<Integer> others =
                    state.isr().stream().filter(member -> member != node).toList();
            if (resignation.reopened() && others.isEmpty()) {
                commit(node, state.leaderEpoch() + 1, state.isr());
            } else {
                commit(others.isEmpty() ? 0 : others.get(0), state.leaderEpoch() + 1, others);
            }
        }
    }

    // ---- everything at once

    /** Delivers all there is, in a fixed order, until nothing is left. */
    void settle() {
        boolean busy = true;
        while (busy) {
            busy = false;
            for (Deque<Runnable> stream : List.copyOf(streams.values())) {
                busy |= runOne(stream);
            }
            busy |= runOne(controller);
            for (Node node : nodes.values()) {
                busy |= !node.log.completions.isEmpty() || node.log.stagedBytes() > 0 || node.applied < index;
                node.learn();
                node.completeOne();
                if (node.log.stagedBytes() > 0 || node.log.flushed < node.log.written) {
                    node.write(true);
                }
            }
        }
    }

    static boolean runOne(Deque<Runnable> queue) {
        Runnable next = queue.poll();
        if (next != null) {
            next.run();
        }
        return next != null;
    }

    void pass(long nanos) {
        now += nanos;
        for (Node node : nodes.values()) {
            node.replica.tick(now);
            node.up.keySet().forEach(peer -> node.replica.linkHeard(peer, now));
            node.replica.endOfTurn(now);
        }
    }

    /** Replicas stop, links break, logs close: then every reference must be back. */
    void close() {
        nodes.values().forEach(node -> node.replica.stop("the end"));
        nodes.values().forEach(node -> List.copyOf(node.up.keySet()).forEach(node::disconnect));
        nodes.values().forEach(node -> {
            while (node.log.complete()) {
                // late completions give back what they hold
            }
            node.log.close();
        });
        streams.values().forEach(stream -> {
            while (runOne(stream)) {
                // of dead links
            }
        });
    }
}
