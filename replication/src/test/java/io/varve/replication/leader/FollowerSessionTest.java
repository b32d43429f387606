// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.leader;

import static io.varve.replication.leader.LeaderStage.EPOCH;
import static io.varve.replication.leader.LeaderStage.MILLIS;
import static io.varve.replication.leader.LeaderStage.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import io.varve.replication.RejectReason;
import io.varve.replication.protocol.EpochPage;
import io.varve.replication.protocol.FollowerPosition;
import io.varve.replication.protocol.NackCode;
import io.varve.replication.protocol.PeerStream;
import io.varve.replication.protocol.ReplicaMessage;
import io.varve.replication.protocol.Rule;
import io.varve.replication.protocol.Rules;
import io.varve.storage.Chunk;
import io.varve.storage.Durability;
import io.varve.storage.EpochEntry;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FollowerSessionTest {
    private LeaderStage stage = new LeaderStage(Rules.ALL);

    @AfterEach
    void everyChunkIsReleased() {
        stage.close();
        assertThat(Chunk.openCount()).isZero();
    }

    private void without(Rule rule) {
        stage.close();
        stage = new LeaderStage(Rules.without(rule));
    }

    @Test
    void shouldHoldTheNormalConversation() {
        stage.lead(List.of(1, 2, 3)).links(2, 3);
        stage.state(2, 0, 0).state(3, 0, 0).ack(2, 0).ack(3, 0);
        stage.append(5);
        stage.ack(2, 5).ack(3, 5, 0).written(5).ack(3, 5);
        stage.append(1);
        assertThat(String.join("\n", stage.said)).isEqualTo("""
                        2 DATA Open 1 to 20
                        3 DATA Open 2 to 30
                        2 DATA Truncate 1 to 0
                        3 DATA Truncate 2 to 0
                        2 DATA Append 1 [0, 5) after epoch 0 hw 0
                        3 DATA Append 2 [0, 5) after epoch 0 hw 0
                        hw 5
                        2 CONTROL Commit 1 hw 5
                        3 CONTROL Commit 2 hw 5
                        2 DATA Append 1 [5, 6) after epoch 3 hw 5
                        3 DATA Append 2 [5, 6) after epoch 3 hw 5""");
        assertThat(stage.answers).containsExactly("1 appended at 0");
    }

    @Test
    void shouldCutAFollowerWhereItsLogLeavesTheLeaders() {
        stage.log.write(1, 4, 4);
        stage.log.write(2, 2);
        stage.lead(List.of(1, 2, 3)).links(2);
        stage.state(2, 12, 6, new EpochEntry(1, 0));
        assertThat(stage.said).containsExactly("2 DATA Open 1 to 20", "2 DATA Truncate 1 to 8");
    }

    @Test
    void shouldTruncateAlsoWhenNothingIsToBeCut() {
        stage.log.write(1, 4);
        stage.lead(List.of(1, 2, 3)).links(2).state(2, 4, 4, new EpochEntry(1, 0));
        assertThat(stage.said).contains("2 DATA Truncate 1 to 4");
    }

    @Test
    void shouldAskForOlderEpochsWhenAPageDoesNotTell() {
        stage.log.write(1, 4, 4);
        stage.lead(List.of(1, 2, 3)).links(2);
        stage.answer(
                2,
                new ReplicaMessage.State(
                        LeaderStage.ID, EPOCH, 1, 20, 0, 9, 0, new EpochPage(List.of(new EpochEntry(2, 6)), 9, false)));
        assertThat(stage.said).containsExactly("2 DATA Open 1 to 20", "2 DATA Open 2 to 20 below 2");
        stage.state(2, 6, 0, new EpochEntry(1, 0));
        assertThat(stage.said).contains("2 DATA Truncate 2 to 6");
    }

    @Test
    void shouldCountNothingBeforeTheTruncationIsAcknowledged() {
        stage.log.write(1, 4);
        stage.lead(List.of(1, 2)).links(2);
        stage.ack(2, 4);
        stage.state(2, 4, 0, new EpochEntry(1, 0));
        assertThat(stage.leader.highWatermark()).isZero();
        assertThat(stage.view(2).state()).isEqualTo(FollowerView.State.TRUNCATING);
        stage.ack(2, 4);
        assertThat(stage.leader.highWatermark()).isEqualTo(4);
    }

    @Test
    void shouldBeginAnewWhenAFollowerIsLongerThanItWasTold() {
        stage.log.write(1, 4, 4);
        stage.lead(List.of(1, 2)).links(2);
        stage.state(2, 4, 0, new EpochEntry(1, 0)).ack(2, 8);
        assertThat(stage.view(2).state()).isEqualTo(FollowerView.State.PROBE);
        assertThat(stage.leader.highWatermark()).isZero();
    }

    @Test
    void shouldCountNothingOfAnEarlierSession() {
        stage.log.write(1, 4);
        stage.lead(List.of(1, 2)).links(2).streams(2, 0);
        long older = stage.session(2);
        stage.links(2).streams(2, 0);
        stage.answer(2, stage.ackOf(2, older, 4, 4));
        assertThat(stage.view(2).match().writtenEndOffset()).isZero();
    }

    @Test
    void shouldCountAnEarlierSessionsAckOnlyWithoutTheRule() {
        without(Rule.NO_BROKER_EPOCH_ACK);
        stage.log.write(1, 4);
        stage.lead(List.of(1, 2)).links(2).streams(2, 0);
        stage.answer(2, stage.ackOf(2, 0, 4, 4));
        assertThat(stage.view(2).match().writtenEndOffset()).isEqualTo(4);
    }

    @Test
    void shouldCountNothingOfAnotherIncarnation() {
        stage.log.write(1, 4);
        stage.lead(List.of(1, 2)).links(2).streams(2, 0);
        stage.answer(2, new ReplicaMessage.Ack(LeaderStage.ID, EPOCH, stage.session(2), 19, 4, 4));
        assertThat(stage.view(2).match().writtenEndOffset()).isZero();
    }

    @Test
    void shouldCountNothingOfAnOlderEpoch() {
        stage.log.write(1, 4);
        stage.lead(List.of(1, 2)).links(2).streams(2, 4);
        stage.lead(EPOCH + 1, List.of(1, 2), 2).streams(2, 0);
        stage.answer(2, new ReplicaMessage.Ack(LeaderStage.ID, EPOCH, stage.session(2), 20, 4, 4));
        assertThat(stage.view(2).match().writtenEndOffset()).isZero(); // P4
        without(Rule.ACK_ANY_EPOCH);
        stage.log.write(1, 4);
        stage.lead(List.of(1, 2)).links(2).streams(2, 0);
        stage.answer(2, new ReplicaMessage.Ack(LeaderStage.ID, EPOCH - 1, 9, 20, 4, 4));
        assertThat(stage.view(2).match().writtenEndOffset()).isEqualTo(4);
    }

    @Test
    void shouldForgetWhatWasAcknowledgedWhenAnEpochBegins() {
        stage.log.write(1, 4);
        stage.lead(1 + EPOCH, List.of(1), 2).links(2).streams(2, 4);
        stage.lead(2 + EPOCH, List.of(1, 2), 2);
        assertThat(stage.leader.highWatermark()).isZero();
        without(Rule.MATCH_NOT_RESET);
        stage.log.write(1, 4);
        stage.lead(1 + EPOCH, List.of(1), 2).links(2).streams(2, 4);
        stage.lead(2 + EPOCH, List.of(1, 2), 2);
        assertThat(stage.leader.highWatermark()).isEqualTo(4);
    }

    @Test
    void shouldSkipTheComparisonOrTrustTheHighWatermarkOnlyWithoutTheRules() {
        without(Rule.SKIP_DIVERGENCE);
        stage.log.write(1, 4, 4);
        stage.lead(List.of(1, 2)).links(2).state(2, 6, 3, new EpochEntry(2, 0));
        assertThat(stage.said).contains("2 DATA Truncate 1 to 6");
        without(Rule.TRUNCATE_TO_HW);
        stage.log.write(1, 4, 4);
        stage.lead(List.of(1, 2)).links(2).state(2, 8, 4, new EpochEntry(1, 0));
        assertThat(stage.said).contains("2 DATA Truncate 1 to 4");
    }

    @Test
    void shouldTakeAnswersOfAnySessionOnlyWithoutTheRule() {
        stage.lead(List.of(1, 2)).links(2).links(2);
        stage.answer(
                2, new ReplicaMessage.State(LeaderStage.ID, EPOCH, 1, 20, 0, 0, 0, new EpochPage(List.of(), 0, true)));
        assertThat(stage.said).noneMatch(line -> line.contains("Truncate"));
        without(Rule.NO_SESSION_CHECK);
        stage.lead(List.of(1, 2)).links(2).links(2);
        stage.answer(
                2, new ReplicaMessage.State(LeaderStage.ID, EPOCH, 1, 20, 0, 0, 0, new EpochPage(List.of(), 0, true)));
        assertThat(stage.said).contains("2 DATA Truncate 2 to 0");
    }

    @Test
    void shouldOpenAnewForAnotherIncarnationOfTheFollower() {
        stage.log.write(1, 4);
        stage.lead(List.of(1, 2)).links(2).streams(2, 4);
        stage.nodes.brokerEpochs.put(2, 21L);
        stage.membersChanged();
        assertThat(stage.view(2).match().writtenEndOffset()).isZero();
        assertThat(stage.said).contains("2 DATA Open 2 to 21");
    }

    @Test
    void shouldWaitForAFollowerThatIsNotRegistered() {
        stage.nodes.brokerEpochs.remove(2);
        stage.lead(List.of(1)).links(2);
        assertThat(stage.said).isEmpty();
        stage.nodes.brokerEpochs.put(2, 22L);
        stage.membersChanged();
        assertThat(stage.said).containsExactly("2 DATA Open 1 to 22");
    }

    @Test
    void shouldRepeatAnUnansweredOpenInANewSessionLessAndLessOften() {
        stage.lead(List.of(1, 2)).links(2);
        stage.pass(499 * MILLIS);
        assertThat(stage.said).hasSize(1);
        stage.pass(MILLIS);
        assertThat(stage.said).hasSize(2).contains("2 DATA Open 2 to 20");
        stage.pass(999 * MILLIS);
        assertThat(stage.said).hasSize(2);
        stage.pass(MILLIS);
        assertThat(stage.said).hasSize(3);
    }

    @Test
    void shouldWaitLongerEachTimeAFollowerIsBusyAndOpenAtOnceAfterAGap() {
        stage.lead(List.of(1)).links(2).streams(2, 0);
        stage.nack(2, NackCode.GAP);
        assertThat(stage.said).contains("2 DATA Open 2 to 20");
        int opened = stage.said.size();
        stage.nack(2, NackCode.BUSY).pass(19 * MILLIS);
        assertThat(stage.said).hasSize(opened);
        stage.pass(MILLIS);
        assertThat(stage.said).hasSize(opened + 1);
        stage.nack(2, NackCode.UNKNOWN_REPLICA).pass(20 * MILLIS);
        assertThat(stage.said).hasSize(opened + 1);
        stage.pass(20 * MILLIS);
        assertThat(stage.said).hasSize(opened + 2);
    }

    @Test
    void shouldStopAtOnceWhenAFollowerKnowsAHigherEpoch() {
        stage.lead(List.of(1, 2)).links(2).streams(2, 0);
        stage.append(3);
        stage.nack(2, NackCode.FENCED, EPOCH + 2);
        assertThat(stage.answers).containsExactly("1 indeterminate NOT_LEADER_OR_FOLLOWER");
        assertThat(stage.said).contains("metadata of epoch 5 wanted");
        assertThat(stage.leader.isDeposed()).isTrue();
        stage.answer(2, stage.ackOf(2, 1, 3, 3)); // nobody listens
        stage.append(1);
        assertThat(stage.answers).contains("2 rejected NOT_LEADER_OR_FOLLOWER");
        stage.lead(List.of(1, 2));
        assertThat(stage.leader.isLeading()).isFalse();
        stage.lead(EPOCH + 3, List.of(1, 2), 2);
        assertThat(stage.leader.isLeading()).isTrue();
    }

    @Test
    void shouldWantAFollowerOutThatSaysItCannotFollowThoughNothingIsAppended() {
        for (NackCode code : List.of(NackCode.UNKNOWN_REPLICA, NackCode.STORAGE_ERROR)) {
            stage.close();
            stage = new LeaderStage(Rules.ALL);
            stage.lead(List.of(1, 2, 3)).links(2, 3).streams(2, 0).streams(3, 0);
            stage.nack(2, code);
            assertThat(stage.lastProposed()).as("%s", code).containsExactly(1, 3);
        }
    }

    @Test
    void shouldWaitForAFollowerThatHasNotHeardOfItsReplicaYet() {
        stage.lead(List.of(1, 2, 3)).links(2, 3);
        stage.nack(2, NackCode.UNKNOWN_REPLICA);
        assertThat(stage.proposals).isEmpty();
    }

    @Test
    void shouldNotTakeAReadOfAnEpochThatIsOverForDamage() {
        stage.log.write(1, 4);
        stage.lead(List.of(1, 2)).links(2).streams(2, 4);
        stage.log.evictTail(Long.MAX_VALUE);
        stage.nack(2, NackCode.CORRUPT);
        stage.lead(EPOCH + 1, List.of(1, 2), 2);
        stage.log.failRead(true);
        assertThat(stage.said).noneMatch(line -> line.startsWith("damaged"));
    }

    @Test
    void shouldIgnoreThatASessionOfAnOlderEpochIsFenced() {
        stage.lead(List.of(1, 2)).links(2).streams(2, 0);
        stage.answer(
                2,
                new ReplicaMessage.Nack(
                        LeaderStage.ID, EPOCH - 1, 0, 20, NackCode.FENCED, new FollowerPosition(EPOCH, 0, 0), "late"));
        assertThat(stage.view(2).state()).isEqualTo(FollowerView.State.STREAM);
    }

    @Test
    void shouldTellAFollowerThatBeginsAnewOfTheProducersBefore() { // P41
        stage.log.write(1, 4, 4);
        stage.log.logStartOffset = 4;
        stage.leader.followed(4);
        stage.lead(List.of(1, 2)).links(2).state(2, 2, 0, new EpochEntry(1, 0));
        assertThat(stage.said).noneMatch(line -> line.contains("Reset"));
        stage.log.starts.remove().run();
        stage.turn();
        assertThat(stage.said.subList(stage.said.size() - 2, stage.said.size()))
                .satisfiesExactly(
                        line -> assertThat(line).contains("Producers").contains("part 0"),
                        line -> assertThat(line).contains("Reset").contains("to 4"));
    }

    @Test
    void shouldReadItsOwnCopyWhenAFollowerCallsItDamaged() {
        stage.log.write(1, 4);
        stage.lead(List.of(1, 2)).links(2).streams(2, 4);
        stage.log.evictTail(Long.MAX_VALUE);
        stage.nack(2, NackCode.CORRUPT);
        stage.log.failRead(true);
        assertThat(stage.said).contains("damaged bytes of a read"); // P34
    }

    @Test
    void shouldPushNoMoreThanTheWindowAndGoOnWhenThereIsRoom() {
        stage.close();
        stage = new LeaderStage(Rules.ALL, Durability.FLUSHED, small());
        stage.lead(List.of(1, 2)).links(2).streams(2, 0);
        stage.append(1).append(1).append(1);
        assertThat(stage.said).filteredOn(line -> line.contains("Append")).hasSize(1);
        stage.ack(2, 1, 0);
        assertThat(stage.said).filteredOn(line -> line.contains("Append")).hasSize(2);
        stage.leader.linkPressed(2, true);
        stage.ack(2, 2, 0);
        assertThat(stage.said).filteredOn(line -> line.contains("Append")).hasSize(2);
        stage.leader.linkPressed(2, false);
        stage.turn();
        assertThat(stage.said).filteredOn(line -> line.contains("Append")).hasSize(3);
    }

    @Test
    void shouldRefuseAppendsWhileTooMuchIsNotCommitted() {
        stage.close();
        LeaderSettings normal = LeaderSettings.DEFAULT;
        stage = new LeaderStage(
                Rules.ALL,
                Durability.FLUSHED,
                new LeaderSettings(
                        normal.windowBytes(),
                        normal.appendBytesMax(),
                        100,
                        normal.lagNanosMax(),
                        normal.flushStallNanos(),
                        normal.flushStableNanos(),
                        normal.openTimeoutNanos(),
                        normal.proposalTimeoutNanos()));
        stage.lead(List.of(1, 2)).links(2).streams(2, 0);
        stage.appendDurably(2).appendDurably(2).appendDurably(2);
        assertThat(stage.answers).isNotEmpty().containsOnly("3 rejected THROTTLING_QUOTA_EXCEEDED");
        stage.ack(2, stage.log.stagedEndOffset());
        stage.appendDurably(2);
        assertThat(stage.answers).hasSize(3).contains("1 appended at 0", "2 appended at 2");
    }

    @Test
    void shouldSendSeveralBatchesInOneAppend() {
        stage.lead(List.of(1, 2)).links(2);
        stage.append(1).append(2).append(3);
        stage.streams(2, 0);
        assertThat(stage.said).contains("2 DATA Append 1 [0, 6) after epoch 0 hw 0");
    }

    @Test
    void shouldCatchUpFromDiskOnItsOwnStreamAndComeBack() {
        stage.log.write(1, 4, 4);
        stage.nodes.ineligible.add(2);
        stage.lead(EPOCH, List.of(1), 1).links(2);
        stage.appendDurably(2);
        stage.streams(2, 0);
        assertThat(stage.said).contains("2 CATCH_UP Open 2 to 20");
        stage.streams(2, 0);
        stage.log.answerRead();
        stage.turn();
        assertThat(stage.said).contains("2 CATCH_UP Append 2 [0, 10) after epoch 0 hw 10");
        stage.ack(2, 10);
        assertThat(stage.said).contains("2 DATA Open 3 to 20");
        stage.streams(2, 10).append(1);
        assertThat(stage.said).contains("2 DATA Append 3 [10, 11) after epoch 3 hw 10");
        assertThat(stage.view(2).stream()).isEqualTo(PeerStream.DATA);
    }

    @Test
    void shouldGiveBackWhatAReadBringsTooLate() {
        stage.log.write(1, 4, 4);
        stage.lead(List.of(1)).links(2).streams(2, 0).streams(2, 0);
        stage.leader.linkDown(2, stage.now);
        stage.log.answerRead();
        assertThat(Chunk.openCount()).isZero();
    }

    @Test
    void shouldTellTheHighWatermarkAgainWhenTheFollowerHasMoreOfIt() {
        stage.nodes.ineligible.add(2);
        stage.lead(EPOCH, List.of(1), 1).links(2).streams(2, 0);
        stage.append(4).written(4);
        assertThat(stage.leader.highWatermark()).isEqualTo(4);
        assertThat(stage.said).noneMatch(line -> line.contains("Commit"));
        stage.ack(2, 4, 0);
        assertThat(stage.said).contains("2 CONTROL Commit 1 hw 4");
        stage.ack(2, 4, 4).pass(SECOND);
        assertThat(stage.said).filteredOn(line -> line.contains("Commit")).hasSize(1);
    }

    @Test
    void shouldResignAndEndItsSessionsWhenAWriteFails() {
        stage.lead(List.of(1, 2)).links(2).streams(2, 0).append(3);
        stage.log.failKeeping(0);
        stage.leader.logFailed(RejectReason.KAFKA_STORAGE_ERROR, "EIO", 0, 0);
        assertThat(stage.said).contains("resigned 3 KAFKA_STORAGE_ERROR");
        assertThat(stage.leader.followers()).isEmpty();
    }

    @Test
    void shouldGoOnInTheSameEpochOnlyWithoutTheRule() {
        without(Rule.ROLLBACK_AFTER_PUSH);
        stage.lead(List.of(1, 2)).links(2).streams(2, 0).append(3);
        stage.log.failKeeping(0);
        stage.leader.logFailed(RejectReason.KAFKA_STORAGE_ERROR, "EIO", 0, 0);
        assertThat(stage.said).contains("reopen wanted");
        stage.log.reopen();
        stage.leader.logReopened(stage.log.replay(), stage.now);
        stage.append(2);
        assertThat(stage.said).contains("2 DATA Append 1 [0, 2) after epoch 0 hw 0");
        stage.ack(2, 3).written(2);
        assertThat(stage.leader.highWatermark()).isEqualTo(2);
    }

    @Test
    void shouldCostNothingWhileNobodyIsBehind() {
        stage.lead(List.of(1, 2, 3)).links(2, 3);
        assertThat(stage.leader.isWaiting()).isTrue();
        stage.streams(2, 0).streams(3, 0);
        assertThat(stage.leader.isWaiting()).isFalse();
        stage.append(1);
        assertThat(stage.leader.isWaiting()).isTrue();
        stage.ack(2, 1).ack(3, 1).written(1);
        assertThat(stage.leader.isWaiting()).isFalse();
    }

    private static LeaderSettings small() {
        LeaderSettings normal = LeaderSettings.DEFAULT;
        return new LeaderSettings(
                1,
                1,
                normal.uncommittedBytesMax(),
                normal.lagNanosMax(),
                normal.flushStallNanos(),
                normal.flushStableNanos(),
                normal.openTimeoutNanos(),
                normal.proposalTimeoutNanos());
    }
}
