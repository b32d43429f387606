// SPDX-License-Identifier: Apache-2.0
package io.varve.transport;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import com.google.protobuf.WireFormat;
import io.varve.proto.v1.Acks;
import io.varve.proto.v1.Error;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.Outcome;
import io.varve.proto.v1.ProduceRequest;
import io.varve.proto.v1.SubscribeResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Messages of the generated classes, and other legal encodings of the same. */
final class RandomMessages {
    static final int MAX_PAYLOAD_BYTES = 100_000;

    private RandomMessages() {}

    static ProduceRequest produce(Random random) {
        return ProduceRequest.newBuilder()
                .setNumber(number(random))
                .setTopicId(bytes(random, 16))
                .setPartition((int) number(random))
                .setLeaderEpoch((int) number(random))
                .setAcks(Acks.forNumber(random.nextInt(4)))
                .setTimeoutMs((int) number(random))
                .setBatch(payload(random))
                .build();
    }

    static SubscribeResponse subscribe(Random random) {
        SubscribeResponse.Builder builder = SubscribeResponse.newBuilder()
                .setSubscription((int) number(random))
                .setHighWatermark(number(random))
                .setLastStableOffset(number(random))
                .setLogStartOffset(number(random))
                .setLeaderEpoch((int) number(random))
                .setThrottleMs((int) number(random))
                .setBatches(payload(random));
        if (random.nextInt(3) == 0) {
            builder.setError(Error.newBuilder()
                    .setReason(ErrorReason.ERROR_REASON_UNKNOWN_TOPIC_ID)
                    .setMessage("x".repeat(random.nextInt(200)))
                    .setOutcome(Outcome.OUTCOME_NOT_APPLIED)
                    .putMetadata("topic", "orders"));
        }
        return builder.build();
    }

    /** The fields of a message in another order, between unknown ones. */
    static byte[] shuffled(MessageLite message, Random random) {
        List<byte[]> fields = new ArrayList<>(fields(message.toByteArray()));
        for (int i = random.nextInt(4); i > 0; i--) {
            fields.add(unknownField(random));
        }
        Collections.shuffle(fields, random);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        fields.forEach(out::writeBytes);
        return out.toByteArray();
    }

    static byte[] damaged(byte[] message, Random random) {
        byte[] bytes = message.clone();
        for (int i = random.nextInt(4); i > 0 && bytes.length > 0; i--) {
            // Mostly in the header: a flipped payload byte is another legal payload.
            int at = random.nextInt(random.nextInt(4) == 0 ? bytes.length : Math.min(bytes.length, 64));
            bytes[at] = (byte) random.nextInt();
        }
        return random.nextBoolean() ? bytes : Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
    }

    private static List<byte[]> fields(byte[] message) {
        try {
            List<byte[]> fields = new ArrayList<>();
            var in = CodedInputStream.newInstance(message);
            int start = 0;
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                in.skipField(tag);
                fields.add(Arrays.copyOfRange(message, start, in.getTotalBytesRead()));
                start = in.getTotalBytesRead();
            }
            return fields;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] unknownField(Random random) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        int field = 100 + random.nextInt(1_000);
        try {
            switch (random.nextInt(5)) {
                case 0 -> out.writeInt64(field, random.nextLong());
                case 1 -> out.writeFixed32(field, random.nextInt());
                case 2 -> out.writeFixed64(field, random.nextLong());
                case 3 -> out.writeBytes(field, bytes(random, random.nextInt(300)));
                default -> {
                    out.writeTag(field, WireFormat.WIRETYPE_START_GROUP);
                    out.writeBytes(1, bytes(random, random.nextInt(30)));
                    out.writeTag(field, WireFormat.WIRETYPE_END_GROUP);
                }
            }
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static long number(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> 0;
            case 1 -> random.nextInt(300);
            case 2 -> random.nextLong();
            default -> random.nextLong() >>> random.nextInt(64);
        };
    }

    private static ByteString payload(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> ByteString.EMPTY;
            case 1 -> bytes(random, 1 + random.nextInt(200));
            case 2 -> bytes(random, 1 + random.nextInt(20_000));
            default -> bytes(random, 1 + random.nextInt(MAX_PAYLOAD_BYTES));
        };
    }

    private static ByteString bytes(Random random, int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return ByteString.copyFrom(bytes);
    }
}
