// SPDX-License-Identifier: Apache-2.0
package io.varve.node.debug;

import io.varve.record.BatchCheck;
import io.varve.record.BatchHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;

/**
 * Goes through a segment file batch by batch and says of each whether it is sound. Damage does not end it as long as the
 * length of the batch can be believed. <i>Confined to one thread.</i>
 */
public final class SegmentDump {

    /** Far above what any topic may allow: a length beyond it is no length. */
    private static final int MAX_BATCH_BYTES = 256 << 20;

    private static final long UNKNOWN = -1;

    private final FileChannel file;
    private final Consumer<DumpedBatch> to;

    // The offset that the next batch must begin with; UNKNOWN before the first.
    private long expectedOffset = UNKNOWN;

    /**
     * @param batches how many were found
     * @param damaged how many of them are not sound
     * @param end how the file ends; {@link DumpedBatch#OK} if with its last batch or with zeros
     */
    public record Summary(long batches, long damaged, String end) {

        public boolean isSound() {
            return damaged == 0 && end.equals(DumpedBatch.OK);
        }
    }

    private SegmentDump(FileChannel file, Consumer<DumpedBatch> to) {
        this.file = file;
        this.to = to;
    }

    /** Hands each batch to {@code to}, in the order of the file. */
    public static Summary of(Path path, Consumer<DumpedBatch> to) throws IOException {
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
            return new SegmentDump(file, to).run(file.size());
        }
    }

    private Summary run(long fileBytes) throws IOException {
        long position = 0;
        long batches = 0;
        long damaged = 0;
        while (position < fileBytes) {
            ByteBuffer header = read(position, (int) Math.min(BatchHeader.SIZE_BYTES, fileBytes - position));
            if (isZero(header)) {
                return new Summary(batches, damaged, onlyZeros(position, fileBytes));
            }
            if (header.remaining() < BatchHeader.SIZE_BYTES) {
                return new Summary(
                        batches,
                        damaged,
                        "torn: %d bytes at position %d are less than a batch header"
                                .formatted(header.remaining(), position));
            }
            // Long, because the length may be any 32 bits here.
            long size = (long) BatchHeader.PREFIX_BYTES + header.getInt(BatchHeader.LENGTH_AT);
            if (size < BatchHeader.SIZE_BYTES || size > MAX_BATCH_BYTES) {
                return new Summary(
                        batches,
                        damaged,
                        "no batch at position %d: its size would be %d bytes".formatted(position, size));
            }
            if (size > fileBytes - position) {
                return new Summary(
                        batches,
                        damaged,
                        "torn: the batch at position %d has %d of its %d bytes"
                                .formatted(position, fileBytes - position, size));
            }
            DumpedBatch batch = look(position, read(position, (int) size));
            damaged += batch.isValid() ? 0 : 1;
            batches++;
            to.accept(batch);
            position += size;
        }
        return new Summary(batches, damaged, DumpedBatch.OK);
    }

    private DumpedBatch look(long position, ByteBuffer batch) {
        BatchCheck check = BatchCheck.check(batch, 0, batch.remaining(), MAX_BATCH_BYTES);
        long base = BatchHeader.baseOffset(batch, 0);
        String status = DumpedBatch.OK;
        if (!check.isValid()) {
            status = check.kind() + ": " + check.detail();
        } else if (expectedOffset != UNKNOWN && base != expectedOffset) {
            // Outside the checksum, so only its neighbours can tell.
            status = "BAD_OFFSET: begins at offset %d, the batch before ends at %d".formatted(base, expectedOffset);
        }
        expectedOffset = BatchHeader.nextOffset(batch, 0);
        return DumpedBatch.of(position, batch, status);
    }

    private ByteBuffer read(long position, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining()) {
            if (file.read(buffer, position + buffer.position()) < 0) {
                break;
            }
        }
        return buffer.flip();
    }

    private static boolean isZero(ByteBuffer bytes) {
        return bytes.mismatch(ByteBuffer.allocate(bytes.remaining())) < 0;
    }

    /** Written-ahead or recycled space ends a log, but nothing may follow it. */
    private String onlyZeros(long from, long fileBytes) throws IOException {
        int step = 1 << 16;
        for (long position = from; position < fileBytes; position += step) {
            if (!isZero(read(position, (int) Math.min(step, fileBytes - position)))) {
                return "zeros from position %d, and then something else".formatted(from);
            }
        }
        return DumpedBatch.OK;
    }
}
