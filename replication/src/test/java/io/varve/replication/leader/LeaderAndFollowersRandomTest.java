// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.leader;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.replication.protocol.InSyncAnswer;
import io.varve.replication.protocol.NackCode;
import io.varve.replication.protocol.Rules;
import io.varve.storage.Chunk;
import io.varve.storage.Durability;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.assertj.core.description.Description;
import org.junit.jupiter.api.Test;

/**
 * A leader against two naive followers and a naive controller, over links that break, in random order. What counts must be there; and once nothing
 * breaks any more, everybody has everything.
 */
class LeaderAndFollowersRandomTest {
    private static final int SEEDS = 100;
    private static final int STEPS = 400;
    private static final int HEALING_TURNS = 400;

    @Test
    void shouldCommitOnlyWhatEveryCountedReplicaHasAndConverge() {
        for (long seed = 1; seed <= SEEDS; seed++) {
            new World(seed).run();
            assertThat(Chunk.openCount()).as("seed %d", seed).isZero();
        }
    }

    private static final class World {
        private final long seed;
        private final Description where = new Description() {
            @Override
            public String value() {
                return where();
            }
        };
        private final Random random;
        private final LeaderStage stage;
        private final ModelFollower[] followers;
        private List<Integer> isr = List.of(1, 2, 3);
        private int leaderEpoch = LeaderStage.EPOCH;
        private int step;
        private int proposalsSeen;

        World(long seed) {
            this.seed = seed;
            this.random = new Random(seed);
            LeaderSettings normal = LeaderSettings.DEFAULT;
            LeaderSettings tight = new LeaderSettings(
                    400,
                    200,
                    normal.uncommittedBytesMax(),
                    LeaderStage.SECOND,
                    normal.flushStallNanos(),
                    normal.flushStableNanos(),
                    normal.openTimeoutNanos(),
                    normal.proposalTimeoutNanos());
            this.stage = new LeaderStage(Rules.ALL, Durability.FLUSHED, tight);
            this.followers = new ModelFollower[] {new ModelFollower(2, random), new ModelFollower(3, random)};
        }

        void run() {
            stage.log.write(1, 2, 3);
            for (ModelFollower follower : followers) { // nothing is committed yet: any log will do
                int[] batchEnds = {0, 2, 5}; // of epoch 1: logs that share an epoch share its batches
                if (random.nextBoolean()) {
                    follower.startWith(batchEnds[random.nextInt(3)], 1);
                } else {
                    follower.startWith(random.nextInt(4), 2);
                }
            }
            stage.lead(isr);
            for (step = 0; step < STEPS; step++) {
                act();
                exchange(random.nextInt(4));
                check();
            }
            heal();
            stage.close();
        }

        private void act() {
            ModelFollower follower = followers[random.nextInt(2)];
            switch (random.nextInt(12)) {
                case 0, 1, 2, 3 -> stage.append(1 + random.nextInt(3));
                case 4, 5 -> stage.written(stage.log.stagedEndOffset);
                case 6 -> follower.flush();
                case 7 -> {
                    if (follower.linkUp) {
                        unplug(follower);
                    } else {
                        plug(follower);
                    }
                }
                case 8 -> stage.log.evictTail(stage.log.writtenEndOffset - random.nextInt(6));
                case 9 -> {
                    if (!stage.log.reads.isEmpty()) {
                        stage.log.answerRead();
                        stage.turn();
                    }
                }
                case 10 -> {
                    if (random.nextInt(6) == 0) {
                        leadAnew();
                    } else {
                        follower.refuseNext = NackCode.BUSY;
                    }
                }
                default -> stage.pass(random.nextInt(300) * LeaderStage.MILLIS);
            }
        }

        private void plug(ModelFollower follower) {
            follower.linkUp = true;
            stage.links(follower.node);
        }

        private void unplug(ModelFollower follower) {
            follower.linkUp = false;
            follower.disconnect();
            stage.leader.linkDown(follower.node, stage.now);
            stage.turn();
        }

        private void leadAnew() {
            leaderEpoch++;
            stage.lead(leaderEpoch, isr, 2);
        }

        /** Delivers a few messages each way, and answers proposals: late, wrongly refused, or not at all. */
        private void exchange(int messages) {
            stage.deliver(followers);
            for (ModelFollower follower : followers) {
                for (int i = 0; i < messages; i++) {
                    follower.receive();
                }
                for (int i = 0; i < messages && !follower.outbox.isEmpty(); i++) {
                    stage.answer(follower.node, follower.outbox.remove());
                    stage.deliver(followers);
                }
            }
            if (stage.proposals.size() > proposalsSeen && random.nextInt(3) == 0) {
                proposalsSeen = stage.proposals.size();
                decide(random.nextInt(4));
            }
        }

        private void decide(int what) {
            var proposal = stage.lastProposal();
            boolean current =
                    proposal.leaderEpoch() == leaderEpoch && proposal.partitionEpoch() == stage.leader.partitionEpoch();
            if (what == 0 || !current) {
                stage.leader.onProposalAnswered(
                        new InSyncAnswer(
                                proposal.leaderEpoch(), proposal.partitionEpoch(), InSyncAnswer.Verdict.UNKNOWN),
                        stage.now);
            } else if (what == 1) { // refused by an entry that raises the partition epoch
                stage.leader.onProposalAnswered(
                        new InSyncAnswer(leaderEpoch, proposal.partitionEpoch(), InSyncAnswer.Verdict.INELIGIBLE),
                        stage.now);
                stage.lead(leaderEpoch, isr, 2);
            } else {
                isr = stage.lastProposed();
                stage.lead(leaderEpoch, isr, 2);
            }
        }

        private void check() {
            long highWatermark = stage.leader.highWatermark();
            assertThat(stage.log.flushedEndOffset).as(where).isGreaterThanOrEqualTo(highWatermark);
            assertThat(stage.leader.maximalIsr()).as(where).containsAll(isr); // I13
            for (ModelFollower follower : followers) {
                if (isr.contains(follower.node)) { // I3
                    assertThat(follower.flushed).as(where).isGreaterThanOrEqualTo(highWatermark);
                    assertThat(follower.epochs.subList(0, (int) highWatermark))
                            .as(where)
                            .isEqualTo(leaderEpochs().subList(0, (int) highWatermark));
                }
                if (follower.linkUp && stage.view(follower.node).state() == FollowerView.State.STREAM) { // I5
                    assertThat(follower.epochs)
                            .as(where)
                            .isEqualTo(leaderEpochs().subList(0, follower.epochs.size()));
                }
            }
        }

        private void heal() {
            for (ModelFollower follower : followers) {
                if (!follower.linkUp) {
                    plug(follower);
                }
            }
            for (int turn = 0; turn < HEALING_TURNS; turn++) {
                stage.written(stage.log.stagedEndOffset);
                stage.passAlive(100 * LeaderStage.MILLIS, 2, 3);
                while (!stage.log.reads.isEmpty()) {
                    stage.log.answerRead();
                }
                stage.turn();
                stage.deliver(followers);
                for (ModelFollower follower : followers) {
                    follower.receiveAll();
                    follower.flush();
                    while (!follower.outbox.isEmpty()) {
                        stage.answer(follower.node, follower.outbox.remove());
                    }
                }
                if (stage.proposals.size() > proposalsSeen
                        || stage.leader.maximalIsr().size() > isr.size()) {
                    proposalsSeen = stage.proposals.size();
                    decide(2);
                }
                check();
            }
            assertThat(isr).as(where).containsExactlyInAnyOrder(1, 2, 3);
            assertThat(stage.leader.highWatermark()).as(where).isEqualTo(stage.log.stagedEndOffset);
            for (ModelFollower follower : followers) {
                assertThat(follower.highWatermark).as(where).isEqualTo(stage.log.stagedEndOffset);
                follower.disconnect();
            }
            assertThat(stage.leader.isWaiting()).as(where).isFalse();
        }

        private List<Integer> leaderEpochs() {
            List<Integer> epochs = new ArrayList<>();
            for (FakeLog.Batch batch : stage.log.batches) {
                for (long at = batch.baseOffset(); at < batch.endOffset(); at++) {
                    epochs.add(batch.leaderEpoch());
                }
            }
            return epochs;
        }

        private String where() {
            List<String> said = stage.said.subList(Math.max(0, stage.said.size() - 30), stage.said.size());
            return "seed " + seed + " step " + step + " isr " + isr + " " + stage.leader.followers() + "\n"
                    + String.join("\n", said) + "\n";
        }
    }
}
