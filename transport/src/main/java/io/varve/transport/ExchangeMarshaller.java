// SPDX-License-Identifier: Apache-2.0
package io.varve.transport;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.MethodDescriptor;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.varve.proto.internal.v1.ExchangeRequest;
import io.varve.proto.internal.v1.FollowerMessage;
import io.varve.proto.internal.v1.Hello;
import io.varve.proto.internal.v1.Pulse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * `ExchangeRequest` by hand: writes what the generated class would write, byte for byte, and reads whatever it would
 * read, if sizes and payload fit together. Batches are copied once, each into a buffer of its own. *Thread-safe.*
 */
final class ExchangeMarshaller implements MethodDescriptor.Marshaller<ExchangeFrame> {
    private static final String NAME = "ExchangeRequest";
    private static final int HELLO_TAG = Tags.delimited(ExchangeRequest.HELLO_FIELD_NUMBER);
    private static final int PULSE_TAG = Tags.delimited(ExchangeRequest.PULSE_FIELD_NUMBER);
    private static final int MESSAGES_TAG = Tags.delimited(ExchangeRequest.MESSAGES_FIELD_NUMBER);
    private static final int SIZE_TAG = Tags.varint(ExchangeRequest.BATCH_BYTES_FIELD_NUMBER);
    private static final int SIZES_TAG = Tags.delimited(ExchangeRequest.BATCH_BYTES_FIELD_NUMBER);
    private static final int PAYLOAD_TAG = Tags.delimited(ExchangeRequest.PAYLOAD_FIELD_NUMBER);
    private static final int TAG_AND_LENGTH_BYTES = 10;

    private final PayloadReader payloads;
    private final int maxPayloadBytes;

    ExchangeMarshaller(PayloadReader payloads, int maxPayloadBytes) {
        this.payloads = payloads;
        this.maxPayloadBytes = maxPayloadBytes;
    }

    @Override
    public InputStream stream(ExchangeFrame frame) {
        ExchangeRequest.Builder sized = frame.head().toBuilder();
        int payloadBytes = 0;
        for (ByteBuf batch : frame.batches()) {
            sized.addBatchBytes(batch.readableBytes());
            payloadBytes += batch.readableBytes();
        }
        ExchangeRequest head = frame.batches().isEmpty() ? frame.head() : sized.build();
        byte[] header = new byte[head.getSerializedSize() + TAG_AND_LENGTH_BYTES];
        CodedOutputStream out = CodedOutputStream.newInstance(header);
        try {
            head.writeTo(out);
            if (payloadBytes > 0) {
                out.writeUInt32NoTag(PAYLOAD_TAG);
                out.writeUInt32NoTag(payloadBytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("an array of the size asked for", e);
        }
        return new GatherStream(header, out.getTotalBytesWritten(), frame.batches());
    }

    @Override
    public ExchangeFrame parse(InputStream stream) {
        FrameDraft draft = new FrameDraft();
        boolean built = false;
        try {
            ExchangeFrame frame = draft.read(new FieldReader(stream));
            built = true;
            return frame;
        } catch (IOException e) {
            throw Malformed.message(NAME, String.valueOf(e.getMessage()));
        } finally {
            if (!built) {
                draft.release();
            }
        }
    }

    /** A frame while it is parsed: owns what was copied. *Confined to one parse.* */
    private final class FrameDraft {
        private final ExchangeRequest.Builder head = ExchangeRequest.newBuilder();
        private final List<Integer> sizes = new ArrayList<>();
        private List<ByteBuf> batches = new ArrayList<>();
        private ByteBuf early = Unpooled.EMPTY_BUFFER; // a payload that came before its sizes

        ExchangeFrame read(FieldReader in) throws IOException {
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (tag == PAYLOAD_TAG) {
                    readPayload(in, in.readLength());
                } else if (tag == SIZES_TAG) {
                    readSizes(in, in.readLength());
                } else if (tag == SIZE_TAG) {
                    sizes.add((int) in.readVarint());
                } else if (tag == MESSAGES_TAG) {
                    head.addMessages(FollowerMessage.parseFrom(in.readBytes(in.readLength())));
                } else if (tag == PULSE_TAG) {
                    head.mergePulse(Pulse.parseFrom(in.readBytes(in.readLength())));
                } else if (tag == HELLO_TAG) {
                    head.mergeHello(Hello.parseFrom(in.readBytes(in.readLength())));
                } else {
                    in.skip(tag);
                }
            }
            if (early.isReadable()) {
                splitEarly();
            }
            int payloadBytes = 0;
            for (ByteBuf batch : batches) {
                payloadBytes += batch.readableBytes();
            }
            check(payloadBytes);
            return new ExchangeFrame(head.build(), batches);
        }

        private void readSizes(FieldReader in, int length) throws IOException {
            FieldReader packed = new FieldReader(new ByteArrayInputStream(in.readBytes(length)));
            while (packed.hasMore()) {
                sizes.add((int) packed.readVarint());
            }
        }

        private void readPayload(FieldReader in, int length) throws IOException {
            release(); // of a field that comes twice the last one counts
            if (length > maxPayloadBytes || sizes.isEmpty()) {
                early = in.readPayload(payloads, length);
                return;
            }
            check(length);
            for (int size : sizes) {
                batches.add(in.readPayload(payloads, size));
            }
        }

        private void check(int payloadBytes) throws InvalidProtocolBufferException {
            long sum = 0;
            for (int size : sizes) {
                if (size < 1) {
                    throw new InvalidProtocolBufferException("a batch of " + size + " bytes");
                }
                sum += size;
            }
            if (sum != payloadBytes) {
                throw new InvalidProtocolBufferException(
                        "batches of " + sum + " bytes in a payload of " + payloadBytes + " bytes");
            }
        }

        private void splitEarly() throws IOException {
            check(early.readableBytes());
            for (int size : sizes) {
                batches.add(early.readRetainedSlice(size));
            }
            early.release();
            early = Unpooled.EMPTY_BUFFER;
        }

        void release() {
            batches.forEach(ByteBuf::release);
            batches = new ArrayList<>();
            early.release();
            early = Unpooled.EMPTY_BUFFER;
        }
    }
}
