// SPDX-License-Identifier: Apache-2.0
package io.varve.transport;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.MethodDescriptor;
import io.netty.buffer.ByteBuf;
import io.varve.proto.Uuids;
import io.varve.proto.v1.Acks;
import io.varve.proto.v1.ProduceRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.UUID;

/**
 * `ProduceRequest` by hand: writes what the generated class would write, byte for byte, and reads whatever it would
 * read. *Thread-safe.*
 */
final class ProduceBatchMarshaller implements MethodDescriptor.Marshaller<ProduceBatch> {
    private static final int NUMBER_TAG = Tags.varint(ProduceRequest.NUMBER_FIELD_NUMBER);
    private static final int TOPIC_ID_TAG = Tags.delimited(ProduceRequest.TOPIC_ID_FIELD_NUMBER);
    private static final int PARTITION_TAG = Tags.varint(ProduceRequest.PARTITION_FIELD_NUMBER);
    private static final int LEADER_EPOCH_TAG = Tags.varint(ProduceRequest.LEADER_EPOCH_FIELD_NUMBER);
    private static final int ACKS_TAG = Tags.varint(ProduceRequest.ACKS_FIELD_NUMBER);
    private static final int TIMEOUT_MS_TAG = Tags.varint(ProduceRequest.TIMEOUT_MS_FIELD_NUMBER);
    private static final int BATCH_TAG = Tags.delimited(ProduceRequest.BATCH_FIELD_NUMBER);
    private static final UUID NO_ID = new UUID(0, 0);

    private final PayloadReader payloads;

    ProduceBatchMarshaller(PayloadReader payloads) {
        this.payloads = payloads;
    }

    @Override
    public InputStream stream(ProduceBatch message) {
        return new HeaderWriter()
                .int64(ProduceRequest.NUMBER_FIELD_NUMBER, message.number())
                .uuid(ProduceRequest.TOPIC_ID_FIELD_NUMBER, message.topicId())
                .int32(ProduceRequest.PARTITION_FIELD_NUMBER, message.partition())
                .int32(ProduceRequest.LEADER_EPOCH_FIELD_NUMBER, message.leaderEpoch())
                .int32(ProduceRequest.ACKS_FIELD_NUMBER, message.acks().getNumber())
                .int32(ProduceRequest.TIMEOUT_MS_FIELD_NUMBER, message.timeoutMs())
                .payload(ProduceRequest.BATCH_FIELD_NUMBER, message.batch());
    }

    @Override
    public ProduceBatch parse(InputStream stream) {
        return new ProduceDraft(payloads).parse(stream);
    }

    private static final class ProduceDraft extends Draft<ProduceBatch> {
        private long number;
        private UUID topicId = NO_ID;
        private int partition;
        private int leaderEpoch;
        private Acks acks = Acks.ACKS_UNSPECIFIED;
        private int timeoutMs;

        ProduceDraft(PayloadReader payloads) {
            super("ProduceRequest", payloads);
        }

        @Override
        boolean read(int tag, FieldReader in) throws IOException {
            if (tag == BATCH_TAG) {
                readPayload(in);
            } else if (tag == NUMBER_TAG) {
                number = in.readVarint();
            } else if (tag == TOPIC_ID_TAG) {
                topicId = readId(in);
            } else if (tag == PARTITION_TAG) {
                partition = (int) in.readVarint();
            } else if (tag == LEADER_EPOCH_TAG) {
                leaderEpoch = (int) in.readVarint();
            } else if (tag == ACKS_TAG) {
                Acks known = Acks.forNumber((int) in.readVarint());
                acks = known != null ? known : Acks.UNRECOGNIZED;
            } else if (tag == TIMEOUT_MS_TAG) {
                timeoutMs = (int) in.readVarint();
            } else {
                return false;
            }
            return true;
        }

        @Override
        ProduceBatch build(ByteBuf batch) {
            return new ProduceBatch(number, topicId, partition, leaderEpoch, acks, timeoutMs, batch);
        }

        private static UUID readId(FieldReader in) throws IOException {
            int length = in.readLength();
            if (length != Uuids.SIZE_BYTES) {
                throw new InvalidProtocolBufferException(
                        "a topic id of " + length + " bytes, it has " + Uuids.SIZE_BYTES);
            }
            long mostSignificant = in.readBigEndianLong();
            return new UUID(mostSignificant, in.readBigEndianLong());
        }
    }
}
