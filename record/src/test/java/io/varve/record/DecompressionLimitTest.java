// SPDX-License-Identifier: Apache-2.0
package io.varve.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.github.luben.zstd.Zstd;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DecompressionLimitTest {
    private static final int LIMIT = 1 << 20;
    private static final int BOMB_BYTES = 64 << 20;

    @ParameterizedTest
    @EnumSource(value = Codec.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void shouldRefuseABombWithoutUnpackingIt(Codec codec) {
        ByteBuffer bomb = batchOf(codec, BOMB_BYTES);
        assertThat(bomb.remaining()).as("compressed").isLessThan(BOMB_BYTES / 20);

        refusal(bomb); // the first of all loads classes, in this thread
        long before = Allocations.ofThisThread();
        InvalidBatchException refused = refusal(bomb);
        long allocated = Allocations.ofThisThread() - before;

        assertThat(refused.kind()).isEqualTo(BatchCheck.Kind.TOO_LARGE);
        assertThat(refused).hasMessageContaining("" + LIMIT);
        assertThat(allocated).isLessThan(3L * LIMIT);
    }

    private static InvalidBatchException refusal(ByteBuffer batch) {
        return catchThrowableOfType(
                InvalidBatchException.class, () -> BatchReader.of(batch, LIMIT).next());
    }

    @ParameterizedTest
    @EnumSource(value = Codec.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void shouldAllowExactlyTheLimit(Codec codec) {
        BatchBuilder plain = builderOf(Codec.NONE, 100_000);
        int recordsBytes = plain.build().remaining() - BatchHeader.SIZE_BYTES;
        ByteBuffer batch = batchOf(codec, 100_000);

        assertThat(BatchReader.of(batch, recordsBytes).next().value()).isEqualTo(ByteBuffer.allocate(100_000));
        assertThatThrownBy(() -> BatchReader.of(batch, recordsBytes - 1).next())
                .isInstanceOf(InvalidBatchException.class)
                .hasMessageStartingWith("TOO_LARGE");
    }

    @Test
    void shouldNotTrustTheSizeThatAZstdFrameDeclares() {
        byte[] frame = Zstd.compress(new byte[1000]);
        // frame header descriptor 0x60: single segment, two bytes of content size (minus 256) follow
        assertThat(frame[4] & 0xe0).isEqualTo(0x60);
        frame[5] = (byte) 0xff;
        frame[6] = (byte) 0xff;

        long before = Allocations.ofThisThread();
        assertThatThrownBy(() -> Compression.decompress(Codec.ZSTD, ByteBuffer.wrap(frame), 0, frame.length, 10_000))
                .isInstanceOf(InvalidBatchException.class);
        assertThat(Allocations.ofThisThread() - before).isLessThan(40_000);
    }

    @Test
    void shouldNotTrustTheSizeThatASnappyBlockDeclares() {
        byte[] raw = new byte[10];
        Arrays.fill(raw, (byte) 0xff); // declares 2^32 - 1 bytes
        raw[4] = 0x0f;

        assertThatThrownBy(() -> Compression.decompress(Codec.SNAPPY, ByteBuffer.wrap(raw), 0, raw.length, LIMIT))
                .isInstanceOf(InvalidBatchException.class)
                .hasMessageStartingWith("BAD_COMPRESSION");
    }

    @Test
    void shouldReadSnappyWithoutAFrame() throws Exception {
        byte[] raw = org.xerial.snappy.Snappy.compress(new byte[5000]);

        ByteBuffer read = Compression.decompress(Codec.SNAPPY, ByteBuffer.wrap(raw), 0, raw.length, LIMIT);

        assertThat(read).isEqualTo(ByteBuffer.allocate(5000));
    }

    private static ByteBuffer batchOf(Codec codec, int valueBytes) {
        return builderOf(codec, valueBytes).build();
    }

    private static BatchBuilder builderOf(Codec codec, int valueBytes) {
        BatchBuilder builder = new BatchBuilder(codec, Integer.MAX_VALUE);
        assertThat(builder.tryAppend(0, null, new byte[valueBytes], List.of())).isTrue();
        return builder;
    }
}
