// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal.producer;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.client.ErrorCode;
import io.varve.client.ErrorDetails;
import io.varve.client.Outcome;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ProducerCoreTest {
    private static final long MS = 1_000_000;
    private static final long NEVER = Long.MAX_VALUE;
    private final RecordingPort port = new RecordingPort();
    private ProducerCore core = core(true, true);
    private UUID topicId = new UUID(0, 1);
    private long now = 1;

    private ProducerCore core(boolean idempotent, boolean acknowledged) {
        return new ProducerCore(new CoreSettings(idempotent, acknowledged, 5, 1_000 * MS, 400 * MS, 100 * MS), port);
    }

    private void metadata(int... leaders) {
        core.metadata(
                new TopicView(
                        "t",
                        topicId,
                        null,
                        java.util.Arrays.stream(leaders)
                                .mapToObj(n -> new TopicView.Leader(n, n))
                                .toList(),
                        1 << 20),
                now);
    }

    private Batch batch(int partition, int count) {
        Batch b = new Batch("batch", count, now + 1_000 * MS);
        core.collected("t", partition, List.of(b), NEVER, NEVER, now);
        return b;
    }

    private void ready(int node) {
        core.nodeReady(node, now);
    }

    private void start() {
        batch(0, 1);
        metadata(1, 1);
        ready(1);
        core.producerId(7, (short) 0, now);
        core.stored(port.sent.get(0), 0, -1, now);
        port.sent.clear();
        port.told.clear();
        port.released.clear();
    }

    private static ErrorDetails error(String reason, boolean retriable, Outcome outcome) {
        return new ErrorDetails(ErrorCode.UNAVAILABLE, reason, reason, "", retriable, outcome, Map.of(), null);
    }

    private static ErrorDetails refusal(String reason) {
        return error(reason, false, Outcome.NOT_APPLIED);
    }

    private static final ErrorDetails LOST = error("NETWORK_EXCEPTION", true, Outcome.INDETERMINATE);

    private void passes(long ms) {
        now += ms * MS;
        core.tick(now);
    }

    @Test
    void shouldAskForMetadataTheNodeAndAnIdBeforeTheFirstBatch() {
        Batch b = batch(0, 3);
        assertThat(port.log).containsExactly("metadata t");
        metadata(1);
        assertThat(port.log).containsExactly("metadata t", "connect 1");
        ready(1);
        assertThat(port.log).last().isEqualTo("allocate");
        core.producerId(7, (short) 0, now);
        assertThat(port.sent).extracting(Flight::batch).containsExactly(b);
        assertThat(b.sequence()).isZero();
        assertThat(b.producerId()).isEqualTo(7);
        core.stored(port.sent.get(0), 40, -1, now);
        assertThat(port.told).containsExactly("stored 40");
        assertThat(port.released).containsExactly(b);
    }

    @Test
    void shouldAskForAnIdAgainAlsoIfSomethingElseIsDueBeforeThat() {
        batch(0, 1);
        metadata(1, 1);
        ready(1);
        core.producerIdFailed(error("QUORUM_UNAVAILABLE", true, Outcome.NOT_APPLIED), now);
        core.collected("t", 1, List.of(), now + MS, now + 1_000 * MS, now);
        port.log.clear();
        for (int events = 0; events < 3 && port.log.isEmpty(); events++) {
            now = core.nextDeadlineNanos();
            core.tick(now);
        }
        assertThat(port.log).containsExactly("allocate");
        assertThat(now).isLessThan(500 * MS);
    }

    @Test
    void shouldKeepAtMostFiveUnderWay() {
        start();
        for (int i = 0; i < 7; i++) {
            batch(0, 2);
        }
        assertThat(port.sent).hasSize(5);
        assertThat(port.sent).extracting(f -> f.batch().sequence()).containsExactly(1, 3, 5, 7, 9);
        core.stored(port.sent.get(0), 1, -1, now);
        assertThat(port.sent).hasSize(6);
    }

    @Test
    void shouldWaitForTheLingerAndTakeTheOpenBatchThen() {
        start();
        Batch open = new Batch("open", 1, now + 1_000 * MS);
        port.open.add(open);
        core.collected("t", 0, List.of(), now + 5 * MS, now + 1_000 * MS, now);
        passes(4);
        assertThat(port.sent).isEmpty();
        assertThat(core.nextDeadlineNanos()).isEqualTo(now + MS);
        passes(1);
        assertThat(port.sent).extracting(Flight::batch).containsExactly(open);
    }

    @Test
    void shouldRetryWithTheSameSequencesAndInOrder() {
        start();
        Batch one = batch(0, 1);
        Batch two = batch(0, 1);
        Flight first = port.sent.get(0);
        Flight second = port.sent.get(1);
        port.sent.clear();
        core.refused(first, error("NOT_LEADER_OR_FOLLOWER", true, Outcome.NOT_APPLIED), now);
        passes(50);
        assertThat(port.sent).as("the second is still under way").isEmpty();
        core.refused(second, refusal("OUT_OF_ORDER_SEQUENCE_NUMBER"), now);
        metadata(1, 1);
        passes(50);
        assertThat(port.sent).extracting(Flight::batch).containsExactly(one, two);
        assertThat(one.sequence()).isEqualTo(1);
        assertThat(two.sequence()).isEqualTo(2);
        assertThat(port.told).isEmpty();
    }

    @Test
    void shouldTellTheSecondOnlyAfterTheFirst() {
        start();
        batch(0, 1);
        batch(0, 1);
        List<Flight> flights = List.copyOf(port.sent);
        core.refused(flights.get(0), error("REQUEST_TIMED_OUT", true, Outcome.INDETERMINATE), now);
        core.stored(flights.get(1), 2, -1, now);
        assertThat(port.told).isEmpty();
        passes(50);
        core.stored(port.sent.get(2), 1, -1, now);
        assertThat(port.told).containsExactly("stored 1", "stored 2");
    }

    @Test
    void shouldReportAnUnknownFateAndHoldTheBytesUntilTheConnectionLetsGo() {
        start();
        Batch b = batch(0, 1);
        passes(399);
        now += 700 * MS;
        core.tick(now);
        assertThat(port.told).hasSize(1).first().asString().startsWith("failed INDETERMINATE");
        assertThat(port.log).contains("reset 1");
        assertThat(port.released).isEmpty();
        core.nodeDown(1, List.of(port.sent.get(0)), LOST, now);
        assertThat(port.released).containsExactly(b);
    }

    @Test
    void shouldReportNotAppliedWhenEveryAttemptWasRefused() {
        start();
        batch(0, 1);
        for (int i = 0; i < 30; i++) {
            if (!port.sent.isEmpty()) {
                core.refused(port.sent.remove(0), error("DISK_FULL", true, Outcome.NOT_APPLIED), now);
            }
            passes(50);
        }
        assertThat(port.told).hasSize(1).first().asString().startsWith("failed NOT_APPLIED DISK_FULL");
        assertThat(port.told.get(0)).contains("gave up after 1000 ms");
        Batch next = batch(0, 1);
        passes(50);
        assertThat(next.producerEpoch()).as("its sequence is a hole").isEqualTo((short) 1);
        assertThat(next.sequence()).isZero();
    }

    @Test
    void shouldNotReplaceTheEpochWhileAnotherPartitionHasABatchOfUnknownFate() {
        start();
        batch(1, 1);
        core.stored(port.sent.get(0), 0, -1, now);
        Batch unknown = batch(1, 1);
        Batch refused = batch(0, 1);
        List<Flight> flights = List.copyOf(port.sent).subList(1, 3);
        port.sent.clear();
        // P40: partition 0 needs a new epoch, but nobody knows about the batch of partition 1.
        core.refused(flights.get(1), refusal("OUT_OF_ORDER_SEQUENCE_NUMBER"), now);
        core.nodeDown(1, List.of(flights.get(0)), LOST, now);
        metadata(1, 1);
        passes(50);
        ready(1);
        assertThat(port.sent).extracting(Flight::batch).containsExactly(unknown);
        assertThat(unknown.producerEpoch()).isZero();
        assertThat(unknown.sequence()).isEqualTo(1);
        core.stored(port.sent.get(0), 1, -1, now);
        assertThat(port.sent).extracting(Flight::batch).containsExactly(unknown, refused);
        assertThat(refused.producerEpoch()).isEqualTo((short) 1);
        assertThat(refused.sequence()).isZero();
    }

    @Test
    void shouldNeverSendABatchOfUnknownFateUnderANewEpoch() {
        start();
        batch(0, 1);
        now += 500 * MS;
        batch(0, 1);
        core.nodeDown(1, List.copyOf(port.sent), LOST, now);
        port.sent.clear();
        now += 501 * MS;
        core.tick(now);
        assertThat(port.told).hasSize(1);
        metadata(1, 1);
        ready(1);
        // The first was given up. Its bytes may still lie in a buffer of the node, with those of the second behind
        // them.
        core.refused(port.sent.get(0), refusal("OUT_OF_ORDER_SEQUENCE_NUMBER"), now);
        assertThat(port.told).hasSize(2).allMatch(t -> t.startsWith("failed INDETERMINATE"));
        assertThat(port.sent).hasSize(1);
        Batch fresh = batch(0, 1);
        assertThat(fresh.producerEpoch()).isEqualTo((short) 1);
    }

    @Test
    void shouldFailAMissingTopicAfterTheGraceOnly() {
        batch(0, 1);
        ErrorDetails missing = error("UNKNOWN_TOPIC_OR_PARTITION", true, Outcome.NOT_APPLIED);
        core.metadata(new TopicView("t", null, missing, List.of(), 0), now);
        assertThat(port.told).isEmpty();
        passes(101);
        core.metadata(new TopicView("t", null, missing, List.of(), 0), now);
        assertThat(port.told).containsExactly("failed NOT_APPLIED UNKNOWN_TOPIC_OR_PARTITION");
    }

    @Test
    void shouldGiveABatchToTheNewLeaderAtOnceWhenLeadershipMoves() {
        start();
        Batch b = batch(0, 1);
        Flight old = port.sent.get(0);
        metadata(2, 1);
        ready(2);
        assertThat(port.sent).hasSize(2);
        assertThat(port.sent.get(1).batch()).isSameAs(b);
        core.stored(port.sent.get(1), 9, -1, now);
        assertThat(port.told).containsExactly("stored 9");
        assertThat(port.released).as("the old connection may still read it").isEmpty();
        core.refused(old, refusal("NOT_LEADER_OR_FOLLOWER"), now);
        assertThat(port.released).containsExactly(b);
        assertThat(port.told).hasSize(1);
    }

    @Test
    void shouldBreakOffAnOldLeaderThatNeverAnswersSoThatTheBytesAreFreed() {
        start();
        Batch b = batch(0, 1);
        metadata(2, 2);
        ready(2);
        assertThat(port.sent).hasSize(2);
        core.stored(port.sent.get(1), 5, -1, now);
        assertThat(port.told).containsExactly("stored 5");
        assertThat(port.released).as("node 1 may still read them").isEmpty();
        assertThat(core.nextDeadlineNanos()).isLessThanOrEqualTo(now + 400 * MS);
        passes(399);
        assertThat(port.log).doesNotContain("reset 1");
        passes(1);
        assertThat(port.log).last().isEqualTo("reset 1");
        core.nodeDown(1, List.of(port.sent.get(0)), LOST, now);
        assertThat(port.released).containsExactly(b);
    }

    @Test
    void shouldCompleteAtOnceWithoutAcks() {
        core = core(false, false);
        Batch b = batch(0, 4);
        metadata(1);
        ready(1);
        assertThat(port.told).containsExactly("stored -1");
        assertThat(port.released).containsExactly(b);
        assertThat(b.sequence()).isEqualTo(-1);
    }

    @Test
    void shouldHoldBackWhileTheStreamIsFull() {
        start();
        port.full = true;
        batch(0, 1);
        batch(0, 1);
        assertThat(port.sent).hasSize(1);
        port.full = false;
        ready(1);
        assertThat(port.sent).hasSize(2);
    }

    @Test
    void shouldPauseAsLongAsTheNodeAsks() {
        start();
        core.throttle(1, 30 * MS, now);
        batch(0, 1);
        passes(29);
        assertThat(port.sent).isEmpty();
        passes(1);
        assertThat(port.sent).hasSize(1);
    }

    @Test
    void shouldNotWaitForTheDeadlineWhenTheNodeCannotDoIt() {
        batch(0, 1);
        metadata(1);
        core.nodeDown(
                1,
                List.of(),
                new ErrorDetails(
                        ErrorCode.UNIMPLEMENTED,
                        "UNSUPPORTED_VERSION",
                        "no such thing",
                        "",
                        false,
                        Outcome.NOT_APPLIED,
                        Map.of(),
                        null),
                now);
        assertThat(port.told).containsExactly("failed NOT_APPLIED no such thing");
    }

    @Test
    void shouldAskForANewIdWhenAnotherProducerHasThisOne() {
        start();
        Batch b = batch(0, 1);
        core.refused(port.sent.get(0), refusal("INVALID_PRODUCER_EPOCH"), now);
        assertThat(port.log).last().isEqualTo("allocate");
        core.producerId(8, (short) 0, now);
        assertThat(b.producerId()).isEqualTo(8);
        assertThat(b.sequence()).isZero();
        assertThat(port.sent).hasSize(2);
    }

    @Test
    void shouldSayOnCloseWhatMayBeStored() {
        start();
        for (int i = 0; i < 6; i++) {
            batch(0, 1);
        }
        core.abort(error("CLOSED", false, Outcome.NOT_APPLIED));
        assertThat(port.told).hasSize(6);
        assertThat(port.told.subList(0, 5)).allMatch(t -> t.startsWith("failed INDETERMINATE"));
        assertThat(port.told.get(5)).startsWith("failed NOT_APPLIED");
        core.nodeDown(1, List.copyOf(port.sent), LOST, now);
        assertThat(port.released).hasSize(6);
        batch(0, 1);
        assertThat(port.told).hasSize(7);
    }

    @Test
    void shouldWrapSequencesAtTwoToThe31() {
        assertThat(PartitionQueue.advance(Integer.MAX_VALUE, 1)).isZero();
        assertThat(PartitionQueue.advance(Integer.MAX_VALUE - 1, 3)).isEqualTo(1);
        assertThat(PartitionQueue.advance(5, 3)).isEqualTo(8);
    }
}
