// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.link;

import static io.varve.replication.link.LinkMessages.CLUSTER;
import static io.varve.replication.link.LinkMessages.MILLI;
import static io.varve.replication.link.LinkMessages.ONE;
import static io.varve.replication.link.LinkMessages.ONE_EPOCH;
import static io.varve.replication.link.LinkMessages.TWO;
import static io.varve.replication.link.LinkMessages.TWO_EPOCH;
import static io.varve.replication.link.LinkMessages.ack;
import static io.varve.replication.link.LinkMessages.append;
import static io.varve.replication.link.LinkMessages.commit;
import static io.varve.replication.link.LinkMessages.nack;
import static io.varve.replication.link.LinkMessages.open;
import static io.varve.replication.link.LinkMessages.partition;
import static io.varve.replication.link.LinkMessages.state;
import static org.assertj.core.api.Assertions.assertThat;

import io.varve.replication.protocol.Members;
import io.varve.replication.protocol.NackCode;
import io.varve.replication.protocol.PeerReplies;
import io.varve.replication.protocol.PeerStream;
import io.varve.replication.protocol.ReplicaMessage;
import io.varve.replication.protocol.ReplicaMessage.Nack;
import io.varve.replication.protocol.Rule;
import io.varve.replication.protocol.Rules;
import io.varve.storage.Chunk;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PeerInboxTest implements InboxPort {
    private static final InboxSettings SETTINGS = new InboxSettings(500 * MILLI, 3, 2_000 * MILLI, 4, 2, 5);

    private final List<ReplicaMessage.ToFollower> delivered = new ArrayList<>();
    private final Map<Long, List<PeerFrame>> written = new LinkedHashMap<>();
    private final List<Long> closed = new ArrayList<>();
    private final List<Long> wanted = new ArrayList<>();
    private PeerReplies replies = message -> {};
    private long applied = 10;
    private boolean hasReplicas = true;
    private long now = 1_000;
    private PeerInbox inbox = registered(Rules.ALL);

    @AfterEach
    void nothingIsLeft() {
        inbox.stop("the end");
        assertThat(inbox.streamCount()).isZero();
        assertThat(inbox.parkedCount()).isZero();
        assertThat(Chunk.openCount()).isZero();
    }

    @Test
    void shouldLetInWhoKnowsWhereItIs() {
        assertThat(greet(1, hello(PeerStream.DATA, 1)))
                .isEqualTo(new PeerFrame.HelloAnswer(HelloVerdict.ACCEPTED, "", TWO_EPOCH, TWO.incarnation(), 1));
    }

    @Test
    void shouldRefuseAnotherClusterNodeVersionOrIncarnationAndSayWhy() {
        UUID other = new UUID(9, 9);
        PeerFrame.Target here = new PeerFrame.Target(2, TWO_EPOCH);
        ProtocolRange current = ProtocolRange.CURRENT;
        Map<PeerFrame.Hello, HelloVerdict> cases = new LinkedHashMap<>();
        cases.put(hello(other, ONE_EPOCH, current, here), HelloVerdict.OTHER_CLUSTER);
        cases.put(hello(CLUSTER, ONE_EPOCH, current, new PeerFrame.Target(3, 12)), HelloVerdict.OTHER_NODE);
        cases.put(hello(CLUSTER, ONE_EPOCH, new ProtocolRange(2, 3), here), HelloVerdict.OTHER_VERSION);
        cases.put(hello(CLUSTER, ONE_EPOCH, current, new PeerFrame.Target(2, 11)), HelloVerdict.OTHER_INCARNATION);
        inbox.membersChanged(members(ONE_EPOCH));
        cases.put(hello(CLUSTER, ONE_EPOCH - 1, current, here), HelloVerdict.STALE_CALLER);

        long id = 1;
        for (Map.Entry<PeerFrame.Hello, HelloVerdict> one : cases.entrySet()) {
            PeerFrame.HelloAnswer answer = greet(id, one.getKey());
            assertThat(answer.verdict()).isEqualTo(one.getValue());
            assertThat(answer.detail()).isNotEmpty();
            assertThat(closed).contains(id++);
        }
        assertThat(inbox.streamCount()).isZero();
    }

    @Test
    void shouldRefuseEverybodyUntilThisNodeIsRegistered() {
        inbox = new PeerInbox(TWO, SETTINGS, this, Rules.ALL);
        assertThat(greet(1, hello(PeerStream.DATA, 1)).verdict()).isEqualTo(HelloVerdict.OTHER_INCARNATION);
    }

    @Test
    void shouldCloseTheStreamsOfAnOlderIncarnationWhenANewerOneGreets() {
        greet(1, hello(PeerStream.DATA, 1));
        greet(2, hello(CLUSTER, ONE_EPOCH + 1, ProtocolRange.CURRENT, new PeerFrame.Target(2, TWO_EPOCH)));
        assertThat(closed).containsExactly(1L);
        assertThat(greet(3, hello(PeerStream.CONTROL, 9)).verdict()).isEqualTo(HelloVerdict.STALE_CALLER);
    }

    @Test
    void shouldTakeWhatAnEarlierStreamOfTheSameIncarnationStillBrings() {
        greet(1, hello(PeerStream.DATA, 1));
        greet(2, hello(PeerStream.DATA, 4));
        send(1, append(1, 1, 0, 10));
        send(2, append(1, 2, 0, 10));
        assertThat(delivered).hasSize(2);

        inbox.closed(1);
        send(1, append(1, 1, 1, 10));
        assertThat(delivered).hasSize(2);
        assertThat(greet(3, hello(PeerStream.DATA, 3)).verdict()).isEqualTo(HelloVerdict.STALE_CALLER);
    }

    @Test
    void shouldKeepOnlySoManyStreamsOfOneKind() {
        greet(1, hello(PeerStream.DATA, 1));
        greet(2, hello(PeerStream.CONTROL, 2));
        greet(3, hello(PeerStream.DATA, 3));
        assertThat(closed).isEmpty();
        greet(4, hello(PeerStream.DATA, 4));
        assertThat(closed).containsExactly(1L);
    }

    @Test
    void shouldCloseWhoDoesNotGreet() {
        inbox.opened(1, now);
        inbox.opened(2, now);
        inbox.onFrame(2, new PeerFrame.Messages(List.of(append(1, 1, 0, 10))), now);
        assertThat(closed).containsExactly(2L);
        inbox.tick(now + 2_000 * MILLI);
        assertThat(closed).containsExactly(2L, 1L);
        for (long id = 3; id < 8; id++) {
            inbox.opened(id, now);
        }
        assertThat(closed).containsExactly(2L, 1L, 7L);
    }

    @Test
    void shouldRefuseAnOpenForAnotherIncarnationOfThisNode() {
        greet(1, hello(PeerStream.DATA, 1));
        send(1, open(1, 1, 0, TWO_EPOCH - 1));
        assertThat(delivered).isEmpty();
        assertThat(nacks(1)).containsExactly(NackCode.STALE_INCARNATION);
    }

    @Test
    void shouldTakeSuchAnOpenWhenThatRuleIsLost() {
        inbox = registered(Rules.without(Rule.NO_TARGET_INCARNATION));
        greet(1, hello(PeerStream.DATA, 1));
        send(1, open(1, 1, 0, TWO_EPOCH - 1));
        assertThat(delivered).hasSize(1);
    }

    @Test
    void shouldParkAnOpenUntilItsMetadataHasArrived() {
        greet(1, hello(PeerStream.DATA, 1));
        send(1, open(1, 1, 12, TWO_EPOCH));
        assertThat(delivered).isEmpty();
        assertThat(wanted).containsExactly(12L);
        apply(11);
        assertThat(delivered).isEmpty();
        apply(12);
        assertThat(delivered).hasSize(1);
        assertThat(inbox.parkedCount()).isZero();
    }

    @Test
    void shouldRefuseAParkedOpenThatTurnsOutToHaveNoReplica() {
        hasReplicas = false;
        greet(1, hello(PeerStream.DATA, 1));
        send(1, open(1, 1, 12, TWO_EPOCH));
        apply(12);
        assertThat(nacks(1)).containsExactly(NackCode.UNKNOWN_REPLICA);
    }

    @Test
    void shouldGiveUpOnMetadataAfterHalfASecond() {
        greet(1, hello(PeerStream.DATA, 1));
        send(1, open(1, 1, 12, TWO_EPOCH));
        inbox.tick(now + 499 * MILLI);
        assertThat(nacks(1)).isEmpty();
        inbox.tick(now + 500 * MILLI);
        assertThat(nacks(1)).containsExactly(NackCode.UNKNOWN_EPOCH);
        apply(12);
        assertThat(delivered).isEmpty();
    }

    @Test
    void shouldParkOnlySoManyOpensAndOneOfEachPartition() {
        greet(1, hello(PeerStream.DATA, 1));
        for (int session = 1; session <= 5; session++) {
            send(1, open(1, session, 12, TWO_EPOCH));
        }
        assertThat(inbox.parkedCount()).isEqualTo(1);
        send(1, open(1, 3, 12, TWO_EPOCH));
        send(1, open(2, 6, 12, TWO_EPOCH));
        send(1, open(3, 7, 12, TWO_EPOCH));
        send(1, open(4, 8, 12, TWO_EPOCH));
        assertThat(nacks(1)).containsExactly(NackCode.UNKNOWN_SESSION, NackCode.BUSY);
        apply(12);
        assertThat(delivered).extracting(ReplicaMessage::session).containsExactly(5L, 6L, 7L);
    }

    @Test
    void shouldForgetParkedOpensWithTheirStream() {
        greet(1, hello(PeerStream.DATA, 1));
        send(1, open(1, 1, 12, TWO_EPOCH));
        inbox.closed(1);
        apply(12);
        assertThat(delivered).isEmpty();
    }

    @Test
    void shouldRefuseAloudAndReleaseWhatIsForNobody() {
        hasReplicas = false;
        greet(1, hello(PeerStream.DATA, 1));
        send(1, append(1, 1, 0, 10));
        assertThat(nacks(1)).containsExactly(NackCode.UNKNOWN_REPLICA);
    }

    @Test
    void shouldAnswerOnTheStreamThatAskedAtTheEndOfTheTurnTheNewestAckOnly() {
        greet(1, hello(PeerStream.DATA, 1));
        send(1, open(1, 1));
        replies.reply(state(1, 1));
        replies.reply(ack(1, 1, 1));
        replies.reply(ack(2, 1, 5));
        replies.reply(ack(1, 1, 2));
        assertThat(answers(1)).isEmpty();
        inbox.endOfTurn(now);
        assertThat(answers(1)).containsExactly(state(1, 1), ack(1, 1, 2), ack(2, 1, 5));
        assertThat(written.getOrDefault(1L, List.of())).hasSize(2); // the greeting's answer, and one frame

        replies.reply(ack(1, 1, 3));
        replies.reply(nack(1, 1, NackCode.GAP));
        replies.reply(ack(1, 2, 0));
        inbox.endOfTurn(now);
        assertThat(answers(1)).hasSize(6);
    }

    @Test
    void shouldDropAnswersToAStreamThatIsGone() {
        greet(1, hello(PeerStream.DATA, 1));
        send(1, open(1, 1));
        replies.reply(ack(1, 1, 1));
        inbox.closed(1);
        replies.reply(ack(1, 1, 2));
        inbox.endOfTurn(now);
        assertThat(answers(1)).isEmpty();
    }

    @Test
    void shouldCloseAStreamRatherThanDropAnAnswer() {
        greet(1, hello(PeerStream.DATA, 1));
        send(1, open(1, 1));
        for (int p = 1; p <= 6; p++) {
            replies.reply(ack(p, 1, 1));
        }
        inbox.endOfTurn(now);
        assertThat(closed).containsExactly(1L);
        assertThat(answers(1)).isEmpty();
    }

    @Test
    void shouldAnswerThePulsesOfATurnOnceAndHandOverTheirCommits() {
        greet(1, hello(PeerStream.CONTROL, 1));
        inbox.onFrame(1, new PeerFrame.Pulse(5, List.of(commit(1, 1, 7))), now);
        inbox.onFrame(1, new PeerFrame.Pulse(6, List.of()), now);
        inbox.endOfTurn(now);
        assertThat(written.getOrDefault(1L, List.of())).hasSize(2).last().isEqualTo(new PeerFrame.PulseAnswer(6));
        assertThat(delivered).containsExactly(commit(1, 1, 7));
    }

    @Test
    void shouldAnswerASignOfLifeOnEveryStream() {
        greet(1, hello(PeerStream.DATA, 1));
        inbox.onFrame(1, new PeerFrame.Pulse(5, List.of()), now);
        inbox.endOfTurn(now);
        assertThat(written.getOrDefault(1L, List.of())).last().isEqualTo(new PeerFrame.PulseAnswer(5));
        inbox.onFrame(1, new PeerFrame.Pulse(6, List.of(commit(1, 1, 7))), now);
        assertThat(closed).containsExactly(1L);
    }

    @Test
    void shouldCloseAStreamThatCarriesWhatItShouldNot() {
        greet(1, hello(PeerStream.CONTROL, 1));
        greet(2, hello(PeerStream.DATA, 2));
        greet(3, hello(PeerStream.CATCH_UP, 3));
        inbox.onFrame(1, new PeerFrame.Messages(List.of(append(1, 1, 0, 10))), now);
        inbox.onFrame(2, new PeerFrame.Messages(List.of(append(1, 1, 0, 10), ack(1, 1, 1))), now);
        inbox.onFrame(3, hello(PeerStream.CATCH_UP, 3), now);
        assertThat(closed).containsExactly(1L, 2L, 3L);
        assertThat(delivered).isEmpty();
    }

    @Test
    void shouldCloseGreetedStreamsWhenThisNodeIsRegisteredAnew() {
        greet(1, hello(PeerStream.DATA, 1));
        inbox.registered(TWO_EPOCH);
        assertThat(closed).isEmpty();
        inbox.registered(TWO_EPOCH + 1);
        assertThat(closed).containsExactly(1L);
    }

    private PeerInbox registered(Rules rules) {
        PeerInbox made = new PeerInbox(TWO, SETTINGS, this, rules);
        made.registered(TWO_EPOCH);
        return made;
    }

    private PeerFrame.HelloAnswer greet(long id, PeerFrame.Hello hello) {
        inbox.opened(id, now);
        inbox.onFrame(id, hello, now);
        return (PeerFrame.HelloAnswer) written.getOrDefault(id, List.of()).get(0);
    }

    private void send(long id, ReplicaMessage.ToFollower message) {
        inbox.onFrame(id, new PeerFrame.Messages(List.of(message)), now);
    }

    private void apply(long index) {
        applied = index;
        inbox.metadataApplied(index, now);
    }

    private static PeerFrame.Hello hello(PeerStream kind, long streamId) {
        return new PeerFrame.Hello(
                CLUSTER,
                1,
                ONE_EPOCH,
                ONE.incarnation(),
                ProtocolRange.CURRENT,
                streamId,
                kind,
                new PeerFrame.Target(2, TWO_EPOCH));
    }

    private static PeerFrame.Hello hello(
            UUID cluster, long brokerEpoch, ProtocolRange versions, PeerFrame.Target target) {
        return new PeerFrame.Hello(
                cluster, 1, brokerEpoch, new UUID(7, brokerEpoch), versions, 1, PeerStream.DATA, target);
    }

    private static Members members(long brokerEpoch) {
        return new Members() {
            @Override
            public long metadataIndex() {
                return 10;
            }

            @Override
            public OptionalLong brokerEpoch(int nodeId) {
                return OptionalLong.of(brokerEpoch);
            }

            @Override
            public boolean isEligible(int nodeId) {
                return true;
            }
        };
    }

    private List<ReplicaMessage> answers(long id) {
        List<ReplicaMessage> answers = new ArrayList<>();
        for (PeerFrame frame : written.getOrDefault(id, List.of())) {
            if (frame instanceof PeerFrame.Messages messages) {
                answers.addAll(messages.messages());
            }
        }
        return answers;
    }

    private List<NackCode> nacks(long id) {
        inbox.endOfTurn(now);
        return answers(id).stream().map(answer -> ((Nack) answer).code()).toList();
    }

    @Override
    public boolean deliver(int fromNode, ReplicaMessage.ToFollower message, PeerReplies to, long nowNanos) {
        assertThat(fromNode).isEqualTo(1);
        assertThat(message.partition().topicId()).isEqualTo(partition(1).topicId());
        if (hasReplicas) {
            delivered.add(message);
            LaneQueue.release(message);
            replies = to;
        }
        return hasReplicas;
    }

    @Override
    public long appliedMetadataIndex() {
        return applied;
    }

    @Override
    public void metadataWanted(long index) {
        wanted.add(index);
    }

    @Override
    public void write(long inboundId, PeerFrame frame) {
        written.computeIfAbsent(inboundId, any -> new ArrayList<>()).add(frame);
    }

    @Override
    public void close(long inboundId, String why) {
        assertThat(why).isNotEmpty();
        closed.add(inboundId);
    }
}
