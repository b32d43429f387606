// SPDX-License-Identifier: Apache-2.0
package io.varve.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.record.BatchCheck.Kind;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class BatchCheckTest {
    private static final int LIMIT = 1 << 20;

    private final ByteBuffer batch = SampleRecord.batch(Codec.NONE, SampleRecord.list(new Random(1), 5));

    @Test
    void shouldAcceptWhatTheBuilderBuilds() {
        assertThat(BatchCheck.checkProduced(batch, 0, batch.limit(), LIMIT).kind())
                .isEqualTo(Kind.VALID);
        BatchHeader.setProducer(batch, 0, 0, (short) 0, 0);
        assertThat(BatchCheck.checkProduced(batch, 0, batch.limit(), batch.limit())
                        .kind())
                .isEqualTo(Kind.VALID);
    }

    @Test
    void shouldNameEachDefectOfAStoredBatch() {
        assertThat(stored(b -> b.put(BatchHeader.MAGIC_AT, (byte) 1))).isEqualTo(Kind.BAD_MAGIC);
        assertThat(stored(b -> b.putInt(BatchHeader.LENGTH_AT, 48))).isEqualTo(Kind.BAD_LENGTH);
        assertThat(stored(b -> b.putInt(BatchHeader.LENGTH_AT, -1))).isEqualTo(Kind.BAD_LENGTH);
        assertThat(stored(b -> b.putInt(BatchHeader.LENGTH_AT, Integer.MIN_VALUE)))
                .isEqualTo(Kind.BAD_LENGTH);
        assertThat(stored(b -> b.putInt(BatchHeader.LENGTH_AT, Integer.MAX_VALUE)))
                .isEqualTo(Kind.TOO_LARGE);
        assertThat(stored(b -> b.putInt(BatchHeader.LENGTH_AT, LIMIT - 12))).isEqualTo(Kind.TOO_SHORT);
        assertThat(stored(b -> b.put(80, (byte) (b.get(80) + 1)))).isEqualTo(Kind.BAD_CRC);
        assertThat(stored(b -> b.putLong(BatchHeader.BASE_OFFSET_AT, -1))).isEqualTo(Kind.BAD_OFFSET);
        assertThat(stored(b -> b.putLong(BatchHeader.BASE_OFFSET_AT, Long.MAX_VALUE - 3)))
                .isEqualTo(Kind.BAD_OFFSET);
        assertThat(sealed(b -> b.putInt(BatchHeader.RECORD_COUNT_AT, 6))).isEqualTo(Kind.BAD_COUNT);
        assertThat(sealed(b -> b.putInt(BatchHeader.RECORD_COUNT_AT, -1))).isEqualTo(Kind.BAD_COUNT);
        assertThat(sealed(b -> b.putInt(BatchHeader.LAST_OFFSET_DELTA_AT, Integer.MAX_VALUE)))
                .isEqualTo(Kind.BAD_COUNT);
        assertThat(sealed(b -> b.putShort(BatchHeader.ATTRIBUTES_AT, (short) 5)))
                .isEqualTo(Kind.BAD_CODEC);
    }

    @Test
    void shouldRefuseInAProducersBatchWhatOnlyTheClusterWrites() {
        for (int bit : new int[] {0x08, 0x10, 0x20, 0x40, 0x4000, 0x8000}) {
            assertThat(produced(b -> b.putShort(BatchHeader.ATTRIBUTES_AT, (short) bit)))
                    .as("attribute bit %s", bit)
                    .isEqualTo(Kind.BAD_ATTRIBUTES);
        }
        assertThat(produced(b -> b.putInt(BatchHeader.RECORD_COUNT_AT, 4))).isEqualTo(Kind.BAD_COUNT);
        assertThat(produced(b -> b.putInt(BatchHeader.RECORD_COUNT_AT, 0))).isEqualTo(Kind.BAD_COUNT);
        assertThat(produced(b -> b.putLong(BatchHeader.PRODUCER_ID_AT, 5))).isEqualTo(Kind.BAD_PRODUCER);
        assertThat(produced(b -> b.putLong(BatchHeader.PRODUCER_ID_AT, -2))).isEqualTo(Kind.BAD_PRODUCER);
        assertThat(produced(b -> b.putInt(BatchHeader.BASE_SEQUENCE_AT, 0))).isEqualTo(Kind.BAD_PRODUCER);
    }

    @Test
    void shouldRefuseASecondBatchBehindTheFirst() {
        ByteBuffer two = ByteBuffer.allocate(2 * batch.limit())
                .put(batch.duplicate())
                .put(batch.duplicate())
                .flip();

        assertThat(BatchCheck.check(two, 0, two.limit(), LIMIT).isValid()).isTrue();
        assertThat(BatchCheck.check(two, batch.limit(), batch.limit(), LIMIT).isValid())
                .isTrue();
        assertThat(BatchCheck.checkProduced(two, 0, two.limit(), LIMIT).kind()).isEqualTo(Kind.NOT_ONE_BATCH);
    }

    @Test
    void shouldAllocateNothingForAValidBatch() {
        ByteBuffer direct =
                ByteBuffer.allocateDirect(batch.limit()).put(batch.duplicate()).flip();
        for (ByteBuffer b : List.of(batch, direct)) {
            long sum = 0;
            for (int i = 0; i < 100; i++) {
                sum += checkAndReadHeader(b);
            }
            long before = Allocations.ofThisThread();
            for (int i = 0; i < 1000; i++) {
                sum += checkAndReadHeader(b);
            }
            assertThat(Allocations.ofThisThread() - before).as("sum %s", sum).isLessThan(1000);
            assertThat(b.position()).isZero();
            assertThat(b.limit()).isEqualTo(batch.limit());
        }
    }

    private static long checkAndReadHeader(ByteBuffer b) {
        BatchHeader.assign(b, 0, 17, 3);
        BatchHeader.setProducer(b, 0, 1, (short) 1, 1);
        BatchCheck check = BatchCheck.checkProduced(b, 0, b.limit(), LIMIT);
        return check.kind().ordinal()
                + BatchHeader.nextOffset(b, 0)
                + BatchHeader.maxTimestamp(b, 0)
                + (BatchHeader.codec(b, 0) == Codec.NONE ? 1 : 0)
                + BatchHeader.timestampType(b, 0).ordinal();
    }

    private Kind stored(Consumer<ByteBuffer> damage) {
        damage.accept(batch);
        Kind kind = BatchCheck.check(batch, 0, batch.limit(), LIMIT).kind();
        restore();
        return kind;
    }

    private Kind sealed(Consumer<ByteBuffer> damage) {
        return stored(damage.andThen(BatchCheckTest::seal));
    }

    private Kind produced(Consumer<ByteBuffer> damage) {
        damage.accept(batch);
        seal(batch);
        Kind kind = BatchCheck.checkProduced(batch, 0, batch.limit(), LIMIT).kind();
        restore();
        return kind;
    }

    private static void seal(ByteBuffer b) {
        b.putInt(BatchHeader.CRC_AT, BatchHeader.computeCrc(b, 0));
    }

    private void restore() {
        batch.put(0, SampleRecord.batch(Codec.NONE, SampleRecord.list(new Random(1), 5)), 0, batch.limit());
    }
}
