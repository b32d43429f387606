// SPDX-License-Identifier: Apache-2.0
package io.varve.cli;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.util.JsonFormat;

/** Answers of the API in the JSON mapping of proto3: 64-bit integers are strings, bytes are base64. Stateless. */
public final class ProtoJson {
    private ProtoJson() {}

    /** Fields that are zero or empty are there, so that scripts need no defaults. */
    public static String of(MessageOrBuilder answer) {
        try {
            return JsonFormat.printer().alwaysPrintFieldsWithNoPresence().print(answer);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("only an Any of unknown type cannot be printed", e);
        }
    }
}
