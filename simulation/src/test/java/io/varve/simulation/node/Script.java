// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.node;

import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.CommandBody;
import io.varve.metadata.command.CommandBody.AlterPartition;
import io.varve.metadata.command.CommandBody.CreateTopics;
import io.varve.metadata.command.CommandBody.ElectLeaders;
import io.varve.metadata.command.CommandBody.ElectionType;
import io.varve.metadata.command.CommandBody.FenceBrokers;
import io.varve.metadata.command.CommandBody.PartitionToAlter;
import io.varve.metadata.command.CommandBody.PartitionToElect;
import io.varve.metadata.command.CommandBody.Placement;
import io.varve.metadata.command.CommandBody.RegisterBroker;
import io.varve.metadata.command.CommandBody.TopicToCreate;
import io.varve.metadata.command.CommandBody.UnfenceBroker;
import io.varve.metadata.command.MetadataCommand;
import io.varve.metadata.image.BrokerImage;
import io.varve.metadata.image.CommandResult;
import io.varve.metadata.image.FeatureRange;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.PartitionImage;
import io.varve.metadata.machine.ApplyContext;
import io.varve.metadata.machine.MetadataMachine;
import io.varve.replication.protocol.InSyncAnswer;
import io.varve.replication.protocol.InSyncProposal;
import io.varve.replication.protocol.ReplicaMessage;
import io.varve.simulation.run.Mutation;
import io.varve.storage.LogId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Three real replicas of one {@code written} partition and the real metadata machine, in the hands of a test: every message, every proposal and every piece
 * of news waits until the script says that it arrives. Node 1 leads at first, two in sync are enough.
 *
 * <p>There are no links here, on purpose: what was sent stays under way whatever becomes of its sender, its receiver and their connection, so that nothing
 * but the rules of replicas and machine protects anybody. Whoever breaks an invariant is remembered: {@link #broken}.
 */
final class Script implements AutoCloseable {
    static final LogId ID = new LogId(new UUID(7, 7), 0);
    private static final long MILLI = 1_000_000L;

    final Mutation mutation;
    final List<Parcel> wire = new ArrayList<>(); // oldest first
    final List<Asked> asked = new ArrayList<>(); // of the controller
    long now = MILLI;
    private final Map<Integer, ScriptNode> nodes = new TreeMap<>();
    private final Map<Long, Integer> committed = new TreeMap<>(); // epoch by offset
    private final MetadataMachine machine;
    private MetadataImage image = MetadataImage.EMPTY;
    private long index;
    private @Nullable String broken;

    /** A message under way. */
    record Parcel(int from, int to, ReplicaMessage message, Runnable arrive) {}

    /** A proposal under way. */
    record Asked(ScriptNode from, InSyncProposal proposal) {}

    Script(Mutation mutation) {
        this.mutation = mutation;
        this.machine = new MetadataMachine(mutation.machineRules());
        for (int id = 1; id <= 3; id++) {
            register(id);
            unfence(id);
        }
        apply(new CreateTopics(List.of(new TopicToCreate(
                "t",
                ID.topicId(),
                1,
                3,
                new TreeMap<>(Map.of("durability", "written", "min.insync.replicas", "2")),
                new Placement(0, List.of(List.of(1, 2, 3))),
                false))));
        for (int id = 1; id <= 3; id++) {
            nodes.put(id, new ScriptNode(this, id, epoch(id), new ScriptLog()));
        }
        learn(1, 2, 3);
        for (int from = 1; from <= 3; from++) {
            for (int to = 1; to <= 3; to++) {
                connect(from, to);
            }
        }
        deliverAll();
    }

    ScriptNode node(int id) {
        ScriptNode node = nodes.get(id);
        if (node == null) {
            throw new IllegalArgumentException("no node " + id);
        }
        return node;
    }

    // ---- messages

    void send(Parcel parcel) {
        wire.add(parcel);
    }

    /** The node hears that its connection to the other one is new: its sessions begin anew. */
    void connect(int from, int to) {
        if (from != to) {
            node(from).event(replica -> replica.linkUp(to, now));
        }
    }

    /** Takes the oldest of these messages off the wire: it arrives when, and as often as, the script says. */
    Parcel hold(int from, int to, Class<? extends ReplicaMessage> what) {
        Parcel held = wire.stream()
                .filter(p -> p.from == from && p.to == to && what.isInstance(p.message))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(
                        "no " + what.getSimpleName() + " from " + from + " to " + to + " among " + wire));
        wire.remove(held);
        return held;
    }

    /** Everything arrives that these nodes say to each other, and what that leads to; their logs write. */
    void deliver(int... among) {
        List<Integer> those = java.util.Arrays.stream(among).boxed().toList();
        deliverWhile(p -> those.contains(p.from) && those.contains(p.to), those);
    }

    void deliverAll() {
        deliver(1, 2, 3);
    }

    /** As {@link #deliver}, but what one says to the other stays under way. */
    void deliverAllBut(int from, int to) {
        deliverWhile(p -> p.from != from || p.to != to, List.of(1, 2, 3));
    }

    /** As {@link #deliverAll}, but messages of this kind stay under way. */
    void deliverWithout(Class<? extends ReplicaMessage> what) {
        deliverWithout(what, List.of(1, 2, 3));
    }

    void deliverWithout(Class<? extends ReplicaMessage> what, List<Integer> among) {
        deliverWhile(p -> !what.isInstance(p.message) && among.contains(p.from) && among.contains(p.to), among);
    }

    private void deliverWhile(Predicate<Parcel> which, List<Integer> writing) {
        boolean busy = true;
        while (busy) {
            busy = false;
            for (int id : writing) {
                busy |= node(id).write();
            }
            Parcel next = wire.stream().filter(which).findFirst().orElse(null);
            if (next != null) {
                wire.remove(next);
                next.arrive.run();
                busy = true;
            }
        }
    }

    void pass(long millis) {
        now += millis * MILLI;
        nodes.values().forEach(node -> node.event(replica -> replica.tick(now)));
    }

    // ---- controller

    CommandResult apply(CommandBody body) {
        var applied = machine.apply(image, new ApplyContext(++index, 1), MetadataCommand.unfenced(body));
        image = applied.image();
        check();
        return applied.result();
    }

    private void register(int id) {
        long previous = image.broker(id).map(BrokerImage::epoch).orElse(0L);
        apply(new RegisterBroker(
                id,
                new BrokerImage.Identity(new UUID(1, id), new UUID(index + 1, id)),
                List.of(),
                "",
                FeatureRange.SUPPORTED,
                previous,
                false,
                List.of()));
    }

    void unfence(int id) {
        apply(new UnfenceBroker(ref(id)));
    }

    void fence(int id) {
        apply(new FenceBrokers(List.of(ref(id)), "silent"));
    }

    void transfer(int to) {
        apply(new ElectLeaders(ElectionType.TRANSFER, List.of(PartitionToElect.transfer(ID.topicId(), 0, ref(to)))));
    }

    private BrokerRef ref(int id) {
        return new BrokerRef(id, epoch(id));
    }

    private long epoch(int id) {
        return image.broker(id).orElseThrow().epoch();
    }

    PartitionImage partition() {
        return image.partition(ID.topicId(), 0).orElseThrow();
    }

    MetadataImage image() {
        return image;
    }

    /** These nodes hear of the newest metadata. */
    void learn(int... ids) {
        for (int id : ids) {
            learn(id, image);
        }
    }

    void learn(int id, MetadataImage of) {
        PartitionImage p = of.partition(ID.topicId(), 0).orElseThrow();
        node(id).applied = of.index();
        node(id).event(replica -> replica.onMetadata(MetadataViews.state(p), MetadataViews.members(of), now));
    }

    /** Proposals arrive, and their answers. */
    void decide() {
        while (!asked.isEmpty()) {
            decide(asked.remove(0));
        }
    }

    void decide(Asked one) {
        InSyncProposal p = one.proposal;
        List<BrokerRef> isr = p.newIsr().stream()
                .map(member -> new BrokerRef(member.nodeId(), member.brokerEpoch()))
                .toList();
        CommandResult result = apply(new AlterPartition(
                new BrokerRef(one.from.id, p.leaderBrokerEpoch()),
                List.of(new PartitionToAlter(ID.topicId(), 0, p.leaderEpoch(), p.partitionEpoch(), isr))));
        one.from.event(replica -> replica.onProposalAnswered(
                new InSyncAnswer(p.leaderEpoch(), p.partitionEpoch(), ControllerRequests.verdict(result)), now));
    }

    // ---- processes

    /** The machine loses its power; of its log, that many records are left. It is registered again, and serves. */
    void losePower(int id, long kept) {
        ScriptNode old = node(id);
        old.stop();
        old.log.cutTo(kept);
        old.log.reborn();
        nodes.put(id, new ScriptNode(this, id, index + 1, old.log));
        register(id);
        unfence(id);
    }

    // ---- what is true

    /** Of the first invariant that broke; null while all hold. */
    @Nullable
    String broken() {
        return broken;
    }

    void breaks(String what) {
        broken = broken == null ? what : broken;
    }

    /** I2, I3: what leaders commit stays, with everybody who may lead. */
    void check() {
        nodes.values().forEach(this::commit);
        if (image.topics().all().isEmpty()) {
            return;
        }
        List<Integer> members = new ArrayList<>(partition().isr());
        members.addAll(partition().elr());
        for (int id : members) {
            ScriptNode node = nodes.get(id);
            if (node != null && node.brokerEpoch == epoch(id)) {
                committed.forEach((offset, epoch) -> {
                    if (node.epochAt(offset) != epoch) {
                        breaks("I3: node " + id + " of isr " + partition().isr() + " has no record of epoch " + epoch
                                + " at " + offset + ", which is committed");
                    }
                });
            }
        }
    }

    private void commit(ScriptNode node) {
        if (!node.replica.leader().isLeading()) {
            return;
        }
        for (long offset = 0; offset < node.replica.highWatermark(); offset++) {
            Integer before = committed.putIfAbsent(offset, node.epochAt(offset));
            if (before != null && before != node.epochAt(offset)) {
                breaks("I2: offset " + offset + " is committed in epochs " + before + " and " + node.epochAt(offset));
            }
        }
    }

    @Override
    public void close() {
        nodes.values().forEach(ScriptNode::stop);
        wire.forEach(ScriptNode::drop);
        nodes.values().forEach(node -> node.log.cutTo(0));
    }
}
