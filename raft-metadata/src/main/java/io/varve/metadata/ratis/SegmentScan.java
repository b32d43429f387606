// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.ratis;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.zip.CRC32C;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.thirdparty.com.google.protobuf.InvalidProtocolBufferException;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.jspecify.annotations.Nullable;

/**
 * Reads one segment of the Raft log as Ratis does.
 *
 * <pre>
 * "RaftLog1"                                   8 bytes
 * entries: length varint | LogEntryProto | CRC32C (4 bytes, big-endian) of length and entry
 * zeros to the end of the file (allocated in advance)
 * </pre>
 */
final class SegmentScan {

    private static final byte[] HEADER = "RaftLog1".getBytes(StandardCharsets.US_ASCII);
    private static final int CRC_LENGTH = Integer.BYTES;
    /** Every entry begins with its term: field 1, varint. */
    private static final byte FIRST_TAG = 0x08;

    private final byte[] bytes;
    private final int maxEntryLength;

    private int position = HEADER.length;
    private long nextIndex;
    private String damage = "";

    SegmentScan(Path file, long firstIndex, int maxEntryLength) throws IOException {
        this(Files.readAllBytes(file), firstIndex, maxEntryLength);
    }

    SegmentScan(byte[] bytes, long firstIndex, int maxEntryLength) {
        this.bytes = bytes;
        this.nextIndex = firstIndex;
        this.maxEntryLength = maxEntryLength;
        if (bytes.length < HEADER.length || !Arrays.equals(bytes, 0, HEADER.length, HEADER, 0, HEADER.length)) {
            damage = "its header is damaged";
            position = 0;
        } else {
            run();
        }
    }

    private void run() {
        while (position < bytes.length && bytes[position] != 0) {
            int end = entryEnd(position);
            var entry = end < 0 ? null : entryAt(position, end);
            if (entry == null) {
                damage = "entry " + nextIndex + " at byte " + position + " is damaged";
                return;
            }
            if (entry.getIndex() != nextIndex) {
                damage = "entry " + entry.getIndex() + " stands where " + nextIndex + " must";
                return;
            }
            nextIndex++;
            position = end;
        }
        for (int i = position; i < bytes.length; i++) {
            if (bytes[i] != 0) {
                damage = "zeros at byte " + position + " are followed by data at byte " + i;
                return;
            }
        }
    }

    /** What is wrong; empty if nothing is. */
    String damage() {
        return damage;
    }

    /** The index after the last good entry: the first one lost if there is damage. */
    long nextIndex() {
        return nextIndex;
    }

    /** Where the first bad byte is. */
    int position() {
        return position;
    }

    /**
     * The highest index that some entry behind the damage says was committed. Every committed entry had been through
     * fsync here before it counted, so damage at or below it is not a torn end, but rot.
     */
    OptionalLong committedBehindDamage() {
        long highest = -1;
        int end = bytes.length;
        while (end > position && bytes[end - 1] == 0) {
            end--;
        }
        for (int at = Math.max(position, HEADER.length); at < end; at++) {
            int entryEnd = bytes[at] == 0 ? -1 : entryEnd(at);
            if (entryEnd < 0) {
                continue;
            }
            var entry = entryAt(at, entryEnd);
            if (entry != null && entry.hasMetadataEntry()) {
                highest = Math.max(highest, entry.getMetadataEntry().getCommitIndex());
            }
        }
        return highest < 0 ? OptionalLong.empty() : OptionalLong.of(highest);
    }

    /** Where an entry that begins here would end; -1 if none can begin here. */
    private int entryEnd(int at) {
        int varint = varintLength(at);
        if (varint < 0) {
            return -1;
        }
        long length = varint(at, varint);
        long end = at + varint + length + CRC_LENGTH;
        boolean plausible = length > 0 && length <= maxEntryLength && end <= bytes.length;
        return plausible && bytes[at + varint] == FIRST_TAG ? (int) end : -1;
    }

    private @Nullable LogEntryProto entryAt(int at, int end) {
        var crc = new CRC32C();
        crc.update(bytes, at, end - CRC_LENGTH - at);
        if ((int) crc.getValue() != intAt(end - CRC_LENGTH)) {
            return null;
        }
        int from = at + varintLength(at);
        try {
            return LogEntryProto.parseFrom(UnsafeByteOperations.unsafeWrap(bytes, from, end - CRC_LENGTH - from));
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
    }

    private int varintLength(int at) {
        for (int i = 0; i < 5 && at + i < bytes.length; i++) {
            if (bytes[at + i] >= 0) {
                return i + 1;
            }
        }
        return -1;
    }

    private long varint(int at, int length) {
        long value = 0;
        for (int i = 0; i < length; i++) {
            value |= (bytes[at + i] & 0x7fL) << (7 * i);
        }
        return value;
    }

    private int intAt(int at) {
        return (bytes[at] & 0xff) << 24
                | (bytes[at + 1] & 0xff) << 16
                | (bytes[at + 2] & 0xff) << 8
                | (bytes[at + 3] & 0xff);
    }
}
