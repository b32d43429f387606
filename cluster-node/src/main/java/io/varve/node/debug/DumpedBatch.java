// SPDX-License-Identifier: Apache-2.0
package io.varve.node.debug;

import io.varve.record.BatchHeader;
import io.varve.record.Codec;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A batch as it lies in a file. <i>Immutable.</i>
 *
 * @param position of its first byte in the file
 * @param header names and values of its header, in the order of the format
 * @param status {@code ok}, or what is wrong with it
 */
public record DumpedBatch(long position, Map<String, Object> header, String status) {

    static final String OK = "ok";

    static DumpedBatch of(long position, ByteBuffer batch, String status) {
        Codec codec = BatchHeader.codec(batch, 0);
        Map<String, Object> header = new LinkedHashMap<>();
        header.put("baseOffset", BatchHeader.baseOffset(batch, 0));
        header.put("lastOffset", BatchHeader.lastOffset(batch, 0));
        header.put("records", BatchHeader.recordCount(batch, 0));
        header.put("sizeBytes", BatchHeader.sizeInBytes(batch, 0));
        header.put("leaderEpoch", BatchHeader.partitionLeaderEpoch(batch, 0));
        header.put("crc", "%08x".formatted(BatchHeader.crc(batch, 0)));
        header.put("codec", codec == null ? "unknown" : codec.lowerCaseName());
        header.put("control", BatchHeader.isControl(batch, 0));
        header.put("maxTimestamp", time(BatchHeader.maxTimestamp(batch, 0)));
        header.put("producerId", BatchHeader.producerId(batch, 0));
        header.put("producerEpoch", BatchHeader.producerEpoch(batch, 0));
        header.put("baseSequence", BatchHeader.baseSequence(batch, 0));
        return new DumpedBatch(position, header, status);
    }

    public boolean isValid() {
        return status.equals(OK);
    }

    private static String time(long millis) {
        return millis < 0 ? "none" : Instant.ofEpochMilli(millis).toString();
    }
}
