// SPDX-License-Identifier: Apache-2.0
package io.varve.node.control;

import io.varve.metadata.image.MetadataDelta;
import io.varve.metadata.image.RecordCodec;
import io.varve.metadata.stream.StreamMessage;
import io.varve.metadata.stream.StreamMessage.Refusal;
import io.varve.metadata.stream.StreamMessage.Refused;
import io.varve.metadata.stream.StreamMessage.Subscribe;
import io.varve.metadata.stream.StreamMessage.ToFollower;
import io.varve.proto.internal.v1.Current;
import io.varve.proto.internal.v1.Delta;
import io.varve.proto.internal.v1.Deltas;
import io.varve.proto.internal.v1.FollowRefusal;
import io.varve.proto.internal.v1.FollowRefused;
import io.varve.proto.internal.v1.FollowRequest;
import io.varve.proto.internal.v1.FollowResponse;
import io.varve.proto.internal.v1.ImageEnd;
import io.varve.proto.internal.v1.ImagePart;

/** The messages of {@code metadata_stream_service.proto} from and to what they say. */
final class MetadataMessages {

    private MetadataMessages() {}

    static FollowRequest request(Subscribe s) {
        return FollowRequest.newBuilder()
                .setNodeId(s.nodeId())
                .setSubscription(s.subscription())
                .setLastIndex(s.lastIndex())
                .setLastTerm(s.lastTerm())
                .setWhole(s.whole())
                .build();
    }

    static Subscribe subscribe(FollowRequest r) {
        return new Subscribe(r.getNodeId(), r.getSubscription(), r.getLastIndex(), r.getLastTerm(), r.getWhole());
    }

    static FollowResponse response(ToFollower message) {
        var response = FollowResponse.newBuilder().setSubscription(message.subscription());
        if (message instanceof StreamMessage.ImagePart part) {
            var out = ImagePart.newBuilder().setPart(part.part());
            part.records().forEach(r -> out.addRecords(RecordCodec.encode(r)));
            response.setImagePart(out);
        } else if (message instanceof StreamMessage.ImageEnd end) {
            response.setImageEnd(ImageEnd.newBuilder()
                    .setParts(end.parts())
                    .setIndex(end.index())
                    .setTerm(end.term())
                    .setCrc(end.crc()));
        } else if (message instanceof StreamMessage.Deltas deltas) {
            var out = Deltas.newBuilder();
            deltas.deltas().forEach(d -> out.addDeltas(delta(d)));
            response.setDeltas(out);
        } else if (message instanceof StreamMessage.Current c) {
            response.setCurrent(
                    Current.newBuilder().setIndex(c.index()).setTerm(c.term()).setInTouch(c.inTouch()));
        } else if (message instanceof Refused refused) {
            response.setRefused(FollowRefused.newBuilder()
                    .setReason(
                            refused.reason() == Refusal.DIVERGED
                                    ? FollowRefusal.FOLLOW_REFUSAL_DIVERGED
                                    : FollowRefusal.FOLLOW_REFUSAL_STARTING)
                    .setDetail(refused.detail()));
        }
        return response.build();
    }

    /** @throws IllegalArgumentException if it says nothing that this version understands */
    static ToFollower message(FollowResponse r) {
        long subscription = r.getSubscription();
        return switch (r.getMessageCase()) {
            case IMAGE_PART ->
                new StreamMessage.ImagePart(
                        subscription,
                        r.getImagePart().getPart(),
                        r.getImagePart().getRecordsList().stream()
                                .map(RecordCodec::decode)
                                .toList());
            case IMAGE_END -> {
                ImageEnd end = r.getImageEnd();
                yield new StreamMessage.ImageEnd(
                        subscription, end.getParts(), end.getIndex(), end.getTerm(), end.getCrc());
            }
            case DELTAS ->
                new StreamMessage.Deltas(
                        subscription,
                        r.getDeltas().getDeltasList().stream()
                                .map(MetadataMessages::delta)
                                .toList());
            case CURRENT -> {
                Current c = r.getCurrent();
                yield new StreamMessage.Current(subscription, c.getIndex(), c.getTerm(), c.getInTouch());
            }
            case REFUSED -> {
                FollowRefused refused = r.getRefused();
                boolean diverged = refused.getReason() == FollowRefusal.FOLLOW_REFUSAL_DIVERGED;
                yield new Refused(subscription, diverged ? Refusal.DIVERGED : Refusal.STARTING, refused.getDetail());
            }
            case MESSAGE_NOT_SET -> throw new IllegalArgumentException("a metadata message says nothing");
        };
    }

    private static Delta delta(MetadataDelta d) {
        var out = Delta.newBuilder().setIndex(d.index()).setTerm(d.term()).setPrevIndex(d.prevIndex());
        d.records().forEach(r -> out.addRecords(RecordCodec.encode(r)));
        return out.build();
    }

    private static MetadataDelta delta(Delta d) {
        return new MetadataDelta(
                d.getIndex(),
                d.getTerm(),
                d.getPrevIndex(),
                d.getRecordsList().stream().map(RecordCodec::decode).toList());
    }
}
