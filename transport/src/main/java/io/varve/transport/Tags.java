// SPDX-License-Identifier: Apache-2.0
package io.varve.transport;

import com.google.protobuf.WireFormat;

/** Field numbers as they stand before a field: with its wire type in the low three bits. */
final class Tags {
    private Tags() {}

    static int varint(int fieldNumber) {
        return fieldNumber << 3 | WireFormat.WIRETYPE_VARINT;
    }

    static int delimited(int fieldNumber) {
        return fieldNumber << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
    }
}
