// SPDX-License-Identifier: Apache-2.0
package io.varve.node.debug;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.record.BatchBuilder;
import io.varve.record.BatchHeader;
import io.varve.record.Codec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SegmentDumpTest {
    private static final int RECORDS = 3;

    @TempDir
    private Path directory = Path.of("");

    private final List<DumpedBatch> found = new ArrayList<>();

    @Test
    void shouldShowEveryBatch() throws IOException {
        assertThat(dump(log(4))).isEqualTo(new SegmentDump.Summary(4, 0, "ok"));
        assertThat(found).extracting(batch -> batch.header().get("baseOffset")).containsExactly(0L, 3L, 6L, 9L);
        assertThat(found.get(1).header()).containsEntry("records", RECORDS).containsEntry("codec", "lz4");
    }

    @Test
    void shouldGoOnBehindABatchWithAFlippedBit() throws IOException {
        byte[] log = log(3);
        log[log.length / 3 + BatchHeader.SIZE_BYTES] ^= 1;

        assertThat(dump(log)).isEqualTo(new SegmentDump.Summary(3, 1, "ok"));
        assertThat(found).extracting(DumpedBatch::isValid).containsExactly(true, false, true);
        assertThat(found.get(1).status()).startsWith("BAD_CRC");
    }

    @Test
    void shouldSeeThatAnOffsetDoesNotFollow() throws IOException {
        byte[] log = log(2);
        ByteBuffer.wrap(log).putLong(log.length / 2, 7);

        assertThat(dump(log).damaged()).isEqualTo(1);
        assertThat(found.get(1).status()).isEqualTo("BAD_OFFSET: begins at offset 7, the batch before ends at 3");
    }

    @Test
    void shouldTakeZerosForTheEnd() throws IOException {
        byte[] log = log(1);

        assertThat(dump(Arrays.copyOf(log, log.length + 100_000)).isSound()).isTrue();
    }

    @Test
    void shouldSayThatSomethingFollowsZeros() throws IOException {
        byte[] log = log(1);
        byte[] longer = Arrays.copyOf(log, log.length + 100_000);
        longer[longer.length - 1] = 1;

        assertThat(dump(longer).end()).isEqualTo("zeros from position " + log.length + ", and then something else");
    }

    @Test
    void shouldSayThatAFileIsTornWhateverItsLength() throws IOException {
        byte[] log = log(2);
        for (int length = log.length / 2 + 1; length < log.length; length++) {
            SegmentDump.Summary summary = dump(Arrays.copyOf(log, length));

            assertThat(summary.batches()).as("length " + length).isEqualTo(1);
            // A few zeros in front of a base offset are no different from an end in zeros.
            assertThat(summary.isSound()).as("length " + length).isEqualTo(length - log.length / 2 < Long.BYTES);
        }
    }

    @Test
    void shouldNotBelieveEveryLength() throws IOException {
        byte[] log = log(1);
        ByteBuffer.wrap(log).putInt(BatchHeader.LENGTH_AT, Integer.MAX_VALUE);

        assertThat(dump(log).end()).isEqualTo("no batch at position 0: its size would be 2147483659 bytes");
    }

    private SegmentDump.Summary dump(byte[] content) throws IOException {
        found.clear();
        return SegmentDump.of(Files.write(directory.resolve("0.log"), content), found::add);
    }

    /** Batches of one size, their offsets dense. */
    private static byte[] log(int batches) {
        ByteBuffer log = ByteBuffer.allocate(1 << 16);
        for (int i = 0; i < batches; i++) {
            BatchBuilder builder = new BatchBuilder(Codec.LZ4, 1 << 16);
            for (int record = 0; record < RECORDS; record++) {
                assertThat(builder.tryAppend(1_000, null, new byte[200], List.of()))
                        .isTrue();
            }
            ByteBuffer batch = builder.build();
            BatchHeader.assign(batch, batch.position(), (long) i * RECORDS, 1);
            log.put(batch);
        }
        return Arrays.copyOf(log.array(), log.position());
    }
}
