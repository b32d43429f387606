// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.metadata.ApplyReply;
import io.varve.metadata.MetadataRejection;
import io.varve.metadata.QuorumListener;
import io.varve.metadata.command.CommandBody.NoOp;
import io.varve.metadata.command.MetadataCommand;
import io.varve.metadata.controller.CommandPort;
import io.varve.metadata.image.MetadataDelta;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.machine.MetadataMachine;
import io.varve.proto.v1.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdealLogTest {
    private static final long SECOND = 1_000_000_000L;

    /** Three voters and what each of them hears. */
    private static final class Quorum {
        final Scheduler scheduler;
        final SimRandom random;
        final Network network;
        final IdealLog log;
        final Map<Integer, NodeProcess> processes = new TreeMap<>();
        final Map<Integer, CommandPort> ports = new TreeMap<>();
        final Map<Integer, List<Long>> heard = new TreeMap<>();
        final List<String> leaders = new ArrayList<>();
        final List<Long> applied = new ArrayList<>();
        final List<Outcome> failed = new ArrayList<>();

        Quorum(long seed) {
            random = new SimRandom(seed);
            scheduler = new Scheduler(random, new Trace());
            network = new Network(scheduler, random, Transfer.OF_VALUES, Network.Latency.LOCAL);
            log = new IdealLog(scheduler, random, new MetadataMachine(), (a, b) -> !network.isBlocked(a, b));
            for (int node = 1; node <= 3; node++) {
                NodeProcess process = new NodeProcess(node, scheduler, new NodeClock(scheduler, 0, 0));
                processes.put(node, process);
                network.addHost(process);
                log.addVoter(process);
                start(node);
            }
        }

        NodeProcess process(int node) {
            return java.util.Objects.requireNonNull(processes.get(node));
        }

        void start(int node) {
            process(node).start();
            List<Long> indexes = heard.computeIfAbsent(node, key -> new ArrayList<>());
            ports.put(node, log.start(node, new QuorumListener() {
                private MetadataImage before = MetadataImage.EMPTY;

                @Override
                public void onApplied(long index, long term, MetadataDelta delta, MetadataImage image) {
                    assertThat(before.plus(delta)).isEqualTo(image);
                    before = image;
                    indexes.add(index);
                }

                @Override
                public void onImageReset(MetadataImage image) {
                    before = image;
                    indexes.add(-image.index());
                }

                @Override
                public void onLeaderReady(long term) {
                    leaders.add(node + " in " + term);
                    assertThat(log.image(node)).isEqualTo(before);
                }

                @Override
                public void onNotLeader() {
                    leaders.add("not " + node);
                }
            }));
        }

        void submit(int node) {
            java.util.Objects.requireNonNull(ports.get(node))
                    .submit(MetadataCommand.unfenced(new NoOp(0, 0)), new CommandPort.Completion() {
                        @Override
                        public void applied(ApplyReply reply) {
                            applied.add(reply.index());
                        }

                        @Override
                        public void failed(MetadataRejection rejection) {
                            failed.add(rejection.outcome());
                        }
                    });
        }

        void run(double seconds) {
            scheduler.runUntil(scheduler.now() + (long) (seconds * SECOND));
        }

        int other(int than) {
            return than % 3 + 1;
        }
    }

    @Test
    void shouldCommitInOneOrderAndTellEveryVoter() {
        Quorum quorum = new Quorum(1);
        quorum.run(3);
        assertThat(quorum.leaders).hasSize(1);
        for (int i = 0; i < 50; i++) {
            quorum.submit(quorum.log.leader());
        }
        quorum.run(1);
        assertThat(quorum.applied).hasSize(50).isSorted().doesNotHaveDuplicates();
        for (int node = 1; node <= 3; node++) {
            assertThat(quorum.log.image(node)).isEqualTo(quorum.log.committed());
        }
    }

    @Test
    void shouldRefuseWhatIsSubmittedToAFollower() {
        Quorum quorum = new Quorum(1);
        quorum.run(3);
        quorum.submit(quorum.other(quorum.log.leader()));
        assertThat(quorum.failed).isEmpty();
        quorum.run(1);
        assertThat(quorum.failed).containsExactly(Outcome.OUTCOME_NOT_APPLIED);
    }

    @Test
    void shouldElectAnotherLeaderWhenOneDies() {
        Quorum quorum = new Quorum(2);
        quorum.run(3);
        int old = quorum.log.leader();
        quorum.process(old).end(true);
        quorum.run(3);
        assertThat(quorum.log.leader()).isNotEqualTo(old);
        assertThat(quorum.leaders).hasSize(2);
        quorum.submit(quorum.log.leader());
        quorum.run(1);
        assertThat(quorum.applied).hasSize(1);
        quorum.start(old);
        quorum.run(1);
        assertThat(quorum.log.image(old)).isEqualTo(quorum.log.committed());
    }

    @Test
    void shouldCommitNothingWithoutAMajority() {
        Quorum quorum = new Quorum(3);
        quorum.run(3);
        int leader = quorum.log.leader();
        quorum.network.partition(leader, quorum.other(leader));
        quorum.process(quorum.other(quorum.other(leader))).end(false);
        quorum.submit(leader);
        quorum.run(10);
        assertThat(quorum.applied).isEmpty();
        quorum.network.heal(leader, quorum.other(leader));
        quorum.run(3);
        quorum.submit(quorum.log.leader());
        quorum.run(1);
        assertThat(quorum.applied).isNotEmpty();
    }

    @Test
    void shouldLetADeposedLeaderBelieveForAWhileAndLeaveItsCommandsOpen() {
        int zombies = 0;
        for (int seed = 0; seed < 20; seed++) {
            Quorum quorum = new Quorum(seed);
            quorum.run(3);
            int old = quorum.log.leader();
            quorum.submit(old);
            quorum.log.failover();
            assertThat(quorum.log.leader()).isNotEqualTo(old);
            if (quorum.log.isReady(old)) {
                zombies++;
                quorum.submit(old);
            }
            quorum.run(5);
            assertThat(quorum.leaders).contains("not " + old);
            assertThat(quorum.failed).as("seed %d", seed).containsOnly(Outcome.OUTCOME_INDETERMINATE);
        }
        assertThat(zombies).isPositive();
    }

    @Test
    void shouldCommitSomeOfWhatADeposedLeaderLeftAndLoseTheRest() {
        int committed = 0;
        for (int seed = 0; seed < 20; seed++) {
            Quorum quorum = new Quorum(seed);
            quorum.run(3);
            long before = quorum.log.committed().index();
            quorum.submit(quorum.log.leader());
            quorum.log.failover();
            quorum.run(5);
            assertThat(quorum.applied).isEmpty();
            committed += quorum.log.committed().index() > before ? 1 : 0;
        }
        assertThat(committed).isBetween(3, 17);
    }

    @Test
    void shouldApplyAlthoughTheAnswerIsLost() {
        Quorum quorum = new Quorum(5);
        quorum.run(3);
        quorum.log.setAmbiguity(0.3, 0.3);
        for (int i = 0; i < 100; i++) {
            quorum.submit(quorum.log.leader());
        }
        quorum.run(10); // late ones are under way for seconds
        assertThat(quorum.failed).isNotEmpty().containsOnly(Outcome.OUTCOME_INDETERMINATE);
        assertThat(quorum.applied.size() + quorum.failed.size()).isEqualTo(100);
        // Some were lost on the way, some were committed twice, all others once.
        assertThat(quorum.log.committed().index()).isGreaterThan(quorum.applied.size());
    }

    @ParameterizedTest
    @ValueSource(ints = {11, 12, 13, 14, 15, 16})
    void shouldBringEveryVoterToTheSameImageWhateverHappened(int seed) {
        Quorum quorum = new Quorum(seed);
        quorum.log.setAmbiguity(0.05, 0.1);
        quorum.log.setSnapshots(0.2);
        SimRandom random = new SimRandom(seed);
        for (int i = 0; i < 2000; i++) {
            quorum.run(0.01 + random.nextDouble() * 0.02);
            int node = 1 + random.nextInt(3);
            NodeProcess process = quorum.process(node);
            int what = random.nextInt(100);
            if (!process.alive()) {
                if (what < 10) {
                    quorum.start(node);
                }
            } else if (what < 1) {
                process.end(random.nextBoolean());
            } else if (what < 2) {
                process.pause(random.between(1, 4 * SECOND));
            } else if (what < 3) {
                quorum.log.failover();
            } else if (what < 60) {
                quorum.submit(node);
            }
        }
        for (int node = 1; node <= 3; node++) {
            if (!quorum.process(node).alive()) {
                quorum.start(node);
            }
        }
        quorum.run(20);
        assertThat(quorum.log.leader()).as("seed %d", seed).isPositive();
        assertThat(quorum.log.isReady(quorum.log.leader())).isTrue();
        for (int node = 1; node <= 3; node++) {
            assertThat(quorum.log.image(node)).as("seed %d node %d", seed, node).isEqualTo(quorum.log.committed());
        }
        assertThat(quorum.applied).isNotEmpty();
    }
}
