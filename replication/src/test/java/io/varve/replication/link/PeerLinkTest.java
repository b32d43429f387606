// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.link;

import static io.varve.replication.link.LinkMessages.MILLI;
import static io.varve.replication.link.LinkMessages.ONE;
import static io.varve.replication.link.LinkMessages.ONE_EPOCH;
import static io.varve.replication.link.LinkMessages.TWO;
import static io.varve.replication.link.LinkMessages.TWO_EPOCH;
import static io.varve.replication.link.LinkMessages.ack;
import static io.varve.replication.link.LinkMessages.append;
import static io.varve.replication.link.LinkMessages.commit;
import static io.varve.replication.link.LinkMessages.open;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.replication.protocol.NackCode;
import io.varve.replication.protocol.PeerStream;
import io.varve.replication.protocol.ReplicaMessage;
import io.varve.replication.protocol.Rule;
import io.varve.replication.protocol.Rules;
import io.varve.storage.Chunk;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PeerLinkTest {
    private static final LinkSettings SETTINGS = new LinkSettings(
            LinkSettings.Times.DEFAULT.withJitterNanos(3 * MILLI),
            new LinkSettings.Limits(4_000, 10_000, 2_000, 1_000, 20_000, 10_000, 40_000, 1_000));

    private final RecordingLinkPort port = new RecordingLinkPort();
    private PeerLink link = new PeerLink(ONE, 2, SETTINGS, port, Rules.ALL);
    private long now = 1_000;

    @AfterEach
    void nothingIsLeft() {
        link.stop("the end", now);
        port.releaseAll();
        assertThat(Chunk.openCount()).isZero();
    }

    @Test
    void shouldDialOnlyOnceBothNodesAreRegistered() {
        link.tick(now);
        assertThat(port.dialled).isEmpty();
        link.registered(ONE_EPOCH, now);
        assertThat(port.dialled).isEmpty();
        link.targetChanged(OptionalLong.of(TWO_EPOCH), now);
        assertThat(port.dialled).containsExactly("DATA 1", "CATCH_UP 2", "CONTROL 3");
    }

    @Test
    void shouldBeUpWhenAllThreeStreamsAreGreetedAndNotBefore() {
        dial();
        greet(PeerStream.CONTROL, TWO_EPOCH);
        greet(PeerStream.DATA, TWO_EPOCH);
        assertThat(port.said).isEmpty();
        link.send(PeerStream.DATA, append(1, 1, 0, 100), now); // dropped
        greet(PeerStream.CATCH_UP, TWO_EPOCH);

        assertThat(port.said).containsExactly("up");
        assertThat(port.hello(PeerStream.DATA).streamId()).isEqualTo(port.id(PeerStream.DATA));
        assertThat(port.hello(PeerStream.DATA).target()).isEqualTo(new PeerFrame.Target(2, TWO_EPOCH));
    }

    @Test
    void shouldNotComeUpWithAnotherIncarnationThanTheMetadataKnows() {
        dial();
        greet(PeerStream.DATA, TWO_EPOCH + 5);

        assertThat(port.said).isEmpty();
        assertThat(port.disconnected).hasSize(3);
        assertThat(link.state(PeerStream.DATA)).isEqualTo(StreamState.DOWN);
    }

    @Test
    void shouldComeUpWithAnyIncarnationWhenThatRuleIsLost() {
        link = new PeerLink(ONE, 2, SETTINGS, port, Rules.without(Rule.NO_TARGET_INCARNATION));
        dial();
        for (PeerStream kind : PeerStream.values()) {
            greet(kind, TWO_EPOCH + 5);
        }
        assertThat(port.said).containsExactly("up");
    }

    @Test
    void shouldNotComeUpWithTwoIncarnationsAtOnce() {
        link = new PeerLink(ONE, 2, SETTINGS, port, Rules.without(Rule.NO_TARGET_INCARNATION));
        dial();
        greet(PeerStream.DATA, TWO_EPOCH);
        link.streamUp(PeerStream.CONTROL, port.id(PeerStream.CONTROL), now);
        link.onFrame(
                PeerStream.CONTROL,
                port.id(PeerStream.CONTROL),
                new PeerFrame.HelloAnswer(HelloVerdict.ACCEPTED, "", TWO_EPOCH, ONE.incarnation(), 1),
                now);
        assertThat(port.disconnected).hasSize(3);
    }

    @Test
    void shouldEndTheLinkWithAnyStreamOnceAndReleaseWhatWaits() {
        up();
        for (int i = 0; i < 10; i++) {
            link.send(PeerStream.DATA, append(1, 1, i, 900), now);
        }
        link.endOfTurn(now);
        long id = port.id(PeerStream.CONTROL);
        link.streamDown(PeerStream.CONTROL, id, "reset", now);
        link.streamDown(PeerStream.CONTROL, id, "reset", now);
        link.streamDown(PeerStream.DATA, port.id(PeerStream.DATA), "reset", now);

        assertThat(port.said).hasSize(2).last().asString().startsWith("down").contains("CONTROL", "reset");
        assertThat(link.queuedMessages()).isZero();
        assertThat(link.inFlightBytes(PeerStream.DATA)).isZero();
    }

    @Test
    void shouldDialAgainAfterABackoffThatDoublesUpToItsBound() {
        dial();
        long[] expected = {50, 100, 200, 400, 800, 1_000, 1_000};
        for (long backoffMillis : expected) {
            int before = port.dialled.size();
            link.streamDown(PeerStream.DATA, port.id(PeerStream.DATA), "refused", now);
            now += (backoffMillis + 3) * MILLI - 1;
            link.tick(now);
            assertThat(port.dialled).hasSize(before);
            link.tick(++now);
            assertThat(port.dialled).hasSize(before + 3);
        }
    }

    @Test
    void shouldStartTheBackoffAnewOnceTheOtherNodeHasShownLife() {
        dial();
        for (int i = 0; i < 5; i++) {
            link.streamDown(PeerStream.DATA, port.id(PeerStream.DATA), "refused", now);
            now += 2_000 * MILLI;
            link.tick(now);
        }
        greetAll();
        link.endOfTurn(now);
        answerPulse();
        link.streamDown(PeerStream.DATA, port.id(PeerStream.DATA), "reset", now);
        int before = port.dialled.size();
        now += 53 * MILLI;
        link.tick(now);
        assertThat(port.dialled).hasSize(before + 3);
    }

    @Test
    void shouldIgnoreAndReleaseWhatAnEarlierAttemptBrings() {
        up();
        long old = port.id(PeerStream.DATA);
        link.streamDown(PeerStream.DATA, old, "reset", now);
        now += 2_000 * MILLI;
        link.tick(now);
        link.streamUp(PeerStream.DATA, old, now);
        link.onFrame(PeerStream.DATA, old, new PeerFrame.Messages(List.of(append(1, 1, 0, 10))), now);
        link.onFrame(PeerStream.DATA, old, new PeerFrame.Messages(List.of(ack(1, 1, 10))), now);
        link.streamDown(PeerStream.DATA, old, "late", now);

        assertThat(port.delivered).isEmpty();
        assertThat(link.state(PeerStream.DATA)).isEqualTo(StreamState.CONNECTING);
    }

    @Test
    void shouldStartOverWhenTheMetadataKnowsAnotherIncarnation() {
        up();
        link.targetChanged(OptionalLong.of(TWO_EPOCH + 1), now);
        assertThat(port.said).hasSize(2).last().asString().startsWith("down");
        assertThat(port.dialled).hasSize(6);
        link.targetChanged(OptionalLong.empty(), now);
        now += 5_000 * MILLI;
        link.tick(now);
        assertThat(port.dialled).hasSize(6);
    }

    @Test
    void shouldPulseAtOnceThenEveryHalfSecondAndHearTheAnswers() {
        up();
        link.endOfTurn(now);
        for (int i = 0; i < 100; i++) {
            answerPulse();
            now += 50 * MILLI;
            link.tick(now);
        }
        assertThat(port.pulses()).hasSize(11);
        assertThat(port.said).filteredOn("heard"::equals).hasSize(11 - 1);
    }

    @Test
    void shouldEndALinkWhosePulseStaysUnanswered() {
        up();
        link.endOfTurn(now);
        link.tick(now + 1_999 * MILLI);
        assertThat(link.isUp()).isTrue();
        link.tick(now + 2_000 * MILLI);
        assertThat(link.isUp()).isFalse();
    }

    @Test
    void shouldEndALinkOfWhichOneBulkStreamIsHalfOpen() {
        up();
        long start = now;
        link.endOfTurn(now);
        while (link.isUp() && now - start < 20_000 * MILLI) {
            answerPulse();
            now += 100 * MILLI;
            link.tick(now);
        }
        assertThat(now - start).isEqualTo(6_000 * MILLI);
        assertThat(port.said).last().asString().contains("DATA");
    }

    @Test
    void shouldEndAnAttemptThatDoesNotGetAnywhere() {
        dial();
        link.streamUp(PeerStream.DATA, port.id(PeerStream.DATA), now);
        now += 2_000 * MILLI;
        link.tick(now);
        assertThat(port.disconnected).hasSize(3);
        assertThat(port.said).isEmpty();
    }

    @Test
    void shouldSendHighWatermarksAtTheEndOfTheTurnTheNewestOfEachPartition() {
        up();
        link.endOfTurn(now);
        link.send(PeerStream.CONTROL, commit(1, 1, 5), now);
        link.send(PeerStream.CONTROL, commit(2, 1, 7), now);
        link.send(PeerStream.CONTROL, commit(1, 1, 6), now);
        link.endOfTurn(now);

        assertThat(port.pulses()).hasSize(2);
        assertThat(port.pulses().get(1).commits()).containsExactlyInAnyOrder(commit(1, 1, 6), commit(2, 1, 7));
    }

    @Test
    void shouldLetHighWatermarksWaitWhenTheOtherNodeDoesNotKeepUpWithThem() {
        up();
        for (int i = 0; i < 100; i++) {
            link.send(PeerStream.CONTROL, commit(1, 1, i), now);
            link.endOfTurn(now);
        }
        assertThat(port.pulses()).hasSize(16);
        answerPulse();
        link.endOfTurn(now);
        assertThat(port.pulses())
                .hasSize(17)
                .last()
                .extracting(PeerFrame.Pulse::commits)
                .asList()
                .containsExactly(commit(1, 1, 99));
    }

    @Test
    void shouldWriteNoFurtherThanTheTransportTakes() {
        up();
        for (int p = 1; p <= 10; p++) {
            link.send(PeerStream.DATA, append(p, 1, 0, 900), now);
        }
        link.endOfTurn(now);
        int first = port.messages(PeerStream.DATA).size();
        assertThat(first).isLessThanOrEqualTo(4);
        link.endOfTurn(now);
        assertThat(port.messages(PeerStream.DATA)).hasSize(first);
        link.writable(PeerStream.DATA, port.id(PeerStream.DATA));
        link.endOfTurn(now);
        assertThat(port.messages(PeerStream.DATA)).hasSizeGreaterThan(first);
    }

    @Test
    void shouldPressAboveTheHighMarkAndReleaseBelowTheLowOne() {
        up();
        for (int p = 1; p <= 22; p++) {
            link.send(PeerStream.DATA, append(p, 1, 0, 900), now);
        }
        assertThat(port.said).containsExactly("up", "pressed");
        for (int p = 1; p <= 22; p++) {
            link.writable(PeerStream.DATA, port.id(PeerStream.DATA));
            link.endOfTurn(now);
            answer(PeerStream.DATA, ack(p, 1, 1));
        }
        assertThat(port.said).containsExactly("up", "pressed", "released");
        assertThat(link.queuedMessages()).isZero();
    }

    @Test
    void shouldAnswerBusyItselfWhenTooMuchWaits() {
        up();
        for (int p = 1; p <= 45; p++) {
            link.send(PeerStream.CATCH_UP, append(p, 1, 0, 900), now);
        }
        assertThat(link.queuedBytes()).isLessThanOrEqualTo(40_000);
        assertThat(port.delivered).isNotEmpty().allSatisfy(answer -> {
            ReplicaMessage.Nack nack = (ReplicaMessage.Nack) answer;
            assertThat(nack.code()).isEqualTo(NackCode.BUSY);
            assertThat(nack.brokerEpoch()).isEqualTo(TWO_EPOCH);
        });
    }

    @Test
    void shouldNotSendWhatANewSessionHasMadeVoid() {
        up();
        for (int i = 0; i < 8; i++) {
            link.send(PeerStream.DATA, append(1, 1, i, 900), now);
        }
        link.send(PeerStream.CONTROL, commit(1, 1, 3), now);
        link.send(PeerStream.CATCH_UP, open(1, 2), now);
        link.endOfTurn(now);

        assertThat(port.messages(PeerStream.DATA)).isEmpty();
        assertThat(port.messages(PeerStream.CATCH_UP)).containsExactly(open(1, 2));
        assertThat(port.pulses())
                .allSatisfy(pulse -> assertThat(pulse.commits()).isEmpty());
    }

    @Test
    void shouldRefuseAMessageOnTheWrongStream() {
        up();
        assertThatThrownBy(() -> link.send(PeerStream.CONTROL, append(1, 1, 0, 10), now))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> link.send(PeerStream.DATA, commit(1, 1, 0), now))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldEndTheLinkWhenTheOtherEndTalksNonsense() {
        up();
        link.onFrame(
                PeerStream.DATA,
                port.id(PeerStream.DATA),
                new PeerFrame.Messages(List.of(ack(1, 1, 1), append(1, 1, 0, 10))),
                now);
        assertThat(link.isUp()).isFalse();
        assertThat(port.delivered).isEmpty();
    }

    private void dial() {
        link.registered(ONE_EPOCH, now);
        link.targetChanged(OptionalLong.of(TWO_EPOCH), now);
    }

    private void up() {
        dial();
        greetAll();
    }

    private void greetAll() {
        for (PeerStream kind : PeerStream.values()) {
            greet(kind, TWO_EPOCH);
        }
    }

    private void greet(PeerStream kind, long brokerEpoch) {
        long id = port.id(kind);
        link.streamUp(kind, id, now);
        link.onFrame(
                kind, id, new PeerFrame.HelloAnswer(HelloVerdict.ACCEPTED, "", brokerEpoch, TWO.incarnation(), 1), now);
    }

    private void answer(PeerStream kind, ReplicaMessage.ToLeader message) {
        link.onFrame(kind, port.id(kind), new PeerFrame.Messages(List.of(message)), now);
    }

    private int answeredPulses;

    private void answerPulse() {
        List<PeerFrame.Pulse> pulses = port.pulses();
        if (pulses.size() > answeredPulses) {
            answeredPulses = pulses.size();
            link.onFrame(
                    PeerStream.CONTROL,
                    port.id(PeerStream.CONTROL),
                    new PeerFrame.PulseAnswer(pulses.get(answeredPulses - 1).sentNanos()),
                    now);
        }
    }
}
