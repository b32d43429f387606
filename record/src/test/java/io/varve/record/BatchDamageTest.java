// SPDX-License-Identifier: Apache-2.0
package io.varve.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever happens to the bytes: the right records or {@link InvalidBatchException}, and memory within the limit. */
class BatchDamageTest {
    private static final int LIMIT = 64 * 1024;
    private static final int DAMAGED_PAYLOADS = 3000;
    /** Buffers of the codecs themselves: inflater, gzip and native bridges. */
    private static final long CODEC_OVERHEAD_BYTES = 256 * 1024;

    @ParameterizedTest
    @EnumSource(Codec.class)
    void shouldNoticeEveryFlippedByteInsideTheCrc(Codec codec) {
        List<SampleRecord> records = SampleRecord.list(new Random(3), 5);
        ByteBuffer whole = SampleRecord.batch(codec, records);
        for (int at = 0; at < whole.limit(); at++) {
            for (int mask : new int[] {0x01, 0x80, 0xff}) {
                ByteBuffer damaged = copy(whole, whole.limit());
                damaged.put(at, (byte) (damaged.get(at) ^ mask));
                try {
                    List<SampleRecord> read = SampleRecord.read(damaged, LIMIT);
                    assertThat(read).as("byte %s ^ %s", at, mask).isEqualTo(records);
                    boolean outsideCrc = at < BatchHeader.MAGIC_AT
                            && (at < BatchHeader.LENGTH_AT || at >= BatchHeader.LEADER_EPOCH_AT);
                    assertThat(outsideCrc)
                            .as("byte %s ^ %s unnoticed", at, mask)
                            .isTrue();
                } catch (InvalidBatchException expected) {
                    assertThat(expected.kind()).isNotEqualTo(BatchCheck.Kind.VALID);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Codec.class)
    void shouldNoticeEveryCut(Codec codec) {
        ByteBuffer whole = SampleRecord.batch(codec, SampleRecord.list(new Random(4), 5));
        for (int length = 1; length < whole.limit(); length++) {
            ByteBuffer cut = copy(whole, length);
            assertThat(BatchCheck.check(cut, 0, length, LIMIT).kind()).isEqualTo(BatchCheck.Kind.TOO_SHORT);
            try {
                SampleRecord.read(cut, LIMIT);
                throw new AssertionError("cut at " + length + " unnoticed");
            } catch (InvalidBatchException expected) {
                assertThat(expected.kind()).isEqualTo(BatchCheck.Kind.TOO_SHORT);
            }
        }
    }

    /** A CRC that fits is no proof of sense: a malicious producer computes one too. */
    @ParameterizedTest
    @EnumSource(Codec.class)
    void shouldSurviveDamageUnderAValidCrc(Codec codec) {
        ByteBuffer whole = SampleRecord.batch(codec, SampleRecord.list(new Random(5), 5));
        long worst = 0;
        for (int seed = 0; seed < DAMAGED_PAYLOADS; seed++) {
            ByteBuffer damaged = damageWithValidCrc(whole, new Random(seed));
            long before = Allocations.ofThisThread();
            try {
                List<SampleRecord> read = SampleRecord.read(damaged, LIMIT);
                assertThat(read.size()).as("seed %s", seed).isLessThanOrEqualTo(BatchHeader.recordCount(damaged, 0));
            } catch (InvalidBatchException expected) {
                assertThat(expected.kind()).isNotEqualTo(BatchCheck.Kind.VALID);
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
            worst = Math.max(worst, Allocations.ofThisThread() - before);
        }
        // growing by doubling allocates at most twice the limit in all, the records' views a little more
        assertThat(worst).isLessThan(3L * LIMIT + CODEC_OVERHEAD_BYTES);
    }

    private static ByteBuffer damageWithValidCrc(ByteBuffer whole, Random random) {
        int length = BatchHeader.SIZE_BYTES + 1 + random.nextInt(whole.limit() - BatchHeader.SIZE_BYTES);
        ByteBuffer damaged = copy(whole, random.nextBoolean() ? whole.limit() : length);
        for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
            int at = BatchHeader.SIZE_BYTES + random.nextInt(damaged.limit() - BatchHeader.SIZE_BYTES);
            damaged.put(at, (byte) random.nextInt());
        }
        damaged.putInt(BatchHeader.LENGTH_AT, damaged.limit() - BatchHeader.PREFIX_BYTES);
        if (random.nextInt(4) == 0) {
            int count = random.nextBoolean() ? Integer.MAX_VALUE - 1 : random.nextInt(10);
            damaged.putInt(BatchHeader.RECORD_COUNT_AT, count);
            damaged.putInt(BatchHeader.LAST_OFFSET_DELTA_AT, count);
        }
        damaged.putInt(BatchHeader.CRC_AT, BatchHeader.computeCrc(damaged, 0));
        return damaged;
    }

    private static ByteBuffer copy(ByteBuffer source, int length) {
        byte[] copy = new byte[length];
        source.get(0, copy);
        return ByteBuffer.wrap(copy);
    }
}
