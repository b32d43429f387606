// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.replication.Acks;
import io.varve.replication.Append;
import io.varve.replication.AppendResult;
import io.varve.replication.TestBatches;
import io.varve.replication.replica.ReplicaStatus.Role;
import io.varve.storage.Chunk;
import io.varve.storage.Durability;
import io.varve.storage.StorageException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Three replicas, links that break, disks that fill up, elections at any time. A failure prints its seed and the last messages. */
class ReplicaRandomTest {
    private static final int SEEDS = 150;
    private static final int STEPS = 3_000;
    private static final int TALK = 60;
    private static final long MILLIS = 1_000_000L;

    @Test
    void shouldLoseNothingAcknowledgedAndConvergeWhateverHappens() {
        int acknowledged = 0;
        long cuts = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            Run run = new Run(seed);
            try {
                acknowledged += run.run();
                cuts += run.cuts();
            } catch (Throwable t) {
                throw new AssertionError("seed " + seed + ":\n" + String.join("\n", run.talk), t);
            }
            assertThat(Chunk.openCount()).as("seed %d", seed).isZero();
        }
        assertThat(acknowledged).isGreaterThan(20 * SEEDS);
        assertThat(cuts).isGreaterThan(SEEDS / 2);
    }

    private static final class Run {
        private final Random random;
        private final Deque<String> talk = new ArrayDeque<>();
        private final ReplicaWorld world;
        private final TreeMap<Integer, Long> acknowledged = new TreeMap<>(); // sequence to offset
        private int nextSequence;
        private boolean waiting;

        Run(long seed) {
            random = new Random(seed);
            world = new ReplicaWorld(random.nextBoolean() ? Durability.FLUSHED : Durability.WRITTEN, this::heard);
        }

        private void heard(String words) {
            talk.add(words);
            if (talk.size() > TALK) {
                talk.remove();
            }
        }

        int run() {
            for (int step = 0; step < STEPS; step++) {
                act(random.nextInt(100));
                check();
            }
            heal();
            world.close();
            return acknowledged.size();
        }

        private long cuts() {
            return world.nodes.values().stream()
                    .flatMap(node -> node.log.calls.stream())
                    .filter(call -> call.startsWith("truncateTo"))
                    .count();
        }

        private void act(int what) {
            ReplicaWorld.Node node = world.node(1 + random.nextInt(3));
            int peer = 1 + random.nextInt(3);
            boolean rarely = random.nextInt(6) == 0;
            if (what < 40) {
                deliver();
            } else if (what < 55) {
                node.write(random.nextBoolean());
            } else if (what < 62) {
                node.completeOne();
            } else if (what < 70) {
                produce(node);
            } else if (what < 76) {
                node.connect(peer);
            } else if (what < 78 && rarely) {
                node.disconnect(peer);
            } else if (what < 88) {
                node.learn();
            } else if (what < 90 && rarely) {
                world.elect(peer);
            } else if (what < 92) {
                ReplicaWorld.runOne(world.controller);
            } else if (what == 92 && rarely) {
                world.controller.poll(); // an answer that is lost, with what it would have done
            } else if (what == 93 && rarely && random.nextBoolean()) {
                fail(node);
            } else if (what == 93) {
                node.replica.diskFull(random.nextBoolean() ? "too little is left" : null);
            } else if (what == 94) {
                node.log.tailStart = random.nextInt((int) node.log.stagedEndOffset() + 1);
            } else if (what > 94) {
                world.pass(random.nextInt(300) * MILLIS);
            }
        }

        private void deliver() {
            List<Deque<Runnable>> busy = new ArrayList<>();
            world.streams.values().stream().filter(s -> !s.isEmpty()).forEach(busy::add);
            if (!busy.isEmpty()) {
                ReplicaWorld.runOne(busy.get(random.nextInt(busy.size())));
            }
        }

        private void fail(ReplicaWorld.Node node) {
            if (!node.log.failed && node.log.completions.isEmpty()) {
                heard("disk of " + node.id + " is full");
                node.log.fail();
                node.replica.logFailed(
                        StorageException.Kind.DISK_FULL, "full", node.log.written, node.log.flushed, world.now);
                node.replica.endOfTurn(world.now);
            }
        }

        private void produce(ReplicaWorld.Node node) {
            if (waiting || node.replica.role() != Role.LEADING) {
                return;
            }
            waiting = true;
            int sequence = nextSequence;
            long deadline = world.now + 2_000 * MILLIS;
            node.replica.append(
                    new Append(TestBatches.idempotent(9, 0, sequence, 1), Acks.ALL, 0, deadline, result -> {
                        waiting = false;
                        if (result instanceof AppendResult.Appended appended) {
                            acknowledged.put(sequence, appended.baseOffset());
                            nextSequence = sequence + 1;
                        }
                    }),
                    world.now,
                    world.now);
            node.replica.endOfTurn(world.now);
        }

        private void check() {
            for (ReplicaWorld.Node node : world.nodes.values()) {
                assertThat(node.failures).as("node %d", node.id).isEmpty();
                if (!node.log.failed) {
                    node.replica
                            .producers()
                            .ifPresent(producers -> assertThat(producers.sameAs(node.log.replayed()))
                                    .as("I18 on node %d", node.id)
                                    .isTrue());
                }
            }
        }

        /** No more faults: all three have the same, all of it committed, and all that was acknowledged. */
        private void heal() {
            for (int round = 0; round < 200 && (round < 12 || !isWhole()); round++) {
                for (ReplicaWorld.Node node : world.nodes.values()) {
                    node.replica.diskFull(null);
                    world.nodes.keySet().forEach(node::connect);
                }
                if (world.state.leader() == 0 && world.controller.isEmpty()) {
                    world.state.isr().stream().findFirst().ifPresent(world::elect);
                }
                world.settle();
                world.pass(500 * MILLIS);
                world.settle();
                if (round < 10) {
                    world.nodes.values().forEach(this::produce);
                }
            }
            String where = world.state + " "
                    + world.nodes.values().stream()
                            .map(n -> n.replica.status() + "\n")
                            .toList();
            assertThat(isWhole()).as(where).isTrue();
            ReplicaWorld.Node leader = world.node(world.state.leader());
            for (ReplicaWorld.Node node : world.nodes.values()) {
                assertThat(node.log.chunks.stream().map(Chunk::toString).toList())
                        .as("log of %d", node.id)
                        .isEqualTo(
                                leader.log.chunks.stream().map(Chunk::toString).toList());
            }
            acknowledged.forEach((sequence, offset) -> assertThat(
                            leader.log.chunks.get((int) (long) offset).baseSequence())
                    .as("sequence %d at %d", sequence, offset)
                    .isEqualTo(sequence));
        }

        private boolean isWhole() {
            if (world.state.isr().size() < 3) {
                return false;
            }
            long end = world.node(1).log.stagedEndOffset();
            return world.nodes.values().stream()
                    .allMatch(node -> node.replica.highWatermark() == end
                            && node.log.flushed == end
                            && node.log.stagedEndOffset() == end
                            && node.replica.role()
                                    == (node.id == world.state.leader() ? Role.LEADING : Role.FOLLOWING));
        }
    }
}
