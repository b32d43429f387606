// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.conversation;

import io.netty.buffer.Unpooled;
import io.varve.record.BatchBuilder;
import io.varve.record.BatchHeader;
import io.varve.record.Codec;
import io.varve.replication.Acks;
import io.varve.replication.protocol.InSyncAnswer;
import io.varve.replication.protocol.InSyncProposal;
import io.varve.storage.Chunk;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Three nodes with one replica each, the streams between them, and the controller. Nothing is left to chance: everything that is under way waits in one
 * queue, and what was asked for first happens first. A message takes one step, a disk two.
 */
final class Stage {
    private static final long MILLI = 1_000_000;
    private static final long TICK_MILLIS = 100;
    private static final int MANY_STEPS = 100_000;

    private final Controller controller = new Controller();
    private final TreeMap<Integer, StageNode> nodes = new TreeMap<>();
    private final ArrayDeque<Runnable> queue = new ArrayDeque<>();
    private final List<String> lines = new ArrayList<>();
    private final TreeMap<String, Long> links = new TreeMap<>(); // from and to, by the number of the connection
    private final TreeSet<Integer> deaf = new TreeSet<>(); // hear nothing of the controller
    private long connections;
    private long now = MILLI;
    private String told = "";

    /** @param tailBytes of each node's memory for the newest batches */
    Stage(long tailBytes) {
        for (int id = 1; id <= 3; id++) {
            nodes.put(id, new StageNode(id, this, tailBytes));
        }
    }

    /** All three are up, connected and in sync; node 1 leads. */
    Stage begin() {
        for (int id : nodes.keySet()) {
            node(id).start(controller.register(id));
            controller.unfence(id);
        }
        controller.create(List.of(1, 2, 3));
        for (int from : nodes.keySet()) {
            for (int to : nodes.keySet()) {
                if (from < to) {
                    connect(from, to);
                }
            }
        }
        publish();
        settle();
        return this;
    }

    // ---- what the script does

    /** What happens next, for the reader. */
    void say(String comment) {
        if (!lines.isEmpty()) {
            lines.add("");
        }
        comment.lines().forEach(line -> lines.add("# " + line));
    }

    /** Somebody sends a batch to the node. */
    void produce(int node, int records, Acks acks) {
        heard(
                "client -> " + node,
                "",
                "Append   " + records + (records == 1 ? " record" : " records") + ", acks="
                        + acks.name().toLowerCase(Locale.ROOT));
        node(node).process().append(batch(records), acks);
    }

    private static Chunk batch(int records) {
        BatchBuilder builder = new BatchBuilder(Codec.NONE, 1 << 20);
        byte[] value = "0123456789".getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < records; i++) {
            if (!builder.tryAppend(1_700_000_000_000L, (byte[]) null, value, List.of())) {
                throw new IllegalStateException("the batch is full");
            }
        }
        ByteBuffer bytes =
                builder.build(BatchHeader.NO_PRODUCER_ID, BatchHeader.NO_PRODUCER_EPOCH, BatchHeader.NO_SEQUENCE);
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        return Chunk.of(Unpooled.wrappedBuffer(copy));
    }

    /** Both directions. */
    void connect(int one, int other) {
        connectOneWay(one, other);
        connectOneWay(other, one);
    }

    private void connectOneWay(int from, int to) {
        links.put(key(from, to), ++connections);
        StageNode.Process process = node(from).process();
        process.turn(() -> process.replica.linkUp(to, now));
    }

    void disconnect(int one, int other) {
        disconnectOneWay(one, other);
        disconnectOneWay(other, one);
    }

    private void disconnectOneWay(int from, int to) {
        if (links.remove(key(from, to)) != null && node(from).isAlive()) {
            StageNode.Process process = node(from).process();
            process.turn(() -> process.replica.linkDown(to, now));
        }
    }

    /** The node is cut off from the others and from the controller, and goes on. */
    void isolate(int id) {
        deaf.add(id);
        nodes.keySet().forEach(other -> disconnect(id, other));
    }

    /** The controller has given the node up. */
    void fence(int id) {
        controller.fence(id);
        publish();
    }

    /** An isolated node hears the controller again, and is unfenced. */
    void listen(int id) {
        deaf.remove(id);
        controller.unfence(id);
        publish();
    }

    /** The node reaches all that are up. */
    void reconnect(int id) {
        for (StageNode other : nodes.values()) {
            if (other.id != id && other.isAlive() && link(id, other.id) == 0) {
                connect(id, other.id);
            }
        }
    }

    /** The power of the nodes is lost, at once. */
    void losePower(int... ids) {
        for (int id : ids) {
            node(id).die();
        }
        for (int id : ids) {
            nodes.keySet().forEach(other -> disconnect(id, other));
        }
    }

    /** The node comes back: it recovers its log, registers, and is unfenced when it has caught up with the metadata. */
    void restart(int id) {
        long brokerEpoch = controller.register(id);
        heard(id + " -> controller", "", "registered under be " + brokerEpoch);
        publish();
        node(id).start(brokerEpoch);
        later(node(id).process()::learn);
        settle();
        controller.unfence(id);
        publish();
        reconnect(id);
        settle();
    }

    // ---- time

    /** Everything that is under way happens. */
    void settle() {
        for (int steps = 0; !queue.isEmpty(); steps++) {
            if (steps > MANY_STEPS) {
                throw new IllegalStateException("they never stop talking:\n" + String.join("\n", lines));
            }
            queue.remove().run();
        }
    }

    /** Time passes, with the ticks and the signs of life that come in it. */
    void pass(long millis) {
        for (long each = 0; each < millis; each += TICK_MILLIS) {
            now += TICK_MILLIS * MILLI;
            for (StageNode node : nodes.values()) {
                if (node.isAlive()) {
                    StageNode.Process process = node.process();
                    process.turn(() -> {
                        nodes.keySet().stream()
                                .filter(peer -> links.containsKey(key(node.id, peer)))
                                .forEach(peer -> process.replica.linkHeard(peer, now));
                        process.replica.tick(now);
                    });
                }
            }
            settle();
        }
    }

    // ---- for nodes

    long now() {
        return now;
    }

    Controller controller() {
        return controller;
    }

    StageNode node(int id) {
        return Objects.requireNonNull(nodes.get(id));
    }

    /** Whether it hears nothing of the controller. */
    boolean isDeaf(int id) {
        return deaf.contains(id);
    }

    void later(Runnable event) {
        queue.add(event);
    }

    void heard(String who, String stream, String what) {
        lines.add(LineText.line(who, stream, what));
    }

    private static String key(int from, int to) {
        return from + " " + to;
    }

    /** The number of the connection, 0 if there is none. */
    long link(int from, int to) {
        return links.getOrDefault(key(from, to), 0L);
    }

    boolean isUp(int from, int to, long link) {
        return link != 0 && link(from, to) == link;
    }

    void propose(StageNode.Process leader, int id, InSyncProposal proposal) {
        if (!leader.isRunning() || deaf.contains(id)) {
            return;
        }
        heard(id + " -> controller", "", LineText.of(proposal));
        InSyncAnswer.Verdict verdict = controller.alter(id, proposal);
        publish();
        InSyncAnswer answer = new InSyncAnswer(proposal.leaderEpoch(), proposal.partitionEpoch(), verdict);
        later(() -> leader.turn(() -> leader.replica.onProposalAnswered(answer, now)));
    }

    /** The metadata changed: those who hear the controller learn it. */
    private void publish() {
        String text = LineText.of(controller.partition());
        if (!text.equals(told)) {
            told = text;
            heard("controller", "", text);
        }
        for (StageNode node : nodes.values()) {
            if (node.isAlive() && !deaf.contains(node.id)) {
                later(node.process()::learn);
            }
        }
    }

    // ---- at the end

    List<String> lines() {
        return lines;
    }
}
