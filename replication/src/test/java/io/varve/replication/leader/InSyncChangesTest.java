// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.leader;

import static io.varve.replication.leader.LeaderStage.EPOCH;
import static io.varve.replication.leader.LeaderStage.MILLIS;
import static io.varve.replication.leader.LeaderStage.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import io.varve.replication.protocol.InSyncAnswer;
import io.varve.replication.protocol.InSyncAnswer.Verdict;
import io.varve.replication.protocol.NackCode;
import io.varve.replication.protocol.Rule;
import io.varve.replication.protocol.Rules;
import io.varve.storage.Chunk;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InSyncChangesTest {
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

    /** Nodes 1 and 2 in sync, with two records committed; node 3 knows nothing. */
    private LeaderStage committed() {
        stage.lead(List.of(1, 2)).links(2, 3).streams(2, 0);
        stage.append(2).ack(2, 2).written(2);
        assertThat(stage.leader.highWatermark()).isEqualTo(2);
        return stage;
    }

    @Test
    void shouldAskForAFollowerOnceItHasEverythingCommitted() {
        committed().streams(3, 0);
        assertThat(stage.proposals).isEmpty();
        stage.ack(3, 2, 1);
        assertThat(stage.proposals).isEmpty();
        stage.ack(3, 2, 2);
        assertThat(stage.said).contains("propose [1@10, 2@20, 3@30] at 1");
        assertThat(stage.leader.isr()).containsExactly(1, 2);
        assertThat(stage.leader.maximalIsr()).containsExactly(1, 2, 3);
    }

    @Test
    void shouldNotAskForWhomTheMetadataDoesNotAllow() {
        stage.nodes.ineligible.add(3);
        committed().streams(3, 2);
        assertThat(stage.proposals).isEmpty();
        stage.nodes.ineligible.clear();
        stage.membersChanged();
        assertThat(stage.lastProposed()).containsExactly(1, 2, 3);
    }

    @Test
    void shouldNotAskForAFollowerBelowTheStartOfTheEpoch() {
        stage.log.write(1, 4);
        stage.lead(List.of(1)).links(2).streams(2, 0).streams(2, 0);
        assertThat(stage.view(2).state()).isEqualTo(FollowerView.State.STREAM);
        assertThat(stage.proposals).isEmpty(); // hw is 0, the epoch starts at 4
        without(Rule.NO_LESO_CHECK);
        stage.log.write(1, 4);
        stage.lead(List.of(1)).links(2).streams(2, 0).streams(2, 0);
        assertThat(stage.lastProposed()).containsExactly(1, 2);
    }

    @Test
    void shouldCountTheOneToBeAddedFromTheMomentOfAsking() {
        committed().streams(3, 2).append(1).ack(2, 3).written(3);
        assertThat(stage.leader.highWatermark()).isEqualTo(2); // P22
        stage.ack(3, 3);
        assertThat(stage.leader.highWatermark()).isEqualTo(3);
        without(Rule.NO_MAXIMAL_EXPAND);
        committed().streams(3, 2).append(1).ack(2, 3).written(3);
        assertThat(stage.leader.highWatermark()).isEqualTo(3);
    }

    @Test
    void shouldCountTheOneToBeRemovedUntilThatIsCommitted() {
        threeInSync().append(1).ack(2, 1).written(1);
        laggingThird();
        assertThat(stage.lastProposed()).containsExactly(1, 2);
        assertThat(stage.leader.highWatermark()).isZero();
        stage.answered(Verdict.ACCEPTED);
        assertThat(stage.leader.highWatermark()).isZero();
        stage.lead(List.of(1, 2));
        assertThat(stage.leader.highWatermark()).isEqualTo(1);
        without(Rule.SHRINK_EAGER);
        threeInSync().append(1).ack(2, 1).written(1);
        laggingThird();
        assertThat(stage.leader.highWatermark()).isEqualTo(1);
    }

    private LeaderStage threeInSync() {
        return stage.lead(List.of(1, 2, 3)).links(2, 3).streams(2, 0).streams(3, 0);
    }

    private void laggingThird() {
        stage.pass(10 * SECOND);
        assertThat(stage.proposals).isEmpty();
        stage.pass(MILLIS);
    }

    @Test
    void shouldNeverTakeBackAProposalThatNobodyAnswered() {
        committed().streams(3, 2);
        stage.pass(SECOND).pass(SECOND);
        assertThat(stage.proposals).hasSize(3);
        assertThat(stage.proposals).containsOnly(stage.lastProposal()); // P22: the same
        for (Verdict verdict : List.of(Verdict.UNKNOWN, Verdict.OUTDATED, Verdict.INVALID, Verdict.INELIGIBLE)) {
            stage.answered(verdict);
            assertThat(stage.leader.maximalIsr()).containsExactly(1, 2, 3);
        }
        stage.lead(List.of(1, 2));
        assertThat(stage.leader.maximalIsr()).containsExactly(1, 2);
    }

    @Test
    void shouldTakeBackAnUnansweredProposalOnlyWithoutTheRule() {
        without(Rule.ROLLBACK_ON_TIMEOUT);
        committed().streams(3, 2);
        stage.leader.onProposalAnswered(new InSyncAnswer(EPOCH, 1, Verdict.UNKNOWN), stage.now);
        assertThat(stage.leader.maximalIsr()).containsExactly(1, 2);
    }

    @Test
    void shouldSendAgainAfterAPauseWhenTheAnswerSaysNothing() {
        committed().streams(3, 2).answered(Verdict.UNKNOWN);
        assertThat(stage.proposals).hasSize(1);
        stage.pass(SECOND);
        assertThat(stage.proposals).hasSize(2);
        stage.answered(Verdict.OUTDATED).pass(10 * SECOND);
        assertThat(stage.proposals).hasSize(2); // the metadata will tell
    }

    @Test
    void shouldIgnoreAnswersToAnotherProposal() {
        committed().streams(3, 2);
        stage.leader.onProposalAnswered(new InSyncAnswer(EPOCH - 1, 1, Verdict.INELIGIBLE), stage.now);
        stage.leader.onProposalAnswered(new InSyncAnswer(EPOCH, 0, Verdict.INELIGIBLE), stage.now);
        stage.lead(List.of(1, 2));
        assertThat(stage.proposals).hasSize(2); // nobody was refused
    }

    @Test
    void shouldAskLessAndLessOftenForAMemberThatWasRefused() {
        committed().streams(3, 2);
        long pauseNanos = 500 * MILLIS;
        for (int refusals = 1; refusals <= 3; refusals++) {
            stage.answered(Verdict.INELIGIBLE).lead(List.of(1, 2));
            assertThat(stage.proposals).hasSize(refusals);
            stage.pass(pauseNanos - 1);
            assertThat(stage.proposals).hasSize(refusals);
            stage.pass(1);
            assertThat(stage.proposals).hasSize(refusals + 1);
            pauseNanos *= 2;
        }
    }

    @Test
    void shouldAskAtOnceWhenARefusedMemberWasUnfencedOrOpenedANewSession() {
        committed().streams(3, 2).answered(Verdict.INELIGIBLE);
        stage.nodes.ineligible.add(3);
        stage.lead(List.of(1, 2)).pass(100 * MILLIS);
        assertThat(stage.proposals).hasSize(1);
        stage.nodes.ineligible.clear();
        stage.membersChanged();
        assertThat(stage.proposals).hasSize(2);
        stage.answered(Verdict.INELIGIBLE).lead(List.of(1, 2)).pass(100 * MILLIS);
        assertThat(stage.proposals).hasSize(2);
        stage.links(3).streams(3, 2);
        assertThat(stage.proposals).hasSize(3);
    }

    @Test
    void shouldPauseARefusedMemberAlsoWhenTheMetadataWasFaster() {
        committed().streams(3, 2);
        stage.nodes.ineligible.add(3);
        stage.lead(List.of(1, 2));
        stage.nodes.ineligible.clear();
        stage.leader.onProposalAnswered(new InSyncAnswer(EPOCH, 1, Verdict.INELIGIBLE), stage.now);
        stage.pass(499 * MILLIS);
        assertThat(stage.proposals).hasSize(1);
        stage.pass(MILLIS);
        assertThat(stage.proposals).hasSize(2);
    }

    @Test
    void shouldKeepAFollowerThatIsBehindButAlwaysCatchesUpWithSomethingRecent() {
        threeInSync();
        for (int i = 1; i <= 30; i++) { // always one behind
            stage.append(1).ack(2, i).written(i);
            stage.ack(3, i - 1).passAlive(SECOND, 2, 3);
        }
        assertThat(stage.proposals).isEmpty();
    }

    @Test
    void shouldKeepAnIdlePartitionsFollowersInSync() {
        threeInSync().passAlive(60 * SECOND, 2, 3);
        stage.append(1).pass(9 * SECOND);
        assertThat(stage.proposals).isEmpty(); // behind for nine seconds only
    }

    @Test
    void shouldRemoveAFollowerWhoseLinkIsDownForTooLong() {
        threeInSync().passAlive(60 * SECOND, 2, 3);
        stage.leader.linkDown(3, stage.now);
        stage.passAlive(10 * SECOND, 2);
        assertThat(stage.proposals).isEmpty();
        stage.passAlive(SECOND, 2);
        assertThat(stage.lastProposed()).containsExactly(1, 2);
    }

    @Test
    void shouldRemoveAFollowerAtOnceWhoseDiskFails() {
        threeInSync().nack(3, NackCode.STORAGE_ERROR);
        assertThat(stage.lastProposed()).containsExactly(1, 2);
    }

    @Test
    void shouldRemoveAFollowerThatDoesNotFlushAndTakeItBackWhenItWasPromptForLong() {
        threeInSync().append(1).ack(2, 1).ack(3, 1, 0).written(1);
        stage.passAlive(SECOND, 2, 3);
        assertThat(stage.proposals).isEmpty();
        stage.passAlive(MILLIS, 2, 3);
        assertThat(stage.lastProposed()).containsExactly(1, 2);
        stage.answered(Verdict.ACCEPTED).lead(List.of(1, 2));
        assertThat(stage.leader.highWatermark()).isEqualTo(1);
        stage.ack(3, 1).passAlive(29 * SECOND, 2, 3);
        assertThat(stage.proposals).hasSize(1);
        stage.passAlive(2 * SECOND, 2, 3);
        assertThat(stage.lastProposed()).containsExactly(1, 2, 3);
    }

    @Test
    void shouldKeepAFollowerThatDoesNotFlushWhenTheSetWouldBecomeTooSmall() {
        stage.lead(List.of(1, 2)).links(2).streams(2, 0).append(1).ack(2, 1, 0).written(1);
        stage.passAlive(5 * SECOND, 2);
        assertThat(stage.proposals).isEmpty();
    }

    @Test
    void shouldNotTakeASilentNodeForASlowDisk() {
        threeInSync().append(1).ack(2, 1).written(1);
        stage.passAlive(5 * SECOND, 2);
        assertThat(stage.proposals).isEmpty();
    }

    @Test
    void shouldCommitNothingAndRefuseWhileTheSetIsTooSmall() {
        stage.lead(List.of(1)).append(1);
        assertThat(stage.answers).containsExactly("1 rejected NOT_ENOUGH_REPLICAS"); // P26
        stage.lead(EPOCH + 1, List.of(1, 2), 2).append(1).lead(EPOCH + 1, List.of(1), 2);
        assertThat(stage.answers).contains("2 indeterminate NOT_ENOUGH_REPLICAS_AFTER_APPEND");
        stage.written(1);
        assertThat(stage.leader.highWatermark()).isZero(); // P15
        without(Rule.HW_BELOW_MINISR);
        stage.lead(List.of(1)).lead(EPOCH, List.of(1), 2);
        stage.log.write(EPOCH, 1);
        stage.written(1);
        assertThat(stage.leader.highWatermark()).isEqualTo(1);
    }
}
