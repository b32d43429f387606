// SPDX-License-Identifier: Apache-2.0
package io.varve.transport;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.grpc.KnownLength;
import io.netty.buffer.ByteBuf;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/**
 * Reads protobuf fields straight from gRPC's stream of a message, in whatever order they come, so that a payload can be
 * copied from the transport's buffers to where it is to stay. `CodedInputStream` cannot do that: it reads ahead.
 *
 * <p>Every length is checked against what is left of the message before it is used.
 *
 * <p>*Confined to one parse.*
 */
final class FieldReader {
    /** As deep as protobuf's own parsers go into unknown groups. */
    private static final int MAX_GROUP_DEPTH = 100;

    private static final int MAX_VARINT_BYTES = 10;
    private static final int END = -1;

    private final InputStream in;
    /** Bytes of the message not read yet; an upper bound when the stream does not say. */
    private int remaining;

    FieldReader(InputStream in) throws IOException {
        this.in = in;
        this.remaining = in instanceof KnownLength ? in.available() : Integer.MAX_VALUE;
    }

    /** The next field's tag; 0 at the end of the message. */
    int readTag() throws IOException {
        int first = remaining == 0 ? END : in.read();
        if (first == END) {
            return 0;
        }
        remaining--;
        int tag = (int) readVarint(first);
        if (WireFormat.getTagFieldNumber(tag) == 0) {
            throw new InvalidProtocolBufferException("a field with the number 0");
        }
        return tag;
    }

    /** Only where the stream says how much there is. */
    boolean hasMore() throws IOException {
        return in.available() > 0;
    }

    long readVarint() throws IOException {
        return readVarint(readByte());
    }

    /** Of the length-delimited field that follows; not negative and not beyond the end, as far as that is known. */
    int readLength() throws IOException {
        int length = (int) readVarint();
        if (length < 0) {
            throw new InvalidProtocolBufferException("a negative length");
        }
        if (length > remaining) {
            throw new EOFException("a length of " + length + " bytes where " + remaining + " are left");
        }
        return length;
    }

    byte[] readBytes(int length) throws IOException {
        // Allocates as bytes arrive, so that a length is never believed further than the data goes.
        byte[] bytes = in.readNBytes(length);
        if (bytes.length != length) {
            throw new EOFException("ends " + (length - bytes.length) + " bytes before a field's end");
        }
        remaining -= length;
        return bytes;
    }

    /** Reads a big-endian long of a fixed-width byte string. */
    long readBigEndianLong() throws IOException {
        long value = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            value = value << 8 | readByte();
        }
        return value;
    }

    ByteBuf readPayload(PayloadReader reader, int length) throws IOException {
        ByteBuf payload = reader.read(in, length);
        remaining -= length;
        return payload;
    }

    /** Passes over a field that this build does not know, or one with another wire type than it knows. */
    void skip(int tag) throws IOException {
        skip(tag, 0);
    }

    private void skip(int tag, int depth) throws IOException {
        switch (WireFormat.getTagWireType(tag)) {
            case WireFormat.WIRETYPE_VARINT -> readVarint();
            case WireFormat.WIRETYPE_FIXED64 -> skipBytes(Long.BYTES);
            case WireFormat.WIRETYPE_LENGTH_DELIMITED -> skipBytes(readLength());
            case WireFormat.WIRETYPE_START_GROUP -> skipGroup(WireFormat.getTagFieldNumber(tag), depth + 1);
            case WireFormat.WIRETYPE_FIXED32 -> skipBytes(Integer.BYTES);
            default ->
                throw new InvalidProtocolBufferException(
                        "wire type " + WireFormat.getTagWireType(tag) + " out of place");
        }
    }

    private void skipGroup(int fieldNumber, int depth) throws IOException {
        if (depth > MAX_GROUP_DEPTH) {
            throw new InvalidProtocolBufferException("groups nested more than " + MAX_GROUP_DEPTH + " deep");
        }
        while (true) {
            int tag = readTag();
            if (tag == 0) {
                throw new EOFException("ends inside a group");
            }
            if (WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_END_GROUP) {
                if (WireFormat.getTagFieldNumber(tag) != fieldNumber) {
                    throw new InvalidProtocolBufferException("a group ends with another one's tag");
                }
                return;
            }
            skip(tag, depth);
        }
    }

    private void skipBytes(int length) throws IOException {
        if (length > remaining) {
            throw new EOFException("ends inside a field");
        }
        in.skipNBytes(length);
        remaining -= length;
    }

    private long readVarint(int first) throws IOException {
        long value = first & 0x7f;
        int b = first;
        for (int i = 1; b >= 0x80; i++) {
            if (i == MAX_VARINT_BYTES) {
                throw new InvalidProtocolBufferException("a number of more than " + MAX_VARINT_BYTES + " bytes");
            }
            b = readByte();
            value |= (long) (b & 0x7f) << (7 * i);
        }
        return value;
    }

    private int readByte() throws IOException {
        int b = remaining == 0 ? END : in.read();
        if (b == END) {
            throw new EOFException("ends inside a field");
        }
        remaining--;
        return b;
    }
}
