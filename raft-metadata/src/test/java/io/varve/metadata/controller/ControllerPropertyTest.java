// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.metadata.ApplyReply;
import io.varve.metadata.BrokerHeartbeat;
import io.varve.metadata.MetadataRejection;
import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.CommandBody;
import io.varve.metadata.command.CommandBody.AlterPartition;
import io.varve.metadata.command.CommandBody.CreateTopics;
import io.varve.metadata.command.CommandBody.ElectLeaders;
import io.varve.metadata.command.CommandBody.ElectionType;
import io.varve.metadata.command.CommandBody.PartitionToAlter;
import io.varve.metadata.command.CommandBody.PartitionToElect;
import io.varve.metadata.command.CommandBody.Placement;
import io.varve.metadata.command.CommandBody.RegisterBroker;
import io.varve.metadata.command.CommandBody.ResignLeadership;
import io.varve.metadata.command.CommandBody.TopicToCreate;
import io.varve.metadata.command.MetadataCommand;
import io.varve.metadata.controller.CommandPort.Completion;
import io.varve.metadata.image.BrokerImage.Identity;
import io.varve.metadata.image.CommandResult.BrokerRegistered;
import io.varve.metadata.image.FeatureRange;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.PartitionImage;
import io.varve.metadata.image.ReplicaId;
import io.varve.metadata.image.ReplicaReport;
import io.varve.metadata.machine.World;
import io.varve.proto.v1.ErrorReason;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Three controllers over one log, five nodes that come and go: from many seeds; a failure names its seed. */
class ControllerPropertyTest {

    private static final int SEEDS = 60;
    private static final int STEPS = 1_500;
    private static final int HEALING_STEPS = 600;
    private static final int NODES = 5;
    private static final long MS = 1_000_000;

    @Test
    void shouldKeepRulesUnderAnyFaultsAndRecoverAfterThem() {
        long elections = 0;
        long ambiguous = 0;
        long unclean = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            var run = new Run(seed);
            try {
                run.run();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed + " at entry " + run.log.size(), e);
            }
            elections += run.log.elections;
            ambiguous += run.log.ambiguous;
            unclean += run.log.image().topics().all().stream()
                    .flatMap(t -> t.partitions().stream())
                    .filter(p -> p.lastUncleanEpoch() > 0)
                    .count();
        }
        // the faults that this is about did happen
        assertThat(elections).isGreaterThan(SEEDS * 5L);
        assertThat(ambiguous).isGreaterThan(SEEDS * 5L);
        assertThat(unclean).isPositive();
    }

    /** One node, as much of it as the controller sees. */
    private static final class Node {
        final int id;
        boolean up;
        int process;
        long epoch;
        long storedEpoch;
        boolean clean;
        boolean asked;
        boolean stopping;
        boolean diskFailed;

        Node(int id) {
            this.id = id;
        }

        BrokerRef ref() {
            return new BrokerRef(id, epoch);
        }
    }

    private static final class Run implements BrokerPort {
        final Random random;
        final IdealLog log;
        final List<Node> nodes = new ArrayList<>();
        final ArrayDeque<Runnable> events = new ArrayDeque<>();
        boolean faults = true;
        long now;
        long nextTick;

        Run(int seed) {
            random = new Random(seed);
            log = new IdealLog(random, this);
            for (int id = 1; id <= NODES; id++) {
                nodes.add(new Node(id));
            }
        }

        void run() {
            log.elect();
            for (int i = 0; i < STEPS; i++) {
                step();
                if (random.nextInt(120) == 0) {
                    log.elect();
                }
            }
            faults = false;
            log.faults = false;
            // Neither can be taken back but by a new process.
            nodes.stream().filter(n -> n.diskFailed || n.stopping).forEach(this::crash);
            log.elect();
            for (int i = 0; i < HEALING_STEPS; i++) {
                step();
            }
            var image = log.image();
            assertThat(image.brokers()).hasSize(NODES);
            for (var topic : image.topics().all()) {
                for (var p : topic.partitions()) {
                    assertThat(p.hasLeader()).as("%s", p).isTrue();
                    assertThat(p.isr()).as("%s, %s", p, image.brokers()).containsExactlyElementsOf(p.replicas());
                }
            }
        }

        private void step() {
            now += random.nextInt(100) * MS;
            log.step(now);
            for (int n = events.size(); n > 0; n--) {
                var event = events.remove();
                if (faults && random.nextInt(3) == 0) {
                    events.add(event); // later
                } else {
                    event.run();
                }
            }
            if (now >= nextTick) {
                nextTick = now + 375 * MS;
                log.voters().forEach(v -> v.core.tick(now));
            }
            var node = nodes.get(random.nextInt(NODES));
            if (faults && random.nextInt(25) == 0) {
                disturb(node);
            } else if (!node.up) {
                if (!faults || random.nextInt(10) == 0) {
                    start(node);
                }
            } else {
                live(node);
            }
            ask(random.nextInt(8));
        }

        private void start(Node node) {
            node.up = true;
            node.process++;
            node.epoch = 0;
            node.asked = false;
            node.stopping = false;
            node.diskFailed = false;
        }

        private void crash(Node node) {
            node.up = false;
            node.clean = false;
            var ref = node.ref();
            events.add(() -> log.voters().forEach(v -> v.core.onHeartbeatStreamBroken(ref, now)));
        }

        private void disturb(Node node) {
            switch (random.nextInt(4)) {
                case 0 -> node.stopping = true;
                case 1 -> node.diskFailed = true;
                default -> crash(node);
            }
        }

        private void live(Node node) {
            if (node.epoch == 0) {
                register(node);
                return;
            }
            var image = log.at(Math.max(0, log.size() - (faults ? random.nextInt(5) : 0)));
            var heartbeat = new BrokerHeartbeat(node.ref(), image.index(), false, node.stopping, node.diskFailed);
            for (var voter : log.voters()) {
                var answer = voter.core.onHeartbeat(heartbeat, now);
                if (answer instanceof HeartbeatAnswer.Accepted a && a.reply().mayStop()) {
                    crash(node);
                    node.clean = random.nextBoolean();
                } else if (answer instanceof HeartbeatAnswer.Refused r
                        && r.rejection().reason() == ErrorReason.ERROR_REASON_STALE_BROKER_EPOCH) {
                    crash(node);
                }
            }
        }

        private void register(Node node) {
            if (node.asked && random.nextInt(4) > 0) {
                return;
            }
            node.asked = true;
            int process = node.process;
            var registration = new RegisterBroker(
                    node.id,
                    new Identity(World.uuid("dir" + node.id), World.uuid("i" + node.id + "-" + process)),
                    List.of(),
                    "",
                    FeatureRange.SUPPORTED,
                    node.storedEpoch,
                    node.clean,
                    List.of());
            execute(registration, new Completion() {
                @Override
                public void applied(ApplyReply reply) {
                    if (node.process == process && node.up && reply.result() instanceof BrokerRegistered r) {
                        node.epoch = r.brokerEpoch();
                        node.storedEpoch = r.brokerEpoch();
                    }
                }

                @Override
                public void failed(MetadataRejection rejection) {}
            });
        }

        private void execute(CommandBody body, Completion completion) {
            log.voters().stream()
                    .filter(v -> v.core.activeTerm() != 0)
                    .forEach(v -> v.core.execute(MetadataCommand.unfenced(body), completion));
        }

        private void execute(CommandBody body) {
            execute(body, new Completion() {
                @Override
                public void applied(ApplyReply reply) {}

                @Override
                public void failed(MetadataRejection rejection) {}
            });
        }

        /** What nodes and people ask for, from metadata that may be old. */
        private void ask(int what) {
            var image = log.at(Math.max(0, log.size() - (faults ? random.nextInt(5) : 0)));
            if (image.topics().all().isEmpty()) {
                create(image);
                return;
            }
            var topics = new ArrayList<>(image.topics().all());
            var topic = topics.get(random.nextInt(topics.size()));
            var p = topic.partitions().get(random.nextInt(topic.partitions().size()));
            var id = new ReplicaId(topic.id(), p.partition());
            if (what < 4) {
                alter(image, id, p);
            } else if (faults && what == 4) {
                elect(image, id, p);
            } else if (faults && what == 5 && p.hasLeader() && random.nextInt(10) == 0) {
                execute(new ResignLeadership(
                        ref(image, p.leader()), id.topicId(), id.partition(), p.leaderEpoch(), "", true, false));
            } else if (what == 6 && topics.size() < 3) {
                create(image);
            }
        }

        private void create(MetadataImage image) {
            if (image.brokers().size() < NODES) {
                return;
            }
            var name = "t" + random.nextInt(3);
            var configs = new TreeMap<>(Map.of("durability", name.equals("t0") ? "flushed" : "written"));
            execute(new CreateTopics(List.of(new TopicToCreate(
                    name, World.uuid(name), 4, 3, configs, Placement.seeded(random.nextLong()), false))));
        }

        private void alter(MetadataImage image, ReplicaId id, PartitionImage p) {
            if (!p.hasLeader()) {
                return;
            }
            var isr = new ArrayList<BrokerRef>();
            for (int node : p.replicas()) {
                if (node == p.leader() || (faults ? random.nextBoolean() : image.isEligible(node))) {
                    isr.add(ref(image, node));
                }
            }
            execute(new AlterPartition(
                    ref(image, p.leader()),
                    List.of(new PartitionToAlter(
                            id.topicId(), id.partition(), p.leaderEpoch(), p.partitionEpoch(), isr))));
        }

        private void elect(MetadataImage image, ReplicaId id, PartitionImage p) {
            boolean preferred = random.nextBoolean();
            var target = ref(image, p.replicas().get(random.nextInt(3)));
            var one = preferred
                    ? new PartitionToElect(id.topicId(), id.partition(), Optional.empty())
                    : PartitionToElect.transfer(id.topicId(), id.partition(), target);
            execute(new ElectLeaders(preferred ? ElectionType.PREFERRED : ElectionType.TRANSFER, List.of(one)));
        }

        private static BrokerRef ref(MetadataImage image, int node) {
            return new BrokerRef(node, image.broker(node).orElseThrow().epoch());
        }

        @Override
        public void dial(BrokerRef broker) {
            events.add(() -> {
                var node = nodes.get(broker.nodeId() - 1);
                boolean lost = faults && random.nextInt(4) == 0;
                var result = lost
                        ? DialResult.SILENT
                        : node.up ? DialResult.ANSWERED : random.nextBoolean() ? DialResult.REFUSED : DialResult.RESET;
                log.voters().forEach(v -> v.core.onDialed(broker, result, now));
            });
        }

        @Override
        public void askReplica(BrokerRef broker, ReplicaId replica) {
            if (faults && random.nextInt(4) == 0) {
                return;
            }
            events.add(() -> {
                var node = nodes.get(broker.nodeId() - 1);
                var report = node.up && node.epoch == broker.brokerEpoch()
                        ? new ReplicaAnswer.Report(
                                new ReplicaReport(1 + random.nextInt(3), random.nextInt(100), random.nextInt(100)))
                        : new ReplicaAnswer.Unreachable();
                log.voters().forEach(v -> v.core.onReplicaReport(broker, replica, report, now));
            });
        }
    }
}
