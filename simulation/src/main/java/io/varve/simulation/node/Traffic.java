// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.node;

import io.varve.metadata.image.Durability;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.PartitionImage;
import io.varve.metadata.image.TopicImage;
import io.varve.simulation.client.OperatorView;
import io.varve.simulation.client.ProducerKind;
import io.varve.simulation.client.ProducerSetup;
import io.varve.simulation.client.SimConsumer;
import io.varve.simulation.client.SimOperator;
import io.varve.simulation.client.SimProducer;
import io.varve.simulation.engine.Fault;
import io.varve.simulation.engine.SimRandom;
import io.varve.storage.LogId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/** Who uses the simulated cluster: producers and consumers of two topics, one of each durability, and an administrator. */
final class Traffic implements World.Administration {
    private static final long MILLI = 1_000_000L;
    private static final int REPLICAS = 3;
    private static final int MAX_PARTITIONS = 6;
    private static final int MAX_TOPICS = 4;
    private static final List<String> TOPICS = List.of("flushed", "written");
    private static final List<ProducerKind> KINDS = List.of(
            ProducerKind.IDEMPOTENT,
            ProducerKind.IDEMPOTENT,
            ProducerKind.ONE_IN_FLIGHT,
            ProducerKind.LEADER_ONLY,
            ProducerKind.IDEMPOTENT,
            ProducerKind.UNACKNOWLEDGED);

    private final World world;
    private final OperatorView view;
    private final SimRandom random;
    private final SimOperator operator;
    private final List<SimProducer> producers = new ArrayList<>();
    private final List<SimConsumer> consumers = new ArrayList<>();
    private final boolean manual; // whether an administrator, and nobody else, decides about lost records
    private final Set<UUID> minimaChanged = new TreeSet<>();
    private int created;

    Traffic(World world, OperatorView view) {
        this.world = world;
        this.view = view;
        this.random = world.random().stream("traffic");
        this.operator = new SimOperator(world.newClient(), nodes(), view);
        this.manual = random.nextInt(3) == 0;
        if (manual) {
            operator.recoverManually();
        }
        for (int i = 0; i < world.plan().shape().producers(); i++) {
            producers.add(new SimProducer(world.newClient(), setup(i), world.checker()));
        }
        for (int i = 0; i < world.plan().shape().consumers(); i++) {
            int partition = random.nextInt(Math.max(1, partitionsEach()));
            consumers.add(new SimConsumer(
                    world.newClient(), i, TOPICS.get(i % TOPICS.size()), partition, nodes(), world.checker()));
        }
    }

    private ProducerSetup setup(int number) {
        return new ProducerSetup(
                number,
                KINDS.get(number % KINDS.size()),
                TOPICS.get((number / 2 + number) % TOPICS.size()),
                nodes(),
                random.between(40, 200) * MILLI,
                20,
                random.between(4_000, 12_000) * MILLI,
                random.between(500, 2_000) * MILLI);
    }

    private List<Integer> nodes() {
        List<Integer> nodes = new ArrayList<>();
        for (int node = 1; node <= world.plan().shape().nodes(); node++) {
            nodes.add(node);
        }
        return nodes;
    }

    private int partitionsEach() {
        return Math.max(1, world.plan().shape().partitions() / TOPICS.size());
    }

    /** As soon as there is a cluster. */
    void begin() {
        createTopics();
        if (manual) {
            operator.startRecovering();
        }
        producers.forEach(SimProducer::start);
        consumers.forEach(SimConsumer::start);
    }

    /** Until both topics are there: the first attempts may come before there are enough nodes. */
    private void createTopics() {
        MetadataImage image = view.committed();
        boolean all = true;
        for (String topic : TOPICS) {
            if (image.topic(topic).isEmpty()) {
                all = false;
                Durability durability = topic.equals("written") ? Durability.WRITTEN : Durability.FLUSHED;
                operator.createTopic(topic, partitionsEach(), REPLICAS, 0, durability);
            }
        }
        if (!all) {
            world.scheduler().after(500 * MILLI, "create topics", this::createTopics);
        }
    }

    /** No more batches: what is open comes to its end. */
    void stopProducing() {
        producers.forEach(SimProducer::stop);
    }

    /** Batches of which nobody has heard yet what became of them. */
    int waiting() {
        return producers.stream().mapToInt(SimProducer::waiting).sum();
    }

    void stop() {
        stopProducing();
        consumers.forEach(SimConsumer::stop);
    }

    // ---- the administrator

    @Override
    public void begin(Fault fault) {
        List<TopicImage> topics = new ArrayList<>(view.committed().topics().all());
        if (topics.isEmpty()) {
            return;
        }
        TopicImage topic = topics.get((int) (fault.amount() % topics.size()));
        switch (fault.what()) {
            case TOPIC_CREATE -> {
                if (topics.size() < MAX_TOPICS) {
                    Durability durability = random.nextBoolean() ? Durability.FLUSHED : Durability.WRITTEN;
                    operator.createTopic("extra" + ++created, (int) fault.amount(), REPLICAS, 0, durability);
                }
            }
            case TOPIC_DELETE -> {
                if (!TOPICS.contains(topic.name())) {
                    operator.deleteTopic(topic);
                }
            }
            case TOPIC_RECREATE -> operator.recreateTopic(topic);
            case PARTITION_ADD -> {
                if (topic.partitions().size() < MAX_PARTITIONS) {
                    operator.addPartitions(topic, topic.partitions().size() + 1);
                }
            }
            case MIN_ISR -> {
                if (world.mayChangeMinimum(topic)) {
                    minimaChanged.add(topic.id());
                    operator.changeMinIsr(topic, random.nextBoolean() ? 1 : REPLICAS);
                }
            }
            case PREFERRED_ELECTION -> moveLeaders(topics, random.nextInt(4));
            default -> {
                if (manual) {
                    operator.startRecovering();
                }
            }
        }
    }

    /** For ever once it was asked for: nobody knows when a request that got lost is found again. */
    @Override
    public boolean mayChangeMinimum(UUID topicId) {
        return minimaChanged.contains(topicId);
    }

    private void moveLeaders(List<TopicImage> topics, int again) {
        for (TopicImage topic : topics) {
            for (PartitionImage p : topic.partitions()) {
                LogId id = new LogId(topic.id(), p.partition());
                if (random.nextBoolean()) {
                    operator.electPreferred(id);
                } else if (p.isr().size() > 1) {
                    operator.transfer(id, random.pick(p.isr()));
                }
            }
        }
        if (again > 0) { // before everybody has heard of it
            world.scheduler()
                    .after(
                            random.logUniform(5 * MILLI, 500 * MILLI),
                            "move leaders",
                            () -> moveLeaders(
                                    new ArrayList<>(view.committed().topics().all()), again - 1));
        }
    }

    @Override
    public void end(Fault fault) {
        List<TopicImage> topics = new ArrayList<>(view.committed().topics().all());
        switch (fault.what()) {
            case MIN_ISR ->
                topics.forEach(topic -> {
                    if (topic.partitions().get(0).minIsr() != 2) {
                        operator.changeMinIsr(topic, 2);
                    }
                });
            default -> createTopics();
        }
    }
}
