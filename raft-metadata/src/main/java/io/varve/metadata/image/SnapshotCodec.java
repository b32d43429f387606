// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.image;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import io.varve.proto.metadata.v1.ImageRecord;
import io.varve.proto.metadata.v1.SnapshotHeader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * A whole image to bytes and back. Equal images give equal bytes on every node.
 *
 * <pre>
 * magic "VarveMet"  8 bytes
 * version           4 bytes, big-endian: 1
 * SnapshotHeader    length as varint, then the message
 * ImageRecord...    record_count times: length as varint, then the message
 * CRC32C            4 bytes, big-endian: of everything before it
 * </pre>
 */
public final class SnapshotCodec {

    private static final byte[] MAGIC = "VarveMet".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION = 1;
    private static final int PREAMBLE_LENGTH = MAGIC.length + Integer.BYTES;
    private static final int CRC_LENGTH = Integer.BYTES;

    private SnapshotCodec() {}

    public static byte[] encode(MetadataImage image) {
        var records = image.records();
        var bytes = new ByteArrayOutputStream(64 * (records.size() + 1));
        bytes.writeBytes(
                ByteBuffer.allocate(PREAMBLE_LENGTH).put(MAGIC).putInt(VERSION).array());
        try {
            var out = CodedOutputStream.newInstance(bytes);
            out.useDeterministicSerialization();
            out.writeMessageNoTag(SnapshotHeader.newBuilder()
                    .setIndex(image.index())
                    .setTerm(image.term())
                    .setRecordCount(records.size())
                    .build());
            for (var r : records) {
                out.writeMessageNoTag(RecordCodec.encode(r));
            }
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        int crc = crc(bytes.toByteArray(), bytes.size());
        bytes.writeBytes(ByteBuffer.allocate(CRC_LENGTH).putInt(crc).array());
        return bytes.toByteArray();
    }

    /** The CRC32C that ends the encoding of this image: equal for equal images, and hardly ever otherwise. */
    public static int crc(MetadataImage image) {
        byte[] bytes = encode(image);
        return ByteBuffer.wrap(bytes).getInt(bytes.length - CRC_LENGTH);
    }

    /** @throws SnapshotException if these bytes are not what {@link #encode} made, or a newer software's */
    public static MetadataImage decode(byte[] bytes) throws SnapshotException {
        if (bytes.length < PREAMBLE_LENGTH + CRC_LENGTH) {
            throw new SnapshotException("metadata snapshot of " + bytes.length + " bytes is too short");
        }
        var preamble = ByteBuffer.wrap(bytes, 0, PREAMBLE_LENGTH);
        for (byte expected : MAGIC) {
            if (preamble.get() != expected) {
                throw new SnapshotException("not a metadata snapshot: the magic is wrong");
            }
        }
        int bodyEnd = bytes.length - CRC_LENGTH;
        int stored = ByteBuffer.wrap(bytes).getInt(bodyEnd);
        int computed = crc(bytes, bodyEnd);
        if (stored != computed) {
            throw new SnapshotException(
                    String.format("metadata snapshot is damaged: its CRC is %08x, stored is %08x", computed, stored));
        }
        int version = preamble.getInt();
        if (version != VERSION) {
            throw new SnapshotException(
                    "metadata snapshot has version " + version + ", this software knows " + VERSION);
        }
        try {
            return body(CodedInputStream.newInstance(bytes, PREAMBLE_LENGTH, bodyEnd - PREAMBLE_LENGTH));
        } catch (IOException | IllegalArgumentException e) {
            throw new SnapshotException("metadata snapshot cannot be read: " + e.getMessage(), e);
        }
    }

    private static MetadataImage body(CodedInputStream in) throws IOException {
        var header = SnapshotHeader.parseFrom(in.readByteArray());
        var image = MetadataImage.EMPTY;
        for (int i = 0; i < header.getRecordCount(); i++) {
            image = image.plus(RecordCodec.decode(ImageRecord.parseFrom(in.readByteArray())));
        }
        if (!in.isAtEnd()) {
            throw new IllegalArgumentException("bytes after the last of " + header.getRecordCount() + " records");
        }
        return image.at(header.getIndex(), header.getTerm());
    }

    private static int crc(byte[] bytes, int length) {
        var crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }

    /** A snapshot that must not be used. */
    public static final class SnapshotException extends IOException {

        private static final long serialVersionUID = 1L;

        SnapshotException(String message) {
            super(message);
        }

        SnapshotException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
