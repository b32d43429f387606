// SPDX-License-Identifier: Apache-2.0
package io.varve.node.debug;

import io.varve.record.BatchHeader;
import io.varve.record.Codec;
import io.varve.storage.SegmentDump;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A batch as it lies in a file, ready to be printed. <i>Immutable.</i>
 *
 * @param fields names and values in the order of the format; only the place where the length cannot be believed
 * @param damaged false also for the zeros that may end a log
 */
public record DumpedBatch(Map<String, Object> fields, boolean damaged) {

    public static DumpedBatch of(SegmentDump.Batch batch) {
        ByteBuffer header = batch.header();
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("position", batch.position());
        fields.put("sizeBytes", batch.sizeBytes());
        if (hasBelievableLength(batch)) {
            Codec codec = BatchHeader.codec(header, 0);
            fields.put("baseOffset", batch.baseOffset());
            fields.put("lastOffset", batch.lastOffset());
            fields.put("records", batch.recordCount());
            fields.put("leaderEpoch", batch.leaderEpoch());
            fields.put("crc", "%08x".formatted(BatchHeader.crc(header, 0)));
            fields.put("codec", codec == null ? "unknown" : codec.lowerCaseName());
            fields.put("control", BatchHeader.isControl(header, 0));
            fields.put("maxTimestamp", time(BatchHeader.maxTimestamp(header, 0)));
            fields.put("producerId", BatchHeader.producerId(header, 0));
            fields.put("producerEpoch", BatchHeader.producerEpoch(header, 0));
            fields.put("baseSequence", BatchHeader.baseSequence(header, 0));
        }
        fields.put("status", batch.problem().orElse("ok"));
        return new DumpedBatch(fields, batch.problem().isPresent() && !isZero(header));
    }

    private static boolean hasBelievableLength(SegmentDump.Batch batch) {
        long size = (long) batch.header().getInt(BatchHeader.LENGTH_AT) + BatchHeader.PREFIX_BYTES;
        return size >= BatchHeader.SIZE_BYTES && size == batch.sizeBytes();
    }

    /** Space that was written ahead. */
    private static boolean isZero(ByteBuffer header) {
        ByteBuffer whole = header.duplicate().clear();
        return whole.mismatch(ByteBuffer.allocate(whole.remaining())) < 0;
    }

    private static String time(long millis) {
        return millis < 0 ? "none" : Instant.ofEpochMilli(millis).toString();
    }
}
