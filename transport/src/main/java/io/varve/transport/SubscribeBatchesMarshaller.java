// SPDX-License-Identifier: Apache-2.0
package io.varve.transport;

import com.google.protobuf.ExtensionRegistryLite;
import io.grpc.MethodDescriptor;
import io.netty.buffer.ByteBuf;
import io.varve.proto.v1.Error;
import io.varve.proto.v1.SubscribeResponse;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * `SubscribeResponse` by hand: writes what the generated class would write, byte for byte, and reads whatever it would
 * read. *Thread-safe.*
 */
final class SubscribeBatchesMarshaller implements MethodDescriptor.Marshaller<SubscribeBatches> {
    private static final int SUBSCRIPTION_TAG = Tags.varint(SubscribeResponse.SUBSCRIPTION_FIELD_NUMBER);
    private static final int ERROR_TAG = Tags.delimited(SubscribeResponse.ERROR_FIELD_NUMBER);
    private static final int HIGH_WATERMARK_TAG = Tags.varint(SubscribeResponse.HIGH_WATERMARK_FIELD_NUMBER);
    private static final int LAST_STABLE_OFFSET_TAG = Tags.varint(SubscribeResponse.LAST_STABLE_OFFSET_FIELD_NUMBER);
    private static final int LOG_START_OFFSET_TAG = Tags.varint(SubscribeResponse.LOG_START_OFFSET_FIELD_NUMBER);
    private static final int LEADER_EPOCH_TAG = Tags.varint(SubscribeResponse.LEADER_EPOCH_FIELD_NUMBER);
    private static final int THROTTLE_MS_TAG = Tags.varint(SubscribeResponse.THROTTLE_MS_FIELD_NUMBER);
    private static final int BATCHES_TAG = Tags.delimited(SubscribeResponse.BATCHES_FIELD_NUMBER);

    private final PayloadReader payloads;

    SubscribeBatchesMarshaller(PayloadReader payloads) {
        this.payloads = payloads;
    }

    @Override
    public InputStream stream(SubscribeBatches message) {
        HeaderWriter header =
                new HeaderWriter().int32(SubscribeResponse.SUBSCRIPTION_FIELD_NUMBER, message.subscription());
        Error error = message.error();
        if (error != null) {
            header.bytes(SubscribeResponse.ERROR_FIELD_NUMBER, error.toByteArray());
        }
        return header.int64(SubscribeResponse.HIGH_WATERMARK_FIELD_NUMBER, message.highWatermark())
                .int64(SubscribeResponse.LAST_STABLE_OFFSET_FIELD_NUMBER, message.lastStableOffset())
                .int64(SubscribeResponse.LOG_START_OFFSET_FIELD_NUMBER, message.logStartOffset())
                .int32(SubscribeResponse.LEADER_EPOCH_FIELD_NUMBER, message.leaderEpoch())
                .int32(SubscribeResponse.THROTTLE_MS_FIELD_NUMBER, message.throttleMs())
                .payload(SubscribeResponse.BATCHES_FIELD_NUMBER, message.batches());
    }

    @Override
    public SubscribeBatches parse(InputStream stream) {
        return new SubscribeDraft(payloads).parse(stream);
    }

    private static final class SubscribeDraft extends Draft<SubscribeBatches> {
        private int subscription;
        private @Nullable Error error;
        private long highWatermark;
        private long lastStableOffset;
        private long logStartOffset;
        private int leaderEpoch;
        private int throttleMs;

        SubscribeDraft(PayloadReader payloads) {
            super("SubscribeResponse", payloads);
        }

        @Override
        boolean read(int tag, FieldReader in) throws IOException {
            if (tag == BATCHES_TAG) {
                readPayload(in);
            } else if (tag == SUBSCRIPTION_TAG) {
                subscription = (int) in.readVarint();
            } else if (tag == ERROR_TAG) {
                error = readError(in);
            } else if (tag == HIGH_WATERMARK_TAG) {
                highWatermark = in.readVarint();
            } else if (tag == LAST_STABLE_OFFSET_TAG) {
                lastStableOffset = in.readVarint();
            } else if (tag == LOG_START_OFFSET_TAG) {
                logStartOffset = in.readVarint();
            } else if (tag == LEADER_EPOCH_TAG) {
                leaderEpoch = (int) in.readVarint();
            } else if (tag == THROTTLE_MS_TAG) {
                throttleMs = (int) in.readVarint();
            } else {
                return false;
            }
            return true;
        }

        @Override
        SubscribeBatches build(ByteBuf batches) {
            return new SubscribeBatches(
                    subscription,
                    error,
                    highWatermark,
                    lastStableOffset,
                    logStartOffset,
                    leaderEpoch,
                    throttleMs,
                    batches);
        }

        /** A message that occurs twice is merged: protobuf's rule, kept for the sake of sameness. */
        private Error readError(FieldReader in) throws IOException {
            Error.Builder merged = error == null ? Error.newBuilder() : error.toBuilder();
            return merged.mergeFrom(in.readBytes(in.readLength()), ExtensionRegistryLite.getEmptyRegistry())
                    .build();
        }
    }
}
