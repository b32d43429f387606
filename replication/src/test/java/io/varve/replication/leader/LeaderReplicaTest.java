// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.leader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.replication.Acks;
import io.varve.replication.Append;
import io.varve.replication.AppendResult;
import io.varve.replication.AppendResult.Appended;
import io.varve.replication.AppendResult.Indeterminate;
import io.varve.replication.AppendResult.Rejected;
import io.varve.replication.InvariantException;
import io.varve.replication.RejectReason;
import io.varve.replication.ReplicaSettings;
import io.varve.replication.TestBatches;
import io.varve.storage.Chunk;
import io.varve.storage.Durability;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LeaderReplicaTest {
    private static final long NOW = 1_000;
    private static final long LATE = 5_000;
    private static final int EPOCH = 3;

    private final FakeLog log = new FakeLog();
    private final List<String> said = new ArrayList<>();
    private LeaderReplica leader = replica(Durability.FLUSHED, false);

    @BeforeEach
    void leadAsSoleReplica() {
        lead(EPOCH, 1, List.of(1), 1);
    }

    @AfterEach
    void everyChunkIsReleased() {
        assertThat(Chunk.openCount()).isZero();
    }

    @Test
    void shouldAcknowledgeAllOnlyWhenFlushed() {
        Answer answer = append(TestBatches.of(3), Acks.ALL);
        assertThat(log.batches).hasSize(1);
        leader.logProgressed(3, 0);
        assertThat(answer.result).isNull();
        leader.logProgressed(3, 3);
        assertThat(answer.result).isEqualTo(new Appended(0, AppendResult.NO_TIME, 0));
        assertThat(said).containsExactly("hw 3");
    }

    @Test
    void shouldAcknowledgeAllWhenWrittenIfTheTopicAsksForNoMore() {
        leader = replica(Durability.WRITTEN, false);
        lead(EPOCH, 1, List.of(1), 1);
        Answer answer = append(TestBatches.of(3), Acks.ALL);
        leader.logProgressed(3, 0);
        assertThat(answer.result).isInstanceOf(Appended.class);
    }

    @Test
    void shouldAcknowledgeTheLeadersOwnCopyBeforeItIsCommitted() {
        lead(EPOCH + 1, 2, List.of(1, 2), 2);
        Answer leaderOnly = append(TestBatches.of(3), Acks.LEADER);
        Answer all = append(TestBatches.of(3), Acks.ALL);
        leader.logProgressed(6, 6);
        assertThat(leaderOnly.result).isInstanceOf(Appended.class);
        assertThat(all.result).isNull();
        assertThat(leader.highWatermark()).isZero(); // P18: invisible
    }

    @Test
    void shouldCompleteAcksNoneWhenTheKernelHasTheBytes() {
        Answer answer = append(TestBatches.of(3), Acks.NONE);
        assertThat(answer.result).isNull();
        leader.logProgressed(3, 0);
        assertThat(answer.result).isInstanceOf(Appended.class);
    }

    @Test
    void shouldRejectAppendWhenEpochIsStaleOrUnknown() {
        assertRejected(append(TestBatches.of(1), Acks.ALL, EPOCH - 1), RejectReason.FENCED_LEADER_EPOCH);
        assertRejected(append(TestBatches.of(1), Acks.ALL, EPOCH + 1), RejectReason.UNKNOWN_LEADER_EPOCH);
        assertThat(append(TestBatches.of(1), Acks.ALL, EPOCH).result).isNull();
        assertThat(log.batches).hasSize(1);
    }

    @Test
    void shouldRejectAppendWhenNotLeading() {
        leader.stop(RejectReason.NOT_LEADER_OR_FOLLOWER, "node 2 leads");
        assertRejected(append(TestBatches.of(1), Acks.ALL), RejectReason.NOT_LEADER_OR_FOLLOWER);
    }

    @Test
    void shouldRejectAppendWhoseDeadlineHasPassed() {
        Answer answer = new Answer();
        leader.append(new Append(TestBatches.of(1), Acks.ALL, 0, NOW, answer::take), NOW, 0);
        assertRejected(answer, RejectReason.REQUEST_TIMED_OUT);
        assertThat(log.batches).isEmpty();
    }

    @Test
    void shouldRejectIdempotenceWithoutAcksAll() {
        for (Acks acks : List.of(Acks.NONE, Acks.LEADER)) {
            assertRejected(append(TestBatches.idempotent(1, 0, 0, 1), acks), RejectReason.INVALID_REQUIRED_ACKS);
        }
    }

    @Test
    void shouldRejectWhenTooMuchWaitsForTheDisk() {
        log.stagedBytes = ReplicaSettings.DEFAULT_STAGED_BYTES_MAX;
        assertRejected(append(TestBatches.of(1), Acks.ALL), RejectReason.THROTTLING_QUOTA_EXCEEDED);
    }

    @Test
    void shouldRejectAllAndTakeOthersWhileTheInSyncSetIsTooSmall() {
        lead(EPOCH + 1, 2, List.of(1), 2);
        assertRejected(append(TestBatches.of(1), Acks.ALL), RejectReason.NOT_ENOUGH_REPLICAS); // P26
        Answer leaderOnly = append(TestBatches.of(1), Acks.LEADER);
        leader.logProgressed(1, 1);
        assertThat(leaderOnly.result).isInstanceOf(Appended.class);
        assertThat(leader.highWatermark()).isZero();
    }

    @Test
    void shouldAnswerNotEnoughReplicasAfterAppendWhenTheSetShrinks() {
        lead(EPOCH + 1, 2, List.of(1, 2), 2);
        Answer answer = append(TestBatches.of(1), Acks.ALL);
        leader.lead(SoleLead.state(EPOCH + 1, 3, List.of(1), 2), SoleLead.NOBODY, new ProducerStates(), 0);
        assertIndeterminate(answer, RejectReason.NOT_ENOUGH_REPLICAS_AFTER_APPEND);
    }

    @Test
    void shouldAnswerTimedOutAppendsIndeterminate() {
        Answer answer = append(TestBatches.of(1), Acks.ALL);
        leader.tick(LATE - 1);
        assertThat(answer.result).isNull();
        leader.tick(LATE);
        assertIndeterminate(answer, RejectReason.REQUEST_TIMED_OUT);
    }

    @Test
    void shouldNotAcknowledgeADuplicateBeforeItsOriginalIsCommitted() {
        Answer first = append(TestBatches.idempotent(1, 0, 0, 3), Acks.ALL);
        Answer again = append(TestBatches.idempotent(1, 0, 0, 3), Acks.ALL);
        assertThat(again.result).isNull(); // P39
        assertThat(log.batches).hasSize(1);
        leader.logProgressed(3, 3);
        assertThat(first.result).isEqualTo(again.result).isEqualTo(new Appended(0, AppendResult.NO_TIME, 0));
        assertThat(append(TestBatches.idempotent(1, 0, 0, 3), Acks.ALL).result)
                .isEqualTo(new Appended(0, AppendResult.NO_TIME, 0));
        assertThat(log.batches).hasSize(1);
    }

    @Test
    void shouldNotAcknowledgeADuplicateOfAnEarlierEpochBeforeItIsCommittedInThisOne() {
        append(TestBatches.idempotent(1, 0, 0, 3), Acks.ALL);
        lead(EPOCH + 1, 2, List.of(1), 1);
        Answer again = append(TestBatches.idempotent(1, 0, 0, 3), Acks.ALL);
        assertThat(again.result).isNull();
        leader.logProgressed(3, 3);
        assertThat(again.result).isInstanceOf(Appended.class);
    }

    @Test
    void shouldGiveAnOldDuplicateNoDefiniteAnswer() {
        for (int i = 0; i < 6; i++) {
            append(TestBatches.idempotent(1, 0, i, 1), Acks.ALL);
        }
        assertIndeterminate(
                append(TestBatches.idempotent(1, 0, 0, 1), Acks.ALL), RejectReason.DUPLICATE_SEQUENCE_NUMBER);
        assertThat(log.batches).hasSize(6);
        leader.stop(RejectReason.NETWORK_EXCEPTION, "closed");
    }

    @Test
    void shouldFailWhatWaitsBeforeANewEpochBegins() {
        Answer answer = append(TestBatches.of(1), Acks.ALL);
        lead(EPOCH + 1, 2, List.of(1), 1);
        assertIndeterminate(answer, RejectReason.NOT_LEADER_OR_FOLLOWER); // P5
        leader.logProgressed(1, 1); // completes nobody by its offset alone
        assertThat(answer.count).isEqualTo(1);
        assertThat(log.epochs).containsExactly("3@0", "4@1");
    }

    @Test
    void shouldIgnoreOldNews() {
        leader.lead(SoleLead.state(EPOCH - 1, 9, List.of(1), 1), SoleLead.NOBODY, new ProducerStates(), 0);
        leader.lead(SoleLead.state(EPOCH, 1, List.of(1), 2), SoleLead.NOBODY, new ProducerStates(), 0);
        assertThat(leader.leaderEpoch()).isEqualTo(EPOCH);
        assertThat(append(TestBatches.of(1), Acks.ALL).result).isNull();
    }

    @Test
    void shouldResignWhenAWriteFailsAndNeverReuseTheEpoch() {
        Answer flushed = append(TestBatches.of(2), Acks.ALL);
        Answer lost = append(TestBatches.of(2), Acks.ALL);
        log.failKeeping(2);
        leader.logFailed(RejectReason.KAFKA_STORAGE_ERROR, "write at 2 failed", 2, 2);
        assertThat(flushed.result).isInstanceOf(Appended.class); // its end was certain
        assertIndeterminate(lost, RejectReason.KAFKA_STORAGE_ERROR);
        assertThat(said).containsExactly("hw 2", "resigned 3 KAFKA_STORAGE_ERROR");
        assertRejected(append(TestBatches.of(1), Acks.ALL), RejectReason.NOT_LEADER_OR_FOLLOWER);
        log.reopen();
        leader.lead(SoleLead.state(EPOCH, 2, List.of(1), 1), SoleLead.NOBODY, new ProducerStates(), 0);
        assertRejected(append(TestBatches.of(1), Acks.ALL), RejectReason.NOT_LEADER_OR_FOLLOWER);
        lead(EPOCH + 1, 3, List.of(1), 1);
        assertThat(append(TestBatches.of(1), Acks.ALL).result).isNull();
        assertThat(log.epochs).containsExactly("3@0", "4@2");
    }

    @Test
    void shouldRejectAppendThatTheLogNoLongerTakes() {
        Answer before = append(TestBatches.of(1), Acks.ALL);
        log.failed = true; // its notice is still on the way
        assertRejected(append(TestBatches.idempotent(1, 0, 0, 1), Acks.ALL), RejectReason.KAFKA_STORAGE_ERROR);
        assertThat(leader.producers().size()).isZero();
        leader.logFailed(RejectReason.DISK_FULL, "no space", 1, 1);
        assertThat(before.result).isInstanceOf(Appended.class);
    }

    @Test
    void shouldStampTheLeadersClockWhenTheTopicWantsIt() {
        leader = replica(Durability.FLUSHED, true);
        lead(EPOCH, 1, List.of(1), 1);
        Answer answer = new Answer();
        leader.append(new Append(TestBatches.of(2), Acks.ALL, 0, LATE, answer::take), NOW, 123_456);
        leader.logProgressed(2, 2);
        assertThat(answer.result).isEqualTo(new Appended(0, 123_456, 0));
    }

    @Test
    void shouldKnowTheLatestOffsetOnlyWhenItsEpochsStartIsCommitted() {
        append(TestBatches.of(4), Acks.LEADER);
        lead(EPOCH + 1, 2, List.of(1), 1);
        assertThat(leader.knowsLatestOffset()).isFalse(); // P17
        leader.logProgressed(4, 4);
        assertThat(leader.knowsLatestOffset()).isTrue();
    }

    @Test
    void shouldStopLoudlyWhenTheLogClaimsMoreThanWasStaged() {
        assertThatThrownBy(() -> leader.logProgressed(1, 1))
                .isInstanceOf(InvariantException.class)
                .hasMessageContaining("t-0");
    }

    @Test
    void shouldRefuseAHighWatermarkBeyondTheLog() {
        assertThatThrownBy(() -> SoleLead.of(settings(Durability.FLUSHED, false), 1, log, output()))
                .isInstanceOf(InvariantException.class)
                .hasMessageContaining("high watermark 1 <= log end 0");
    }

    private static final class Answer {
        @Nullable
        AppendResult result;

        int count;

        void take(AppendResult answered) {
            result = answered;
            count++;
        }
    }

    private Answer append(Chunk chunk, Acks acks) {
        return append(chunk, acks, Append.ANY_EPOCH);
    }

    private Answer append(Chunk chunk, Acks acks, int leaderEpoch) {
        Answer answer = new Answer();
        leader.append(new Append(chunk, acks, leaderEpoch, LATE, answer::take), NOW, 0);
        return answer;
    }

    private void lead(int leaderEpoch, int partitionEpoch, List<Integer> isr, int minIsr) {
        leader.lead(SoleLead.state(leaderEpoch, partitionEpoch, isr, minIsr), SoleLead.NOBODY, log.replay(), 0);
    }

    private LeaderReplica replica(Durability durability, boolean logAppendTime) {
        return SoleLead.of(settings(durability, logAppendTime), 0, log, output());
    }

    private static ReplicaSettings settings(Durability durability, boolean logAppendTime) {
        return new ReplicaSettings(1, durability, logAppendTime, 1 << 20, ReplicaSettings.DEFAULT_STAGED_BYTES_MAX);
    }

    private LeaderOutput output() {
        return new SoleOutput() {
            @Override
            public void highWatermarkMoved(long highWatermark) {
                said.add("hw " + highWatermark);
            }

            @Override
            public void resigned(int leaderEpoch, RejectReason reason, String detail) {
                said.add("resigned " + leaderEpoch + " " + reason);
            }
        };
    }

    private static void assertRejected(Answer answer, RejectReason reason) {
        assertThat(answer.result)
                .isInstanceOfSatisfying(
                        Rejected.class,
                        rejected -> assertThat(rejected.reason()).isEqualTo(reason));
    }

    private static void assertIndeterminate(Answer answer, RejectReason reason) {
        assertThat(answer.result)
                .isInstanceOfSatisfying(
                        Indeterminate.class,
                        result -> assertThat(result.reason()).isEqualTo(reason));
    }
}
