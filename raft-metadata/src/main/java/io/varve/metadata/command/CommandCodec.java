// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.command;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.varve.metadata.image.RecordCodec;
import io.varve.proto.metadata.v1.Command;
import io.varve.proto.metadata.v1.CommandType;
import java.util.Optional;

/**
 * Commands to bytes and back: the envelope.
 *
 * <p>Whatever the bytes are, {@link #decode} answers by a value. Bytes that a newer software wrote are told apart from
 * nonsense, because a voter may skip nonsense, which every voter skips, but never what others understand.
 */
public final class CommandCodec {

    /** Of the envelope. */
    static final int FORMAT = 1;

    /** Of the meaning of every payload so far. */
    static final int VERSION = 1;

    private CommandCodec() {}

    /** What a run of bytes is. */
    public sealed interface Decoded {
        /** A command. */
        record Understood(MetadataCommand command) implements Decoded {}

        /** A command of a newer software: a voter that meets it in the log must stop. */
        record TooNew(String why) implements Decoded {}

        /** No command at all. */
        record Malformed(String why) implements Decoded {}
    }

    public static byte[] encode(MetadataCommand command) {
        var out = Command.newBuilder()
                .setFormat(FORMAT)
                .setType(BodyCodec.type(command.body()))
                .setVersion(VERSION)
                .setControllerEpoch(command.controllerEpoch())
                .setNowMs(command.nowMillis())
                .setPrincipal(command.principal())
                .setPayload(payload(BodyCodec.encode(command.body())));
        command.requestId().ifPresent(id -> out.setRequestId(RecordCodec.request(id)));
        return out.build().toByteArray();
    }

    private static ByteString payload(MessageLite message) {
        return message.toByteString();
    }

    public static Decoded decode(byte[] bytes) {
        try {
            var in = Command.parseFrom(bytes);
            if (in.getFormat() == 0 || in.getType() == CommandType.COMMAND_TYPE_UNSPECIFIED) {
                return new Decoded.Malformed("a command without format or type");
            }
            if (in.getFormat() != FORMAT || in.getType() == CommandType.UNRECOGNIZED || in.getVersion() > VERSION) {
                return new Decoded.TooNew("command of format " + in.getFormat() + ", type " + in.getTypeValue()
                        + ", version " + in.getVersion() + "; this software knows format " + FORMAT
                        + ", types up to " + BodyCodec.HIGHEST_TYPE.getNumber() + ", version " + VERSION);
            }
            return new Decoded.Understood(new MetadataCommand(
                    in.getControllerEpoch(),
                    in.hasRequestId() ? Optional.of(RecordCodec.request(in.getRequestId())) : Optional.empty(),
                    in.getNowMs(),
                    in.getPrincipal(),
                    BodyCodec.decode(in.getType(), in.getPayload())));
        } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
            return new Decoded.Malformed(String.valueOf(e.getMessage()));
        }
    }
}
