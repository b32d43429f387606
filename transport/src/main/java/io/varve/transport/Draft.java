// SPDX-License-Identifier: Apache-2.0
package io.varve.transport;

import io.grpc.StatusRuntimeException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;

/**
 * A bulk message while it is parsed: owner of the payload until {@link #build} hands it over.
 *
 * <p>The payload is expected last, and then copied once. A message with its fields in another order, with unknown ones,
 * or with a field that occurs twice (the last one counts) is read all the same. *Confined to one parse.*
 */
abstract class Draft<T> {
    private final String name;
    private final PayloadReader payloads;
    private ByteBuf payload = Unpooled.EMPTY_BUFFER;

    /** @param name of the message, for complaints */
    Draft(String name, PayloadReader payloads) {
        this.name = name;
        this.payloads = payloads;
    }

    /** Reads the field that follows, or answers false for one that it does not know. */
    abstract boolean read(int tag, FieldReader in) throws IOException;

    /** Hands over the payload's reference with the message. */
    abstract T build(ByteBuf payload);

    /**
     * The message; its receiver owns one reference to the payload.
     *
     * @throws StatusRuntimeException for bytes that are no such message, or one above the limits; nothing is left behind
     */
    final T parse(InputStream stream) {
        boolean built = false;
        try {
            FieldReader in = new FieldReader(stream);
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (!read(tag, in)) {
                    in.skip(tag);
                }
            }
            T message = build(payload);
            built = true;
            return message;
        } catch (IOException e) {
            throw Malformed.message(name, String.valueOf(e.getMessage()));
        } finally {
            if (!built) {
                payload.release();
            }
        }
    }

    final void readPayload(FieldReader in) throws IOException {
        ByteBuf next = in.readPayload(payloads, in.readLength());
        payload.release();
        payload = next;
    }
}
