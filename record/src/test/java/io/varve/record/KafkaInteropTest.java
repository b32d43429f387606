// SPDX-License-Identifier: Apache-2.0
package io.varve.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Both ways against Apache Kafka's own client library. */
class KafkaInteropTest {
    private static final int SEEDS = 60;
    private static final int LIMIT = 4 << 20;

    @ParameterizedTest
    @EnumSource(Codec.class)
    void shouldReadWhatKafkaWrites(Codec codec) {
        for (int seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            List<SampleRecord> records = SampleRecord.list(random, 1 + random.nextInt(60));
            long baseOffset = random.nextInt(1_000_000);
            MemoryRecordsBuilder builder = MemoryRecords.builder(
                    ByteBuffer.allocate(1024),
                    RecordBatch.MAGIC_VALUE_V2,
                    Compression.of(CompressionType.forId(codec.id())).build(),
                    org.apache.kafka.common.record.TimestampType.CREATE_TIME,
                    baseOffset,
                    RecordBatch.NO_TIMESTAMP,
                    42,
                    (short) 3,
                    17,
                    random.nextBoolean(),
                    5);
            for (SampleRecord r : records) {
                builder.append(r.timestampMs(), r.key(), r.value(), r.kafkaHeaders());
            }
            ByteBuffer bytes = random.nextBoolean()
                    ? builder.build().buffer()
                    : direct(builder.build().buffer());

            assertThat(SampleRecord.read(bytes, LIMIT)).as("seed %s", seed).isEqualTo(records);
            BatchReader reader = BatchReader.of(bytes, LIMIT);
            for (int i = 0; i < records.size(); i++) {
                assertThat(reader.next().offset()).isEqualTo(baseOffset + i);
            }
            assertThat(reader.hasNext()).isFalse();
            assertThat(reader.nextOffset()).isEqualTo(baseOffset + records.size());
        }
    }

    @ParameterizedTest
    @EnumSource(Codec.class)
    void shouldWriteWhatKafkaReads(Codec codec) {
        int compressed = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            List<SampleRecord> records = SampleRecord.list(random, 1 + random.nextInt(60));
            ByteBuffer bytes = SampleRecord.batch(codec, records);
            BatchHeader.setProducer(bytes, 0, 42, (short) 3, 17);
            BatchHeader.assign(bytes, 0, 1000, 7);

            List<SampleRecord> read = new ArrayList<>();
            for (MutableRecordBatch batch : MemoryRecords.readableRecords(bytes).batches()) {
                batch.ensureValid();
                compressed += batch.compressionType().id == codec.id() ? 1 : 0;
                assertHeadersAgree(bytes, batch);
                for (Record record : batch) {
                    record.ensureValid();
                    read.add(SampleRecord.of(record));
                }
            }
            assertThat(read).as("seed %s", seed).isEqualTo(records);
        }
        assertThat(compressed).as("batches that kept their codec").isGreaterThan(SEEDS * 3 / 4);
    }

    @Test
    void shouldPatchLogAppendTimeAsKafkaUnderstandsIt() {
        List<SampleRecord> records = SampleRecord.list(new Random(1), 10);
        ByteBuffer heap = SampleRecord.batch(Codec.ZSTD, records);
        for (ByteBuffer bytes : List.of(heap, direct(heap))) {
            BatchHeader.assignLogAppendTime(bytes, 0, 1234567890123L);

            MutableRecordBatch batch =
                    MemoryRecords.readableRecords(bytes).batches().iterator().next();
            batch.ensureValid();
            assertHeadersAgree(bytes, batch);
            assertThat(batch).allSatisfy(r -> assertThat(r.timestamp()).isEqualTo(1234567890123L));
            assertThat(SampleRecord.read(bytes, LIMIT))
                    .hasSize(10)
                    .allSatisfy(r -> assertThat(r.timestampMs()).isEqualTo(1234567890123L));
        }
    }

    @Test
    void shouldSkipControlBatchesUnlessAskedFor() {
        ByteBuffer data = SampleRecord.batch(Codec.NONE, SampleRecord.list(new Random(2), 3));
        BatchHeader.assign(data, 0, 10, 1);
        ByteBuffer marker = MemoryRecords.withEndTransactionMarker(
                        13, 1L, 2, 42L, (short) 3, new EndTransactionMarker(ControlRecordType.COMMIT, 0))
                .buffer();
        ByteBuffer run = ByteBuffer.allocate(data.remaining() + marker.remaining());
        run.put(data).put(marker).flip();

        assertThat(SampleRecord.read(run, LIMIT)).hasSize(3);
        BatchReader plain = BatchReader.of(run, LIMIT);
        plain.forEachRemaining(r -> assertThat(plain.isControl()).isFalse());
        assertThat(plain.nextOffset()).isEqualTo(14);
        BatchReader everything = BatchReader.withControl(run, LIMIT);
        List<Boolean> control = new ArrayList<>();
        everything.forEachRemaining(r -> control.add(everything.isControl()));
        assertThat(control).containsExactly(false, false, false, true);
    }

    @Test
    void shouldSkipBatchesWithoutRecordsAndGoOnBehindThem() {
        ByteBuffer empty = ByteBuffer.allocate(BatchHeader.SIZE_BYTES);
        org.apache.kafka.common.record.internal.DefaultRecordBatch.writeEmptyHeader(
                empty,
                RecordBatch.MAGIC_VALUE_V2,
                42,
                (short) 1,
                0,
                100,
                199,
                3,
                org.apache.kafka.common.record.TimestampType.CREATE_TIME,
                5000,
                false,
                false);
        empty.flip();

        BatchReader reader = BatchReader.of(empty, LIMIT);

        assertThat(reader.hasNext()).isFalse();
        assertThat(reader.nextOffset()).isEqualTo(200);
    }

    @Test
    void shouldHashKeysAsKafkaDoes() {
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            byte[] key = new byte[random.nextInt(64)];
            random.nextBytes(key);
            assertThat(Murmur2.hash(key)).isEqualTo(Utils.murmur2(key));
            assertThat(Murmur2.partitionOf(key, 7)).isEqualTo(Utils.toPositive(Utils.murmur2(key)) % 7);
        }
        assertThat(Murmur2.toPositive(Integer.MIN_VALUE)).isZero();
    }

    private static void assertHeadersAgree(ByteBuffer b, RecordBatch kafka) {
        assertThat(BatchHeader.baseOffset(b, 0)).isEqualTo(kafka.baseOffset());
        assertThat(BatchHeader.lastOffset(b, 0)).isEqualTo(kafka.lastOffset());
        assertThat(BatchHeader.nextOffset(b, 0)).isEqualTo(kafka.nextOffset());
        assertThat(BatchHeader.sizeInBytes(b, 0)).isEqualTo(kafka.sizeInBytes());
        assertThat(BatchHeader.partitionLeaderEpoch(b, 0)).isEqualTo(kafka.partitionLeaderEpoch());
        assertThat(BatchHeader.crc(b, 0) & 0xffffffffL).isEqualTo(kafka.checksum());
        assertThat(BatchHeader.maxTimestamp(b, 0)).isEqualTo(kafka.maxTimestamp());
        assertThat(BatchHeader.timestampType(b, 0).name())
                .isEqualTo(kafka.timestampType().name());
        assertThat(BatchHeader.producerId(b, 0)).isEqualTo(kafka.producerId());
        assertThat(BatchHeader.producerEpoch(b, 0)).isEqualTo(kafka.producerEpoch());
        assertThat(BatchHeader.baseSequence(b, 0)).isEqualTo(kafka.baseSequence());
        assertThat(BatchHeader.recordCount(b, 0)).isEqualTo(kafka.countOrNull());
        assertThat(BatchHeader.isTransactional(b, 0)).isEqualTo(kafka.isTransactional());
        assertThat(BatchHeader.isControl(b, 0)).isEqualTo(kafka.isControlBatch());
    }

    private static ByteBuffer direct(ByteBuffer source) {
        return ByteBuffer.allocateDirect(source.remaining())
                .put(source.duplicate())
                .flip();
    }
}
