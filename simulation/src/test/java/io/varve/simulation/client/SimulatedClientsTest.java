// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.metadata.image.Durability;
import io.varve.metadata.image.MetadataImage;
import io.varve.replication.Acks;
import io.varve.simulation.check.BatchSeen;
import io.varve.simulation.check.ClientEvents;
import io.varve.simulation.check.Sending;
import io.varve.storage.LogId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Producers, a consumer and an administrator among nodes whose connections break and whose leadership moves. */
class SimulatedClientsTest {
    private static final long SECOND = 1_000_000_000;
    private static final List<Integer> NODES = List.of(1, 2, 3);

    private final History history = new History();

    @Test
    void shouldTellTheTruthAboutWhatWasSentStoredAndRead() {
        for (long seed = 1; seed <= 8; seed++) {
            run(seed);
        }
        assertThat(history.acked).hasSizeGreaterThan(500);
        assertThat(history.read).isGreaterThan(500);
        assertThat(history.latest).isGreaterThan(50);
    }

    @Test
    void shouldDoTheSameForTheSameSeed() {
        run(5);
        List<String> first = List.copyOf(history.lines);
        history.lines.clear();
        run(5);
        assertThat(history.lines).isEqualTo(first).isNotEmpty();
    }

    @Test
    void shouldAskOneNodeAfterTheOtherForAWish() {
        ToyWorld world = new ToyWorld(4);
        ToyNode.Shared shared = new ToyNode.Shared(1);
        NODES.forEach(node -> world.nodes.put(node, new ToyNode(node, shared)));
        SimOperator operator = new SimOperator(world.host(), NODES, new NothingToSee());
        operator.createTopic("t", 2, 3, 2, Durability.FLUSHED);
        world.run(60 * SECOND);
        assertThat(operator.done()).isEqualTo(1);
    }

    private void run(long seed) {
        ToyWorld world = new ToyWorld(seed);
        ToyNode.Shared shared = new ToyNode.Shared(2);
        NODES.forEach(node -> world.nodes.put(node, new ToyNode(node, shared)));
        List<SimProducer> producers = new ArrayList<>();
        for (ProducerKind kind : ProducerKind.values()) {
            ProducerSetup setup =
                    new ProducerSetup(kind.ordinal(), kind, "t", NODES, 20_000_000, 8, 5 * SECOND, SECOND);
            producers.add(new SimProducer(world.host(), setup, history));
        }
        SimConsumer consumer = new SimConsumer(world.host(), 1, "t", 0, NODES, history);
        producers.forEach(SimProducer::start);
        consumer.start();
        for (int i = 1; i <= 10; i++) {
            world.run(i * SECOND);
            shared.leader = NODES.get(world.random.nextInt(3));
            shared.epoch++;
        }
        producers.forEach(SimProducer::stop);
        world.breakOneIn = 0;
        world.run(30 * SECOND);
        assertThat(producers).allMatch(p -> p.waiting() == 0, "every batch has its outcome");
        assertThat(history.problems).as("seed " + seed).isEmpty();
        assertThat(consumer.furthest()).isEqualTo(shared.end(0));
        shouldBeAsTheLogsSay(seed, shared);
    }

    private void shouldBeAsTheLogsSay(long seed, ToyNode.Shared shared) {
        for (int p = 0; p < 2; p++) {
            Map<Long, BatchSeen> byOffset = new HashMap<>();
            TreeSet<Long> idempotent = new TreeSet<>();
            for (BatchSeen batch : shared.seen(p)) {
                byOffset.put(batch.baseOffset(), batch);
                Sending sending = history.sent.get(batch.batchId());
                assertThat(sending).as("seed %s: somebody sent %s", seed, batch).isNotNull();
                if (sending != null && sending.isIdempotent()) {
                    assertThat(idempotent.add(sending.firstValue()))
                            .as("seed " + seed)
                            .isTrue();
                    assertThat(idempotent.last()).as("in order").isEqualTo(sending.firstValue());
                }
            }
            int partition = p;
            history.ackedIn(p)
                    .forEach((offset, id) -> assertThat(byOffset.get(offset))
                            .as("seed %s: acknowledged at %s of partition %s", seed, offset, partition)
                            .extracting(BatchSeen::batchId)
                            .isEqualTo(id));
        }
        history.offsets.clear();
    }

    private static final class NothingToSee implements OperatorView {
        @Override
        public MetadataImage committed() {
            return MetadataImage.EMPTY;
        }

        @Override
        public @Nullable Standing standing(int node, LogId id) {
            return null;
        }
    }

    private static final class History implements ClientEvents {
        final Map<Long, Sending> sent = new HashMap<>();
        final List<Sending> acked = new ArrayList<>();
        final Map<LogId, Map<Long, Long>> offsets = new HashMap<>();
        final List<String> problems = new ArrayList<>();
        final List<String> lines = new ArrayList<>();
        int read;
        int latest;

        Map<Long, Long> ackedIn(int partition) {
            return offsets.getOrDefault(new LogId(ToyNode.TOPIC, partition), Map.of());
        }

        @Override
        public void sent(LogId id, long batchId, Sending sending) {
            sent.put(batchId, sending);
            lines.add("sent " + id + " " + sending);
        }

        @Override
        public void acked(LogId id, long batchId, Sending sending, long baseOffset) {
            lines.add("acked " + id + " " + sending + " at " + baseOffset);
            if (sending.acks() != Acks.NONE) {
                acked.add(sending);
                offsets.computeIfAbsent(id, log -> new HashMap<>()).put(baseOffset, batchId);
            }
        }

        @Override
        public void failed(int producer, String topic, int partition, long firstValue, int count, boolean definite) {
            lines.add("failed " + producer + " " + firstValue + " " + definite);
        }

        @Override
        public void read(int consumer, LogId id, List<BatchSeen> batches) {
            read += batches.size();
            lines.add("read " + batches);
        }

        @Override
        public void latestSeen(int consumer, LogId id, int leaderEpoch, long offset) {
            latest++;
        }

        @Override
        public void diverged(int consumer, LogId id, long position, long endOffset) {
            problems.add("diverged at " + endOffset);
        }

        @Override
        public void broken(String invariant, LogId id, String text) {
            problems.add(invariant + " " + text);
        }
    }
}
