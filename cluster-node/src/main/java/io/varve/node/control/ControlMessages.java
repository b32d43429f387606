// SPDX-License-Identifier: Apache-2.0
package io.varve.node.control;

import com.google.protobuf.InvalidProtocolBufferException;
import io.varve.metadata.ApplyReply;
import io.varve.metadata.BrokerHeartbeat;
import io.varve.metadata.HeartbeatReply;
import io.varve.metadata.MetadataRejection;
import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.image.MetadataError;
import io.varve.metadata.image.ResultCodec;
import io.varve.proto.ErrorReasons;
import io.varve.proto.internal.v1.Applied;
import io.varve.proto.internal.v1.ExecuteResponse;
import io.varve.proto.internal.v1.HeartbeatAccepted;
import io.varve.proto.internal.v1.HeartbeatRequest;
import io.varve.proto.internal.v1.HeartbeatResponse;
import io.varve.proto.internal.v1.Refused;
import io.varve.proto.metadata.v1.CommandReply;
import io.varve.proto.v1.Error;
import io.varve.proto.v1.ErrorReason;
import java.util.Map;
import java.util.concurrent.CompletionException;

/** The messages of {@code controller_service.proto} from and to what they say. */
final class ControlMessages {

    private ControlMessages() {}

    static ExecuteResponse response(ApplyReply reply) {
        return ExecuteResponse.newBuilder()
                .setApplied(Applied.newBuilder()
                        .setIndex(reply.index())
                        .setTerm(reply.term())
                        .setReply(ResultCodec.encode(reply.result()).toByteString()))
                .build();
    }

    /** @param hint the node that this one takes for the active controller; 0 for nobody */
    static Refused refused(Throwable failure, int hint) {
        MetadataRejection rejection = rejection(failure);
        return Refused.newBuilder()
                .setError(ErrorReasons.error(
                        rejection.reason(),
                        rejection.error().message(),
                        rejection.error().hint(),
                        rejection.outcome(),
                        Map.of()))
                .setControllerHint(hint)
                .build();
    }

    /** What a failed call of a controller says. */
    static MetadataRejection rejection(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof MetadataRejection rejection
                ? rejection
                : MetadataRejection.indeterminate(
                        ErrorReason.ERROR_REASON_UNKNOWN_SERVER_ERROR, "the controller failed: " + cause);
    }

    static VoterAnswer<ApplyReply> answer(ExecuteResponse response) {
        return switch (response.getOutcomeCase()) {
            case APPLIED -> applied(response.getApplied());
            case REFUSED -> refusal(response.getRefused());
            case OUTCOME_NOT_SET -> new VoterAnswer.Unreachable<>(true, "its answer says nothing");
        };
    }

    private static VoterAnswer<ApplyReply> applied(Applied applied) {
        try {
            var result = ResultCodec.decode(CommandReply.parseFrom(applied.getReply()));
            return new VoterAnswer.Given<>(new ApplyReply(applied.getIndex(), applied.getTerm(), result));
        } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
            return new VoterAnswer.Unreachable<>(true, "its answer cannot be read: " + e.getMessage());
        }
    }

    static <T> VoterAnswer<T> refusal(Refused refused) {
        Error e = refused.getError();
        MetadataError error = MetadataError.of(e.getReason(), e.getMessage(), e.getHint());
        return new VoterAnswer.Refused<>(new MetadataRejection(error, e.getOutcome()), refused.getControllerHint());
    }

    static HeartbeatRequest request(long number, BrokerHeartbeat heartbeat) {
        return HeartbeatRequest.newBuilder()
                .setNumber(number)
                .setNodeId(heartbeat.broker().nodeId())
                .setBrokerEpoch(heartbeat.broker().brokerEpoch())
                .setAppliedIndex(heartbeat.appliedIndex())
                .setWantFence(heartbeat.wantFence())
                .setWantShutdown(heartbeat.wantShutdown())
                .setDirectoryFailed(heartbeat.directoryFailed())
                .build();
    }

    static BrokerHeartbeat heartbeat(HeartbeatRequest request) {
        return new BrokerHeartbeat(
                new BrokerRef(request.getNodeId(), request.getBrokerEpoch()),
                request.getAppliedIndex(),
                request.getWantFence(),
                request.getWantShutdown(),
                request.getDirectoryFailed());
    }

    static HeartbeatResponse accepted(long number, HeartbeatReply reply) {
        return HeartbeatResponse.newBuilder()
                .setNumber(number)
                .setAccepted(HeartbeatAccepted.newBuilder()
                        .setControllerEpoch(reply.controllerEpoch())
                        .setFenced(reply.fenced())
                        .setMayStop(reply.mayStop())
                        .setFencedIndex(reply.fencedIndex()))
                .build();
    }

    static VoterAnswer<HeartbeatReply> answer(HeartbeatResponse response) {
        return switch (response.getOutcomeCase()) {
            case ACCEPTED -> {
                HeartbeatAccepted a = response.getAccepted();
                yield new VoterAnswer.Given<>(
                        new HeartbeatReply(a.getControllerEpoch(), a.getFenced(), a.getMayStop(), a.getFencedIndex()));
            }
            case REFUSED -> refusal(response.getRefused());
            case OUTCOME_NOT_SET -> new VoterAnswer.Unreachable<>(true, "its answer says nothing");
        };
    }
}
