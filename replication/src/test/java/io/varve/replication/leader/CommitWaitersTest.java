// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.leader;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.replication.AppendResult;
import io.varve.replication.RejectReason;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CommitWaitersTest {
    private static final long FAR = 1_000_000;

    private final CommitWaiters waiters = new CommitWaiters();
    private final List<String> answers = new ArrayList<>();

    @Test
    void shouldAnswerInOrderEverythingThatEndsAtOrBeforeTheMark() {
        add("a", 0, 5, FAR);
        add("b", 5, 7, FAR);
        add("c", 7, 8, FAR);
        waiters.completeUpTo(7, 0);
        assertThat(answers).containsExactly("a appended at 0", "b appended at 5");
        assertThat(waiters.isEmpty()).isFalse();
    }

    @Test
    void shouldPutADuplicateBesideItsOriginal() {
        add("a", 0, 5, FAR);
        add("b", 5, 7, FAR);
        add("a again", 0, 5, FAR);
        waiters.completeUpTo(5, 0);
        assertThat(answers).containsExactly("a appended at 0", "a again appended at 0");
        waiters.completeUpTo(7, 0);
        assertThat(answers).hasSize(3).endsWith("b appended at 5");
    }

    @Test
    void shouldAnswerADuplicateWhoseOriginalTimedOut() {
        add("a", 0, 5, 100);
        add("b", 5, 7, FAR);
        add("a again", 0, 5, FAR);
        waiters.expire(100, "t-0");
        waiters.completeUpTo(7, 0);
        assertThat(answers)
                .containsExactly("a INDETERMINATE REQUEST_TIMED_OUT", "a again appended at 0", "b appended at 5");
        assertThat(waiters.isEmpty()).isTrue();
    }

    @Test
    void shouldKeepNothingOfWhatTimedOut() {
        add("a", 0, 5, 100);
        add("a again", 0, 5, 100);
        waiters.expire(100, "t-0");
        assertThat(answers).hasSize(2);
        assertThat(waiters.isEmpty()).isTrue();
    }

    @Test
    void shouldAnswerTheLateOnesIndeterminateAndOnlyOnce() {
        add("slow", 0, 5, 100);
        add("patient", 5, 7, FAR);
        waiters.expire(99, "t-0");
        assertThat(answers).isEmpty();
        waiters.expire(100, "t-0");
        assertThat(answers).containsExactly("slow INDETERMINATE REQUEST_TIMED_OUT");
        waiters.completeUpTo(7, 0);
        assertThat(answers).containsExactly("slow INDETERMINATE REQUEST_TIMED_OUT", "patient appended at 5");
    }

    @Test
    void shouldKnowDeadlinesAcrossTheOverflowOfTheClock() {
        long now = Long.MAX_VALUE - 5;
        add("a", 0, 5, now + 10); // negative
        waiters.expire(now, "t-0");
        assertThat(answers).isEmpty();
        waiters.expire(now + 10, "t-0");
        assertThat(answers).hasSize(1);
    }

    @Test
    void shouldFindTheNextDeadlineAfterOneHasPassed() {
        add("a", 0, 5, 200);
        add("b", 5, 6, 100);
        waiters.expire(150, "t-0");
        assertThat(answers).hasSize(1);
        waiters.expire(250, "t-0");
        assertThat(answers).containsExactly("b INDETERMINATE REQUEST_TIMED_OUT", "a INDETERMINATE REQUEST_TIMED_OUT");
    }

    @Test
    void shouldFailEverybodyOnce() {
        add("a", 0, 5, 10);
        add("b", 5, 6, FAR);
        waiters.expire(20, "t-0");
        waiters.failAll(RejectReason.NOT_LEADER_OR_FOLLOWER, "epoch 3 is over");
        waiters.completeUpTo(10, 0);
        assertThat(answers)
                .containsExactly("a INDETERMINATE REQUEST_TIMED_OUT", "b INDETERMINATE NOT_LEADER_OR_FOLLOWER");
    }

    private void add(String name, long baseOffset, long endOffset, long deadlineNanos) {
        waiters.add(baseOffset, endOffset, AppendResult.NO_TIME, deadlineNanos, result -> {
            if (result instanceof AppendResult.Appended appended) {
                answers.add(name + " appended at " + appended.baseOffset());
            } else if (result instanceof AppendResult.Indeterminate indeterminate) {
                answers.add(name + " INDETERMINATE " + indeterminate.reason());
            } else {
                answers.add(name + " " + result);
            }
        });
    }
}
