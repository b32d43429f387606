// SPDX-License-Identifier: Apache-2.0
package io.varve.node.control;

import com.google.protobuf.ByteString;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.varve.metadata.MetadataRejection;
import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.CommandCodec;
import io.varve.metadata.command.CommandCodec.Decoded.Understood;
import io.varve.metadata.runtime.ControllerLoop;
import io.varve.proto.internal.v1.ControllerServiceGrpc.ControllerServiceImplBase;
import io.varve.proto.internal.v1.ExecuteRequest;
import io.varve.proto.internal.v1.ExecuteResponse;
import io.varve.proto.internal.v1.HeartbeatRequest;
import io.varve.proto.internal.v1.HeartbeatResponse;
import io.varve.proto.v1.ErrorReason;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** This voter's controller for other nodes. Nothing blocks: its callbacks run on event loops. <i>Thread-safe.</i> */
public final class ControllerGrpcService extends ControllerServiceImplBase {

    private static final Logger LOG = LoggerFactory.getLogger(ControllerGrpcService.class);

    private final ControllerLoop controller;

    public ControllerGrpcService(ControllerLoop controller) {
        this.controller = controller;
    }

    @Override
    public void execute(ExecuteRequest request, StreamObserver<ExecuteResponse> answers) {
        ByteString bytes = request.getCommand();
        if (!(CommandCodec.decode(bytes.toByteArray()) instanceof Understood understood)) {
            answer(
                    answers,
                    refused(MetadataRejection.notApplied(
                            ErrorReason.ERROR_REASON_UNSUPPORTED_VERSION,
                            "the controller does not understand this command of %d bytes".formatted(bytes.size()))));
            return;
        }
        var unused = controller
                .execute(understood.command())
                .handle((reply, failure) -> failure == null ? ControlMessages.response(reply) : refused(failure))
                .thenAccept(response -> answer(answers, response));
    }

    private ExecuteResponse refused(Throwable failure) {
        return ExecuteResponse.newBuilder()
                .setRefused(ControlMessages.refused(failure, controller.hint()))
                .build();
    }

    private static void answer(StreamObserver<ExecuteResponse> answers, ExecuteResponse response) {
        if (answers instanceof ServerCallStreamObserver<ExecuteResponse> call && call.isCancelled()) {
            return; // nobody waits any more
        }
        answers.onNext(response);
        answers.onCompleted();
    }

    @Override
    public StreamObserver<HeartbeatRequest> heartbeat(StreamObserver<HeartbeatResponse> answers) {
        return new Signs((ServerCallStreamObserver<HeartbeatResponse>) answers);
    }

    /** The signs of life of one node. <i>Requests are confined to the event loop of their connection.</i> */
    private final class Signs implements StreamObserver<HeartbeatRequest> {

        private final ServerCallStreamObserver<HeartbeatResponse> answers; // guarded by itself
        private @Nullable BrokerRef broker;
        private boolean ended; // guarded by answers

        Signs(ServerCallStreamObserver<HeartbeatResponse> answers) {
            this.answers = answers;
            answers.setOnCancelHandler(this::brokeOff);
        }

        @Override
        public void onNext(HeartbeatRequest request) {
            var heartbeat = ControlMessages.heartbeat(request);
            broker = heartbeat.broker();
            long number = request.getNumber();
            var unused = controller
                    .heartbeat(heartbeat)
                    .handle((reply, failure) -> failure == null
                            ? ControlMessages.accepted(number, reply)
                            : HeartbeatResponse.newBuilder()
                                    .setNumber(number)
                                    .setRefused(ControlMessages.refused(failure, controller.hint()))
                                    .build())
                    .thenAccept(this::send);
        }

        private void send(HeartbeatResponse response) {
            synchronized (answers) {
                if (!ended && !answers.isCancelled()) {
                    answers.onNext(response);
                }
            }
        }

        @Override
        public void onError(Throwable why) {
            brokeOff();
        }

        @Override
        public void onCompleted() {
            brokeOff();
            answers.onCompleted(); // nothing is sent any more
        }

        private void brokeOff() {
            synchronized (answers) {
                if (ended) {
                    return;
                }
                ended = true;
            }
            BrokerRef gone = broker;
            if (gone != null) {
                LOG.debug("the heartbeats of node {} broke off", gone.nodeId());
                controller.heartbeatsBrokeOff(gone);
            }
        }
    }
}
