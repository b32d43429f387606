// SPDX-License-Identifier: Apache-2.0
package io.varve.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.utils.ByteUtils;
import org.junit.jupiter.api.Test;

class BatchBuilderTest {
    @Test
    void shouldNeverExceedTheLimitAndSayTheExactSize() {
        for (int seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            int limit = 100 + random.nextInt(20_000);
            BatchBuilder builder = new BatchBuilder(Codec.NONE, limit);
            List<SampleRecord> records = SampleRecord.list(random, 100);
            int taken = 0;
            for (SampleRecord r : records) {
                int before = builder.estimatedSizeBytes();
                if (builder.tryAppend(r.timestampMs(), r.key(), r.value(), r.headers())) {
                    taken++;
                    ByteBuffer key = r.key();
                    ByteBuffer value = r.value();
                    assertThat(builder.estimatedSizeBytes() - before + BatchHeader.SIZE_BYTES)
                            .isLessThanOrEqualTo(BatchBuilder.sizeUpperBound(
                                    key == null ? 0 : key.remaining(),
                                    value == null ? 0 : value.remaining(),
                                    r.headers()));
                } else {
                    assertThat(builder.estimatedSizeBytes()).isEqualTo(before);
                }
            }
            assertThat(builder.count()).isEqualTo(taken);
            if (taken > 0) {
                int estimated = builder.estimatedSizeBytes();
                assertThat(builder.build().remaining())
                        .as("seed %s", seed)
                        .isEqualTo(estimated)
                        .isLessThanOrEqualTo(limit);
            }
        }
    }

    @Test
    void shouldSendNoiseUncompressed() {
        byte[] noise = new byte[10_000];
        new Random(1).nextBytes(noise);
        for (Codec codec : Codec.values()) {
            BatchBuilder builder = new BatchBuilder(codec, 20_000);
            assertThat(builder.tryAppend(1, null, noise, List.of())).isTrue();
            int estimated = builder.estimatedSizeBytes();

            ByteBuffer batch = builder.build();

            assertThat(batch.remaining()).isLessThanOrEqualTo(estimated);
            assertThat(BatchHeader.codec(batch, 0)).isEqualTo(Codec.NONE);
            assertThat(BatchReader.of(batch, 0).next().value()).isEqualTo(ByteBuffer.wrap(noise));
        }
    }

    @Test
    void shouldKeepTheHighestTimestampWhereverItStands() {
        BatchBuilder builder = new BatchBuilder(Codec.NONE, 1000);
        assertThat(builder.tryAppend(50, null, new byte[1], List.of())).isTrue();
        assertThat(builder.tryAppend(90, null, new byte[1], List.of())).isTrue();
        assertThat(builder.tryAppend(-1, null, new byte[1], List.of())).isTrue();

        ByteBuffer batch = builder.build(7, (short) 1, 3);

        assertThat(BatchHeader.baseTimestamp(batch, 0)).isEqualTo(50);
        assertThat(BatchHeader.maxTimestamp(batch, 0)).isEqualTo(90);
        assertThat(BatchHeader.baseSequence(batch, 0)).isEqualTo(3);
        assertThat(SampleRecord.read(batch, 0))
                .extracting(SampleRecord::timestampMs)
                .containsExactly(50L, 90L, -1L);
    }

    @Test
    void shouldRefuseAnEmptyBatchAndASecondBuild() {
        BatchBuilder builder = new BatchBuilder(Codec.NONE, 1000);
        assertThatThrownBy(builder::build).hasMessageContaining("no records");
        assertThat(builder.tryAppend(0, new byte[1], new byte[1], List.of())).isTrue();
        builder.build();
        assertThatThrownBy(builder::build).hasMessageContaining("built");
        assertThatThrownBy(() -> builder.tryAppend(0, new byte[1], new byte[1], List.of()))
                .hasMessageContaining("built");
    }

    @Test
    void shouldCodeNumbersAsKafkaDoes() {
        Random random = new Random(9);
        for (int i = 0; i < 10_000; i++) {
            long value = random.nextLong() >> random.nextInt(64);
            ByteBuffer kafka = ByteBuffer.allocate(10);
            ByteUtils.writeVarlong(value, kafka);
            byte[] ours = new byte[10];
            assertThat(Varints.put(ours, 0, value)).isEqualTo(kafka.position()).isEqualTo(Varints.sizeOf(value));
            assertThat(ours).isEqualTo(kafka.array());
            int small = (int) value;
            ByteBuffer kafkaInt = ByteBuffer.allocate(10);
            ByteUtils.writeVarint(small, kafkaInt);
            byte[] oursInt = new byte[10];
            Varints.put(oursInt, 0, small);
            assertThat(oursInt).isEqualTo(kafkaInt.array());
        }
    }
}
