// SPDX-License-Identifier: Apache-2.0
package io.varve.node.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.varve.proto.internal.v1.ExchangeRequest;
import io.varve.proto.internal.v1.StreamKind;
import io.varve.record.BatchHeader;
import io.varve.replication.link.HelloVerdict;
import io.varve.replication.link.PeerFrame;
import io.varve.replication.link.ProtocolRange;
import io.varve.replication.protocol.EpochPage;
import io.varve.replication.protocol.FollowerPosition;
import io.varve.replication.protocol.LeaderPosition;
import io.varve.replication.protocol.NackCode;
import io.varve.replication.protocol.PeerStream;
import io.varve.replication.protocol.ReplicaMessage.Ack;
import io.varve.replication.protocol.ReplicaMessage.Append;
import io.varve.replication.protocol.ReplicaMessage.Commit;
import io.varve.replication.protocol.ReplicaMessage.Nack;
import io.varve.replication.protocol.ReplicaMessage.Open;
import io.varve.replication.protocol.ReplicaMessage.Producers;
import io.varve.replication.protocol.ReplicaMessage.State;
import io.varve.replication.protocol.ReplicaMessage.ToFollower;
import io.varve.replication.protocol.ReplicaMessage.Truncate;
import io.varve.storage.Chunk;
import io.varve.storage.EpochEntry;
import io.varve.storage.LogId;
import io.varve.transport.ExchangeFrame;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What comes out on the other side is what went in, or nothing. Every test must leave no chunk open. */
class RequestFramesTest {

    private static final LogId ONE = new LogId(new UUID(1, 2), 3);
    private static final LogId OTHER = new LogId(new UUID(-1, -2), 0);

    @AfterEach
    void shouldLeaveNoChunkOpen() {
        assertThat(Chunk.openCount()).isZero();
    }

    @Test
    void shouldCarryEveryMessageWithoutBatches() throws FrameDamage {
        PeerFrame.Messages frame = new PeerFrame.Messages(List.of(
                new Open(ONE, 1, 2, 3, 4, 5, 6, Integer.MAX_VALUE),
                new Producers(OTHER, 7, 8, 0, ByteBuffer.wrap(new byte[] {1, 2, 3})),
                new Truncate(OTHER, 7, 8, 9, true, 1),
                new Truncate(OTHER, 7, 8, 0, false),
                new Commit(ONE, 1, Long.MAX_VALUE, 11, 12),
                new Append(ONE, 5, 6, 7, 8, List.of(), new LeaderPosition(1, 2, 3))));

        assertThat(overTheWire(frame)).isEqualTo(frame);
        PeerFrame.Pulse pulse = new PeerFrame.Pulse(-5, List.of(new Commit(ONE, 1, 2, 3, 4)));
        assertThat(overTheWire(pulse)).isEqualTo(pulse);
    }

    @ParameterizedTest
    @EnumSource(PeerStream.class)
    void shouldCarryAGreeting(PeerStream kind) throws FrameDamage {
        PeerFrame hello = new PeerFrame.Hello(
                new UUID(1, 1), 4, 5, new UUID(6, 7), new ProtocolRange(1, 3), 9, kind, new PeerFrame.Target(2, 11));

        assertThat(overTheWire(hello)).isEqualTo(hello);
    }

    @ParameterizedTest
    @EnumSource(NackCode.class)
    void shouldCarryEveryAnswer(NackCode code) throws FrameDamage {
        PeerFrame.Messages frame = new PeerFrame.Messages(List.of(
                new Nack(ONE, 1, 2, 3, code, FollowerPosition.withoutLog(4), "why"),
                new State(ONE, 1, 2, 3, 4, 5, 6, new EpochPage(List.of(new EpochEntry(1, 0)), 5, true)),
                new Ack(OTHER, 1, 2, 3, 4, 5)));

        assertThat(ResponseFrames.decode(ResponseFrames.encode(frame))).isEqualTo(frame);
    }

    @ParameterizedTest
    @EnumSource(HelloVerdict.class)
    void shouldCarryEveryVerdict(HelloVerdict verdict) throws FrameDamage {
        PeerFrame answer = new PeerFrame.HelloAnswer(verdict, "why", -1, new UUID(1, 2), 0);

        assertThat(ResponseFrames.decode(ResponseFrames.encode(answer))).isEqualTo(answer);
        PeerFrame pulse = new PeerFrame.PulseAnswer(77);
        assertThat(ResponseFrames.decode(ResponseFrames.encode(pulse))).isEqualTo(pulse);
    }

    @Test
    void shouldNumberEverythingAsTheProtocolDoes() {
        assertThat(StreamKind.values()).hasSize(PeerStream.values().length + 2); // and UNSPECIFIED, UNRECOGNIZED
        for (PeerStream kind : PeerStream.values()) {
            assertThat(StreamKind.forNumber(1 + kind.ordinal()).name()).isEqualTo("STREAM_KIND_" + kind.name());
        }
        for (NackCode code : NackCode.values()) {
            assertThat(io.varve.proto.internal.v1.NackCode.forNumber(1 + code.ordinal())
                            .name())
                    .isEqualTo("NACK_CODE_" + code.name());
        }
        for (HelloVerdict verdict : HelloVerdict.values()) {
            assertThat(io.varve.proto.internal.v1.HelloVerdict.forNumber(1 + verdict.ordinal())
                            .name())
                    .isEqualTo("HELLO_VERDICT_" + verdict.name());
        }
    }

    @Test
    void shouldGiveEachAppendItsOwnBatches() throws FrameDamage {
        PeerFrame.Messages frame = twoAppends();

        PeerFrame.Messages arrived = (PeerFrame.Messages) overTheWire(frame);

        assertThat(arrived.messages()).hasSize(3);
        Append first = (Append) arrived.messages().get(0);
        assertThat(first.chunks()).extracting(Chunk::baseOffset).containsExactly(100L, 102L);
        Append second = (Append) arrived.messages().get(2);
        assertThat(second.partition()).isEqualTo(OTHER);
        assertThat(second.chunks()).extracting(Chunk::recordCount).containsExactly(5);
        arrived.release();
    }

    @ParameterizedTest
    @ValueSource(ints = {BatchHeader.BASE_OFFSET_AT, BatchHeader.LEADER_EPOCH_AT + 3, BatchHeader.RECORD_COUNT_AT})
    void shouldRefuseABatchWhoseHeaderWasChangedOnTheWay(int at) {
        PeerFrame.Messages frame = twoAppends();
        ExchangeFrame sent = copied(frame);
        ByteBuf batch = sent.batches().get(1);
        batch.setByte(at, batch.getByte(at) ^ 1);

        assertThatThrownBy(() -> RequestFrames.decode(sent))
                .isInstanceOf(FrameDamage.class)
                .hasMessageContaining("checksum");
    }

    @Test
    void shouldRefuseAnAppendThatWasGivenToAnotherPartition() {
        PeerFrame.Messages frame = twoAppends();
        ExchangeFrame sent = copied(frame);
        ExchangeRequest.Builder head = sent.head().toBuilder();
        head.getMessagesBuilder(0).setPartition(4);

        assertThatThrownBy(() -> RequestFrames.decode(new ExchangeFrame(head.build(), sent.batches())))
                .isInstanceOf(FrameDamage.class)
                .hasMessageContaining("checksum");
    }

    @Test
    void shouldRefuseBatchesThatBelongToNobody() {
        ExchangeFrame sent = copied(twoAppends());
        ExchangeRequest head = sent.head().toBuilder().removeMessages(2).build();

        assertThatThrownBy(() -> RequestFrames.decode(new ExchangeFrame(head, sent.batches())))
                .isInstanceOf(FrameDamage.class)
                .hasMessageContaining("1 batches belong to no append");
    }

    private static PeerFrame.Messages twoAppends() {
        List<ToFollower> messages = new ArrayList<>();
        messages.add(
                new Append(ONE, 5, 6, 100, 4, List.of(chunk(2, 100), chunk(3, 102)), new LeaderPosition(90, 0, 105)));
        messages.add(new Truncate(OTHER, 1, 1, 0, false));
        messages.add(new Append(OTHER, 5, 7, 0, 0, List.of(chunk(5, 0)), new LeaderPosition(0, 0, 5)));
        return new PeerFrame.Messages(messages);
    }

    private static Chunk chunk(int records, long baseOffset) {
        Chunk chunk = ReplicaPushTest.batch(records, 100);
        chunk.assign(baseOffset, 5);
        return chunk;
    }

    private static PeerFrame overTheWire(PeerFrame frame) throws FrameDamage {
        return RequestFrames.decode(copied(frame));
    }

    /** As it arrives: the batches in buffers of their own. What was sent is released. */
    private static ExchangeFrame copied(PeerFrame frame) {
        ExchangeFrame sent = RequestFrames.encode(frame);
        List<ByteBuf> copies = new ArrayList<>();
        sent.batches().forEach(batch -> copies.add(Unpooled.copiedBuffer(batch)));
        frame.release();
        return new ExchangeFrame(sent.head(), copies);
    }
}
