// SPDX-License-Identifier: Apache-2.0
package io.varve.transport;

import io.netty.buffer.ByteBuf;
import io.varve.proto.Uuids;
import java.util.Arrays;
import java.util.UUID;

/**
 * Serializes everything of a bulk message that comes before its payload, as the generated class would: fields in the
 * order of their numbers, absent when they have the default value. *Confined to one message.*
 */
final class HeaderWriter {
    /** Enough for every header without an error in it. */
    private static final int INITIAL_BYTES = 80;

    private static final int MAX_VARINT_BYTES = 10;

    private byte[] bytes = new byte[INITIAL_BYTES];
    private int size;

    HeaderWriter int64(int field, long value) {
        if (value != 0) {
            varint(Tags.varint(field));
            varint(value);
        }
        return this;
    }

    /** A negative number takes ten bytes, as protobuf has it. */
    HeaderWriter int32(int field, int value) {
        return int64(field, value);
    }

    HeaderWriter uuid(int field, UUID value) {
        varint(Tags.delimited(field));
        varint(Uuids.SIZE_BYTES);
        bigEndian(value.getMostSignificantBits());
        bigEndian(value.getLeastSignificantBits());
        return this;
    }

    HeaderWriter bytes(int field, byte[] value) {
        varint(Tags.delimited(field));
        varint(value.length);
        reserve(value.length);
        System.arraycopy(value, 0, bytes, size, value.length);
        size += value.length;
        return this;
    }

    /** The whole message: this header, then the payload as the field that comes last. */
    MessageStream payload(int field, ByteBuf payload) {
        if (payload.isReadable()) {
            varint(Tags.delimited(field));
            varint(payload.readableBytes());
        }
        return new MessageStream(bytes, size, payload);
    }

    private void varint(long value) {
        reserve(MAX_VARINT_BYTES);
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            bytes[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[size++] = (byte) rest;
    }

    private void bigEndian(long value) {
        reserve(Long.BYTES);
        for (int shift = Long.SIZE - Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
            bytes[size++] = (byte) (value >>> shift);
        }
    }

    private void reserve(int count) {
        if (size + count > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, size + count));
        }
    }
}
