// SPDX-License-Identifier: Apache-2.0
package io.varve.node.debug;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.record.BatchBuilder;
import io.varve.record.BatchHeader;
import io.varve.record.Codec;
import io.varve.storage.SegmentDump;
import io.varve.storage.StorageException;
import io.varve.storage.file.RealFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DumpedBatchTest {
    @TempDir
    private Path directory = Path.of("");

    @Test
    void shouldShowTheHeaderOfASoundBatch() throws IOException, StorageException {
        DumpedBatch batch = dump(batch()).get(0);

        assertThat(batch.damaged()).isFalse();
        assertThat(batch.fields())
                .containsEntry("position", 0L)
                .containsEntry("baseOffset", 7L)
                .containsEntry("records", 1)
                .containsEntry("codec", "lz4")
                .containsEntry("status", "ok");
    }

    @Test
    void shouldSayWhatIsWrongWithADamagedBatch() throws IOException, StorageException {
        byte[] bytes = batch();
        bytes[bytes.length - 1] ^= 1;

        DumpedBatch batch = dump(bytes).get(0);

        assertThat(batch.damaged()).isTrue();
        assertThat(batch.fields()).containsEntry("baseOffset", 7L);
        assertThat(batch.fields().get("status")).asString().startsWith("BAD_CRC");
    }

    @Test
    void shouldTakeZerosForTheEnd() throws IOException, StorageException {
        byte[] bytes = batch();

        List<DumpedBatch> all = dump(Arrays.copyOf(bytes, bytes.length + 4_096));

        assertThat(all).extracting(DumpedBatch::damaged).containsExactly(false, false);
        assertThat(all.get(1).fields()).containsOnlyKeys("position", "sizeBytes", "status");
    }

    @Test
    void shouldShowOnlyThePlaceOfATornBatch() throws IOException, StorageException {
        byte[] bytes = batch();

        DumpedBatch torn = dump(Arrays.copyOf(bytes, bytes.length - 1)).get(0);

        assertThat(torn.damaged()).isTrue();
        assertThat(torn.fields()).containsOnlyKeys("position", "sizeBytes", "status");
    }

    private List<DumpedBatch> dump(byte[] content) throws IOException, StorageException {
        List<DumpedBatch> all = new ArrayList<>();
        Path file = Files.write(directory.resolve("0.log"), content);
        SegmentDump.read(new RealFiles(), file, batch -> all.add(DumpedBatch.of(batch)));
        return all;
    }

    private static byte[] batch() {
        BatchBuilder builder = new BatchBuilder(Codec.LZ4, 1 << 16);
        assertThat(builder.tryAppend(1_000, null, new byte[200], List.of())).isTrue();
        ByteBuffer batch = builder.build();
        BatchHeader.assign(batch, batch.position(), 7, 1);
        byte[] bytes = new byte[batch.remaining()];
        batch.get(bytes);
        return bytes;
    }
}
