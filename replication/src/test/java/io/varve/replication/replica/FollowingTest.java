// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.replica;

import static io.varve.replication.replica.ReplicaRig.ID;
import static io.varve.replication.replica.ReplicaRig.batch;
import static io.varve.replication.replica.ReplicaRig.placed;
import static org.assertj.core.api.Assertions.assertThat;

import io.varve.replication.TestBatches;
import io.varve.replication.leader.ProducerStates;
import io.varve.replication.protocol.EpochPage;
import io.varve.replication.protocol.NackCode;
import io.varve.replication.protocol.PartitionState;
import io.varve.replication.protocol.ProducerParts;
import io.varve.replication.protocol.ReplicaMessage;
import io.varve.replication.protocol.Rule;
import io.varve.replication.protocol.Rules;
import io.varve.replication.replica.ReplicaStatus.Role;
import io.varve.storage.Chunk;
import io.varve.storage.Durability;
import io.varve.storage.EpochEntry;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Node 2 follows node 1, or 3; each rule by its own script. */
class FollowingTest {
    @Test
    void shouldAnswerOpenWithWhereItStandsAndTruncateWithAnAck() {
        try (ReplicaRig rig = followingWithThree()) {
            rig.metadata(3, 2);
            rig.replies.clear();
            rig.open(3, 2, 7);
            assertThat(rig.replies)
                    .containsExactly(new ReplicaMessage.State(
                            ID, 2, 7, 102, 0, 6, 4, new EpochPage(List.of(new EpochEntry(1, 0)), 6, true)));
            rig.truncate(3, 2, 7, 6);
            assertThat(rig.ack()).isEqualTo(new ReplicaMessage.Ack(ID, 2, 7, 102, 6, 6));
            assertThat(rig.log.calls).doesNotContain("truncateTo 6");
        }
    }

    @Test
    void shouldSendOneAckPerTurnWithBothEnds() { // P14
        try (ReplicaRig rig = following()) {
            rig.session(1, 1, 5, 0);
            rig.append(1, 1, 5, 0, 0, batch(0, 1, 2), batch(2, 1, 2));
            assertThat(rig.replies).isEmpty();
            rig.log.write(false);
            rig.replica.logProgressed(4, 0);
            rig.replica.logProgressed(4, 0);
            rig.replica.endOfTurn(1);
            assertThat(rig.ack()).isEqualTo(new ReplicaMessage.Ack(ID, 1, 5, 102, 4, 0));
            rig.write();
            assertThat(rig.ack()).isEqualTo(new ReplicaMessage.Ack(ID, 1, 5, 102, 4, 4));
            rig.replica.endOfTurn(2);
            assertThat(rig.replies).isEmpty();
        }
    }

    @Test
    void shouldFenceWhoIsBehindAndNeverAdoptWhatIsAhead() { // P2
        try (ReplicaRig rig = following()) {
            rig.metadata(3, 4);
            rig.open(1, 1, 9);
            ReplicaMessage.Nack fenced = rig.nack();
            assertThat(fenced.code()).isEqualTo(NackCode.FENCED);
            assertThat(fenced.here().leaderEpoch()).isEqualTo(4);
            rig.open(1, 5, 10);
            assertThat(rig.nack().code()).isEqualTo(NackCode.UNKNOWN_EPOCH);
            assertThat(rig.said).containsExactly("wants 5");
            assertThat(rig.replica.status().leaderEpoch()).isEqualTo(4);
            rig.message(3, new ReplicaMessage.Open(ID, 4, 1, rig.index + 1, 102, 103, 0, Integer.MAX_VALUE));
            assertThat(rig.nack().code()).isEqualTo(NackCode.UNKNOWN_EPOCH);
        }
    }

    @Test
    void shouldRefuseAnOpenForAnotherIncarnation() { // P7
        try (ReplicaRig rig = following()) {
            rig.message(1, new ReplicaMessage.Open(ID, 1, 1, rig.index, 99, 101, 0, Integer.MAX_VALUE));
            assertThat(rig.nack().code()).isEqualTo(NackCode.STALE_INCARNATION);
        }
    }

    @Test
    void shouldVoidASessionByOneWithAHigherNumberAndRefuseTheOldOneAloud() { // P7, P11
        try (ReplicaRig rig = following()) {
            rig.session(1, 1, 5, 0);
            rig.open(1, 1, 6);
            rig.replies.clear();
            rig.append(1, 1, 5, 0, 0, batch(0, 1, 1));
            assertThat(rig.nack().code()).isEqualTo(NackCode.UNKNOWN_SESSION);
            rig.open(1, 1, 5);
            assertThat(rig.nack().code()).isEqualTo(NackCode.UNKNOWN_SESSION);
            rig.truncate(1, 1, 5, 0);
            assertThat(rig.nack().code()).isEqualTo(NackCode.UNKNOWN_SESSION);
            rig.append(1, 1, 6, 0, 0, batch(0, 1, 1)); // before its Truncate
            assertThat(rig.nack().code()).isEqualTo(NackCode.UNKNOWN_SESSION);
        }
    }

    @Test
    void shouldTruncateOncePerSession() { // P9
        try (ReplicaRig rig = followingWithThree()) {
            rig.metadata(3, 2);
            rig.session(3, 2, 1, 4);
            assertThat(rig.log.stagedEndOffset()).isEqualTo(4);
            rig.append(3, 2, 1, 1, 4, batch(4, 2, 3));
            rig.write();
            rig.truncate(3, 2, 1, 4);
            assertThat(rig.log.stagedEndOffset()).isEqualTo(7);
        }
    }

    @Test
    void shouldTruncateAgainWithoutTheRule() {
        try (ReplicaRig rig =
                new ReplicaRig(2, Rules.without(Rule.TRUNC_REPEATABLE), Durability.FLUSHED, new MemoryLog(), 0)) {
            rig.metadata(1, 1);
            rig.session(1, 1, 1, 0);
            rig.append(1, 1, 1, 0, 0, batch(0, 1, 3));
            rig.write();
            rig.truncate(1, 1, 1, 0);
            assertThat(rig.log.stagedEndOffset()).isZero();
        }
    }

    @Test
    void shouldCutOnlyWhatIsWrittenAndKeepOpensWaitingForThat() { // P9, P10
        try (ReplicaRig rig = followingWithThree()) {
            rig.append(1, 1, 5, 1, 4, batch(6, 1, 2));
            rig.metadata(3, 2);
            rig.open(3, 2, 1);
            rig.replies.clear();
            rig.truncate(3, 2, 1, 6);
            assertThat(rig.log.calls).doesNotContain("truncateTo 6");
            assertThat(rig.replica.status().role()).isEqualTo(Role.TRUNCATING);
            rig.write();
            assertThat(rig.log.calls).contains("truncateTo 6");
            rig.open(3, 2, 2);
            assertThat(rig.replies).isEmpty();
            rig.settle();
            assertThat(rig.replies).hasSize(1).first().isInstanceOf(ReplicaMessage.State.class);
            rig.truncate(3, 2, 2, 6);
            assertThat(rig.ack().writtenEndOffset()).isEqualTo(6);
        }
    }

    @Test
    void shouldDropACutThatNewerMetadataOvertook() {
        try (ReplicaRig rig = followingWithThree()) {
            rig.append(1, 1, 5, 1, 4, batch(6, 1, 2));
            rig.metadata(3, 2);
            rig.open(3, 2, 1);
            rig.truncate(3, 2, 1, 4);
            rig.metadata(2, 3);
            rig.write();
            rig.settle();
            assertThat(rig.replica.status().role()).isEqualTo(Role.LEADING);
            assertThat(rig.log.stagedEndOffset()).isEqualTo(8);
            assertThat(rig.log.calls).isEmpty();
        }
    }

    @Test
    void shouldFinishACutThatIsUnderWayAndReplayBeforeItLeads() { // P10, P41
        try (ReplicaRig rig = followingWithThree()) {
            rig.metadata(3, 2);
            rig.open(3, 2, 1);
            rig.message(3, new ReplicaMessage.Truncate(ID, 2, 1, 4, false));
            rig.metadata(2, 3);
            assertThat(rig.replica.status().role()).isEqualTo(Role.STARTING);
            rig.settle();
            assertThat(rig.log.calls).containsExactly("truncateTo 4", "replay");
            assertThat(rig.replica.status().role()).isEqualTo(Role.LEADING);
            assertThat(rig.replica.leader().epochStartOffset()).isEqualTo(4);
        }
    }

    @Test
    void shouldLeadAtOnceBecauseItKeptTheProducers() { // P41
        try (ReplicaRig rig = following()) {
            rig.session(1, 1, 5, 0);
            rig.append(1, 1, 5, 0, 0, placed(TestBatches.idempotent(9, 0, 0, 2), 0, 1));
            rig.write();
            rig.metadata(2, 2);
            assertThat(rig.replica.status().role()).isEqualTo(Role.LEADING);
            assertThat(rig.log.calls).isEmpty();
            assertThat(rig.replica.leader().producers().sameAs(rig.log.replayed()))
                    .isTrue();
        }
    }

    @Test
    void shouldForgetTheProducersOfWhatIsCutAway() { // P10, I18
        try (ReplicaRig rig = following()) {
            rig.session(1, 1, 5, 0);
            rig.append(1, 1, 5, 0, 0, placed(TestBatches.idempotent(9, 0, 0, 2), 0, 1));
            rig.write();
            rig.metadata(3, 2);
            rig.session(3, 2, 1, 0);
            assertThat(rig.log.calls).containsExactly("truncateTo 0", "replay");
            assertThat(rig.replica.producers())
                    .hasValueSatisfying(p -> assertThat(p.size()).isZero());
        }
    }

    @Test
    void shouldStopRatherThanCutBelowItsHighWatermark() { // P13, I6
        try (ReplicaRig rig = followingWithThree()) {
            rig.metadata(3, 2);
            rig.open(3, 2, 1);
            rig.truncate(3, 2, 1, 2);
            assertThat(rig.replica.status().role()).isEqualTo(Role.FAILED);
            assertThat(rig.said).anySatisfy(said -> assertThat(said).contains("truncation to 2", "below 4"));
            rig.open(3, 2, 2);
            assertThat(rig.nack().code()).isEqualTo(NackCode.STORAGE_ERROR);
            rig.metadata(2, 3);
            assertThat(rig.resignations)
                    .singleElement()
                    .satisfies(r -> assertThat(r.leaderEpoch()).isEqualTo(3));
        }
    }

    @Test
    void shouldCutBelowItsHighWatermarkAfterAnUncleanElection() { // P13, P16
        try (ReplicaRig rig = followingWithThree()) {
            rig.metadata(new PartitionState(3, 2, 2, ReplicaRig.NODES, List.of(3), List.of(), 1, 2));
            rig.session(3, 2, 1, 2);
            assertThat(rig.replica.highWatermark()).isEqualTo(2);
            assertThat(rig.log.checkpoint).isEqualTo(2);
        }
    }

    @Test
    void shouldNeverHaveAHighWatermarkAboveItsLogWhileItReplays() { // P10, I10
        try (ReplicaRig rig = followingWithThree()) {
            rig.metadata(new PartitionState(3, 2, 2, ReplicaRig.NODES, List.of(3), List.of(), 1, 2));
            rig.open(3, 2, 1);
            rig.message(3, new ReplicaMessage.Truncate(ID, 2, 1, 2, false));
            while (rig.log.complete()) {
                rig.replica.endOfTurn(rig.now);
                assertThat(rig.replica.highWatermark()).isLessThanOrEqualTo(rig.log.stagedEndOffset());
            }
            assertThat(rig.log.calls).containsExactly("truncateTo 2", "replay");
        }
    }

    @Test
    void shouldBeginAnewWhereTheLeadersLogStarts() { // P8
        try (ReplicaRig rig = followingWithThree()) {
            rig.metadata(3, 2);
            rig.open(3, 2, 1);
            rig.message(3, new ReplicaMessage.Truncate(ID, 2, 1, 50, true));
            rig.settle();
            assertThat(rig.ack()).isEqualTo(new ReplicaMessage.Ack(ID, 2, 1, 102, 50, 50));
            assertThat(rig.replica.highWatermark()).isEqualTo(50);
            rig.append(3, 2, 1, 50, 1, 50, batch(50, 2, 1)); // what is before it has no epoch here
            rig.write();
            assertThat(rig.ack().flushedEndOffset()).isEqualTo(51);
        }
    }

    @Test
    void shouldBeginWhereItsLeaderBeginsButNotAboveItsOwnHighWatermark() { // P37
        try (ReplicaRig rig = followingWithThree()) {
            long highWatermark = rig.replica.highWatermark();
            rig.message(1, new ReplicaMessage.Commit(ID, 1, 5, highWatermark, highWatermark + 1));
            rig.settle();
            assertThat(rig.log.calls).contains("moveStart " + highWatermark);
            assertThat(rig.log.start).isEqualTo(highWatermark);
        }
    }

    @Test
    void shouldSayWhereItsLogStandsOnlyWhenItsStartMovesNoMore() {
        try (ReplicaRig rig = followingWithThree()) {
            rig.message(1, new ReplicaMessage.Commit(ID, 1, 5, rig.replica.highWatermark(), 2));
            rig.replies.clear();
            rig.open(1, 1, 6);
            assertThat(rig.replies).isEmpty();
            rig.settle();
            assertThat(rig.replies)
                    .singleElement()
                    .isInstanceOfSatisfying(
                            ReplicaMessage.State.class,
                            state -> assertThat(state.logStartOffset()).isEqualTo(2));
        }
    }

    @Test
    void shouldKeepTheProducersThatItIsToldOfWhenItBeginsAnew() { // P41
        try (ReplicaRig rig = followingWithThree()) {
            rig.metadata(3, 2);
            rig.open(3, 2, 1);
            ProducerStates known = producers();
            List<ByteBuffer> parts = ProducerParts.split(known.encode());
            rig.message(3, new ReplicaMessage.Producers(ID, 2, 1, 0, parts.get(0)));
            rig.message(3, new ReplicaMessage.Truncate(ID, 2, 1, 50, true, 1));
            rig.settle();
            assertThat(rig.log.calls).endsWith("resetTo 50", "keepProducers");
            assertThat(rig.ack().writtenEndOffset()).isEqualTo(50);
            assertThat(rig.replica.producers().orElseThrow().sameAs(known)).isTrue();
        }
    }

    @Test
    void shouldAskForASessionAgainWhenThePartsOfTheProducersAreNotWhole() {
        try (ReplicaRig rig = followingWithThree()) {
            rig.metadata(3, 2);
            rig.open(3, 2, 1);
            rig.message(3, new ReplicaMessage.Truncate(ID, 2, 1, 50, true, 1));
            assertThat(rig.nack().code()).isEqualTo(NackCode.UNKNOWN_SESSION);
            rig.open(3, 2, 2);
            rig.message(3, new ReplicaMessage.Producers(ID, 2, 2, 0, ByteBuffer.wrap(new byte[40])));
            rig.message(3, new ReplicaMessage.Truncate(ID, 2, 2, 50, true, 1));
            assertThat(rig.nack().code()).isEqualTo(NackCode.UNKNOWN_SESSION);
            assertThat(rig.log.calls).noneMatch(call -> call.startsWith("resetTo"));
        }
    }

    private static ProducerStates producers() {
        ProducerStates known = new ProducerStates();
        Chunk batch = ReplicaRig.placed(TestBatches.idempotent(5, 0, 0, 2), 0, 1);
        known.replay(batch.nioBuffer(), 0, 0);
        batch.release();
        return known;
    }

    @Test
    void shouldRaiseTheHighWatermarkOnlyAfterTheCutAndOnlyOverWhatItHas() { // P10, P16
        try (ReplicaRig rig = followingWithThree()) {
            rig.metadata(3, 2);
            rig.open(3, 2, 1);
            rig.message(3, new ReplicaMessage.Commit(ID, 2, 1, 6, 0));
            assertThat(rig.replica.highWatermark()).isEqualTo(4);
            rig.truncate(3, 2, 1, 5);
            assertThat(rig.replica.highWatermark()).isEqualTo(4); // batches 0 to 2, 2 to 4, 4 to 6
            rig.append(3, 2, 1, 1, 4, batch(4, 2, 4));
            rig.message(3, new ReplicaMessage.Commit(ID, 2, 1, 8, 0));
            assertThat(rig.replica.highWatermark()).isEqualTo(4);
            rig.write();
            assertThat(rig.replica.highWatermark()).isEqualTo(8);
        }
    }

    @Test
    void shouldRaiseTheHighWatermarkBeforeTheCutWithoutTheRule() {
        try (ReplicaRig rig =
                new ReplicaRig(2, Rules.without(Rule.HW_BEFORE_TRUNCATE), Durability.FLUSHED, new MemoryLog(), 0)) {
            rig.metadata(1, 1);
            rig.session(1, 1, 5, 0);
            rig.append(1, 1, 5, 0, 0, batch(0, 1, 6));
            rig.write();
            rig.metadata(3, 2);
            rig.open(3, 2, 1);
            rig.message(3, new ReplicaMessage.Commit(ID, 2, 1, 6, 0));
            assertThat(rig.replica.highWatermark()).isEqualTo(6);
        }
    }

    @Test
    void shouldTakeOnlyWhatFollowsItsLog() { // P11
        try (ReplicaRig rig = followingWithThree()) {
            rig.append(1, 1, 5, 1, 4, batch(8, 1, 2));
            assertThat(rig.nack().code()).isEqualTo(NackCode.GAP);
            rig.metadata(3, 3);
            rig.session(3, 3, 1, 6);
            rig.append(3, 3, 1, 2, 4, batch(6, 3, 2));
            assertThat(rig.nack().code()).isEqualTo(NackCode.EPOCH_MISMATCH);
            rig.append(3, 3, 1, 1, 4, batch(2, 1, 2));
            assertThat(rig.ack().writtenEndOffset()).isEqualTo(6);
            rig.append(3, 3, 1, 1, 4, batch(4, 1, 2), batch(6, 3, 2));
            rig.write();
            assertThat(rig.ack().writtenEndOffset()).isEqualTo(8);
            rig.append(3, 3, 1, 1, 4, batch(4, 2, 2), batch(6, 3, 4));
            assertThat(rig.nack().code()).isEqualTo(NackCode.EPOCH_MISMATCH);
            rig.append(3, 3, 1, 8, 3, 4);
            assertThat(rig.ack().writtenEndOffset()).isEqualTo(8);
        }
    }

    @Test
    void shouldRefuseDamagedBatches() { // P12
        try (ReplicaRig rig = following()) {
            rig.session(1, 1, 5, 0);
            var flipped = batch(0, 1, 1);
            flipped.nioBuffer().put(70, (byte) ~flipped.nioBuffer().get(70));
            rig.append(1, 1, 5, 0, 0, flipped);
            assertThat(rig.nack().code()).isEqualTo(NackCode.CORRUPT);
            rig.append(1, 1, 5, 0, 0, batch(0, 1, 1), batch(2, 1, 1));
            assertThat(rig.nack().code()).isEqualTo(NackCode.CORRUPT);
            rig.append(1, 1, 5, 0, 0, batch(0, 2, 1));
            assertThat(rig.nack().code()).isEqualTo(NackCode.CORRUPT);
            assertThat(rig.log.stagedEndOffset()).isZero();
        }
    }

    @Test
    void shouldForgetProducersLaterThanALeader() { // P41
        try (ReplicaRig rig = following()) {
            rig.session(1, 1, 5, 0);
            rig.append(1, 1, 5, 0, 0, ReplicaRig.placed(TestBatches.idempotent(9, 0, 0, 1), 0, 1));
            rig.write();
            assertThat(rig.replica.producers().orElseThrow().size()).isEqualTo(1);
            rig.replica.expireProducers(rig.now + 200, 100);
            assertThat(rig.replica.producers().orElseThrow().size()).isEqualTo(1);
            rig.replica.expireProducers(rig.now + 201, 100);
            assertThat(rig.replica.producers().orElseThrow().size()).isZero();
            rig.metadata(1, 1);
        }
    }

    @Test
    void shouldPageTheEpochChain() {
        try (ReplicaRig rig = following()) {
            rig.metadata(1, 100);
            rig.session(1, 100, 5, 0);
            for (int i = 0; i < 40; i++) {
                rig.append(1, 100, 5, i, i, 0, batch(i, i + 1, 1));
            }
            rig.write();
            rig.metadata(3, 101);
            rig.replies.clear();
            rig.open(3, 101, 1);
            ReplicaMessage.State first = (ReplicaMessage.State) rig.replies.remove(0);
            assertThat(first.epochs().entries()).hasSize(32).first().isEqualTo(new EpochEntry(9, 8));
            assertThat(first.epochs().endOffset()).isEqualTo(40);
            assertThat(first.epochs().complete()).isFalse();
            rig.message(3, new ReplicaMessage.Open(ID, 101, 2, rig.index, 102, 103, 0, 9));
            ReplicaMessage.State second = (ReplicaMessage.State) rig.replies.remove(0);
            assertThat(second.epochs().entries()).hasSize(8).last().isEqualTo(new EpochEntry(8, 7));
            assertThat(second.epochs().endOffset()).isEqualTo(8);
            assertThat(second.epochs().complete()).isTrue();
        }
    }

    static ReplicaRig following() {
        ReplicaRig rig = new ReplicaRig(2);
        rig.metadata(1, 1);
        return rig;
    }

    /** Three batches of two records in epoch 1, the first two committed; session 5 is open. */
    static ReplicaRig followingWithThree() {
        ReplicaRig rig = following();
        rig.session(1, 1, 5, 0);
        rig.append(1, 1, 5, 0, 4, batch(0, 1, 2), batch(2, 1, 2), batch(4, 1, 2));
        rig.write();
        rig.ack();
        rig.said.clear();
        return rig;
    }
}
