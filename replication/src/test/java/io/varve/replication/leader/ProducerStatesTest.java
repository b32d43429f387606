// SPDX-License-Identifier: Apache-2.0
package io.varve.replication.leader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.record.BatchHeader;
import io.varve.replication.RejectReason;
import io.varve.replication.TestBatches;
import io.varve.storage.Chunk;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ProducerStatesTest {
    private static final long PID = 7;
    private static final short EPOCH = 2;
    private static final short NEXT_EPOCH = 3;
    private static final int LAST_SEQUENCE = Integer.MAX_VALUE;

    private final ProducerStates states = new ProducerStates();

    @Test
    void shouldTakeAnythingFromABatchWithoutProducer() {
        assertThat(states.check(BatchHeader.NO_PRODUCER_ID, (short) -1, -1, 5)).isEqualTo(SequenceVerdict.NEXT);
        states.append(BatchHeader.NO_PRODUCER_ID, (short) -1, -1, 5, 0, 0);
        assertThat(states.size()).isZero();
    }

    @Test
    void shouldRefuseAnUnknownProducerThatDoesNotBeginAtZero() {
        assertRefused(states.check(PID, EPOCH, 3, 1), RejectReason.UNKNOWN_PRODUCER_ID);
        assertThat(states.check(PID, EPOCH, 0, 1)).isEqualTo(SequenceVerdict.NEXT);
    }

    @Test
    void shouldTakeTheNextSequenceOnly() {
        append(0, 5, 100);
        assertThat(states.check(PID, EPOCH, 5, 1)).isEqualTo(SequenceVerdict.NEXT);
        assertRefused(states.check(PID, EPOCH, 6, 1), RejectReason.OUT_OF_ORDER_SEQUENCE_NUMBER);
        assertRefused(states.check(PID, EPOCH, 3, 4), RejectReason.OUT_OF_ORDER_SEQUENCE_NUMBER); // overlaps the end
    }

    @Test
    void shouldRecogniseEachOfTheLastFiveBatchesAndForgetTheSixth() {
        for (int i = 0; i < 6; i++) {
            append(i * 2, 2, 100 + i * 2);
        }
        for (int i = 1; i < 6; i++) {
            assertThat(states.check(PID, EPOCH, i * 2, 2))
                    .isEqualTo(new SequenceVerdict.Duplicate(100 + i * 2, 102 + i * 2));
        }
        assertThat(states.check(PID, EPOCH, 0, 2)).isInstanceOf(SequenceVerdict.Forgotten.class);
    }

    @Test
    void shouldNotCallADifferentCutOfTheSameSequencesADuplicate() {
        append(0, 4, 100);
        append(4, 4, 104);
        assertThat(states.check(PID, EPOCH, 2, 4)).isInstanceOf(SequenceVerdict.Forgotten.class);
        assertRefused(states.check(PID, EPOCH, 4, 5), RejectReason.OUT_OF_ORDER_SEQUENCE_NUMBER);
    }

    @Test
    void shouldFenceAnOlderEpochAndLetANewerOneBeginAtZero() {
        append(0, 5, 100);
        assertRefused(states.check(PID, (short) 1, 5, 1), RejectReason.INVALID_PRODUCER_EPOCH);
        assertRefused(states.check(PID, NEXT_EPOCH, 5, 1), RejectReason.OUT_OF_ORDER_SEQUENCE_NUMBER);
        assertThat(states.check(PID, NEXT_EPOCH, 0, 1)).isEqualTo(SequenceVerdict.NEXT);
        states.append(PID, NEXT_EPOCH, 0, 1, 105, 0);
        assertRefused(states.check(PID, EPOCH, 0, 5), RejectReason.INVALID_PRODUCER_EPOCH);
        assertRefused(states.check(PID, NEXT_EPOCH, 5, 1), RejectReason.OUT_OF_ORDER_SEQUENCE_NUMBER);
    }

    @Test
    void shouldWrapTheSequenceAfterTwoToTheThirtyOneMinusOne() {
        append(LAST_SEQUENCE - 1, 2, 100); // ends at the very last one
        assertThat(states.check(PID, EPOCH, 0, 3)).isEqualTo(SequenceVerdict.NEXT);
        append(0, 3, 102);
        assertThat(states.check(PID, EPOCH, LAST_SEQUENCE - 1, 2)).isEqualTo(new SequenceVerdict.Duplicate(100, 102));
        assertThat(states.check(PID, EPOCH, 3, 1)).isEqualTo(SequenceVerdict.NEXT);
    }

    @Test
    void shouldWrapInTheMiddleOfABatch() {
        append(LAST_SEQUENCE, 3, 100); // 2^31-1, 0, 1
        assertThat(states.check(PID, EPOCH, 2, 1)).isEqualTo(SequenceVerdict.NEXT);
        assertThat(states.check(PID, EPOCH, LAST_SEQUENCE, 3)).isEqualTo(new SequenceVerdict.Duplicate(100, 103));
        assertRefused(states.check(PID, EPOCH, 3, 1), RejectReason.OUT_OF_ORDER_SEQUENCE_NUMBER);
    }

    @Test
    void shouldBeTheSameAfterEncodeAndDecodeAtEveryStep() {
        Random random = new Random(42);
        int[] next = new int[5];
        long offset = 0;
        for (int step = 0; step < 200; step++) {
            int producer = random.nextInt(next.length);
            int records = 1 + random.nextInt(4);
            states.append(producer, EPOCH, next[producer], records, offset, step);
            next[producer] = ProducerState.plus(next[producer], records);
            offset += records;
            ProducerStates decoded = ProducerStates.decode(states.encode());
            assertThat(decoded.sameAs(states)).as("step %d", step).isTrue();
        }
    }

    @Test
    void shouldRefuseSnapshotsThatAreCutOrTooLongOrOfAnotherVersion() {
        append(0, 5, 100);
        ByteBuffer bytes = states.encode();
        for (int length = 0; length < bytes.limit(); length++) {
            ByteBuffer cut = bytes.duplicate().limit(length);
            assertThatThrownBy(() -> ProducerStates.decode(cut)).isInstanceOf(IllegalArgumentException.class);
        }
        ByteBuffer longer =
                ByteBuffer.allocate(bytes.limit() + 1).put(bytes.duplicate()).rewind();
        assertThatThrownBy(() -> ProducerStates.decode(longer)).hasMessageContaining("too many");
        ByteBuffer other = states.encode().putShort(0, (short) 9);
        assertThatThrownBy(() -> ProducerStates.decode(other)).hasMessageContaining("version 9");
    }

    @Test
    void shouldKnowFromReplayedHeadersWhatAppendsWouldHaveTold() {
        Chunk chunk = TestBatches.idempotent(PID, EPOCH, 0, 3);
        chunk.assign(500, 1);
        states.replay(chunk.nioBuffer(), 0, 0);
        chunk.release();
        assertThat(states.check(PID, EPOCH, 0, 3)).isEqualTo(new SequenceVerdict.Duplicate(500, 503));
        assertThat(states.check(PID, EPOCH, 3, 1)).isEqualTo(SequenceVerdict.NEXT);
    }

    @Test
    void shouldForgetThoseSilentLongestWhenThereIsNoRoomForAll() {
        ProducerStates many = new ProducerStates();
        for (int id = 0; id < 100; id++) {
            many.append(id, (short) 0, 0, 1, id, 1000 + id);
        }
        ByteBuffer all = many.encode(1 << 20);
        assertThat(all).isEqualTo(many.encode());
        ByteBuffer some = many.encode(all.remaining() / 2);
        assertThat(some.remaining()).isLessThanOrEqualTo(all.remaining() / 2);
        ProducerStates kept = ProducerStates.decode(some);
        assertThat(kept.size()).isBetween(48, 50);
        assertThat(kept.check(99, (short) 0, 1, 1)).isEqualTo(SequenceVerdict.NEXT);
        assertThat(kept.check(0, (short) 0, 1, 1)).isNotEqualTo(SequenceVerdict.NEXT);
    }

    @Test
    void shouldForgetProducersThatWereSilentForLong() {
        states.append(1, EPOCH, 0, 1, 0, 1_000);
        states.append(2, EPOCH, 0, 1, 1, 2_000);
        states.expire(1_500);
        assertThat(states.size()).isEqualTo(1);
        assertRefused(states.check(1, EPOCH, 1, 1), RejectReason.UNKNOWN_PRODUCER_ID);
    }

    private void append(int sequence, int records, long offset) {
        states.append(PID, EPOCH, sequence, records, offset, 0);
    }

    private static void assertRefused(SequenceVerdict verdict, RejectReason reason) {
        assertThat(verdict)
                .isInstanceOfSatisfying(
                        SequenceVerdict.Refused.class,
                        refused -> assertThat(refused.reason()).isEqualTo(reason));
    }
}
