// SPDX-License-Identifier: Apache-2.0
package io.varve.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.varve.proto.ErrorReasons;
import io.varve.proto.v1.Error;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.ListTopicsRequest;
import io.varve.proto.v1.ListTopicsResponse;
import io.varve.proto.v1.Outcome;
import io.varve.proto.v1.TopicServiceGrpc;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CallGuardTest {
    private static final MethodDescriptor<ListTopicsRequest, ListTopicsResponse> METHOD =
            TopicServiceGrpc.getListTopicsMethod();

    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

    @Test
    void shouldAnswerInvalidRequestToBytesThatAreNoMessage() throws Exception {
        Throwable end = callWith(new byte[] {(byte) 0xff, (byte) 0xff, 1}, () -> {});

        assertThat(Status.fromThrowable(end).getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(ErrorReasons.fromThrowable(end).map(Error::getReason))
                .hasValue(ErrorReason.ERROR_REASON_INVALID_REQUEST);
        assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo("cancel");
        assertThat(heard).isEmpty();
    }

    @Test
    void shouldAnswerAnIdThatIsInTheLogWhenAHandlerThrows() throws Exception {
        Throwable end = callWith(new byte[0], () -> {
            throw new IllegalStateException("a secret of the inside");
        });

        assertThat(Status.fromThrowable(end).getCode()).isEqualTo(Status.Code.INTERNAL);
        assertThat(end.getMessage()).doesNotContain("secret");
        assertThat(ErrorReasons.fromThrowable(end)).hasValueSatisfying(error -> {
            assertThat(error.getReason()).isEqualTo(ErrorReason.ERROR_REASON_UNKNOWN_SERVER_ERROR);
            assertThat(error.getOutcome()).isEqualTo(Outcome.OUTCOME_INDETERMINATE);
            assertThat(error.getMessage()).contains(error.getMetadataOrThrow("id"));
        });
    }

    @Test
    void shouldPassOnTheStatusThatAHandlerThrows() throws Exception {
        Throwable end = callWith(new byte[0], () -> {
            throw ErrorReasons.toStatus(
                    ErrorReasons.error(ErrorReason.ERROR_REASON_NOT_CONTROLLER, "node 1 is not the controller"));
        });

        assertThat(Status.fromThrowable(end).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(ErrorReasons.fromThrowable(end).map(Error::getReason))
                .hasValue(ErrorReason.ERROR_REASON_NOT_CONTROLLER);
    }

    @Test
    void shouldDropWhatAHandlerSaysAfterItsCallWasRefused() throws Exception {
        BlockingQueue<ServerCall<?, ListTopicsResponse>> calls = new LinkedBlockingQueue<>();
        try (Loopback loopback = new Loopback(true, Loopback.service(METHOD, (call, headers) -> {
            calls.add(call);
            return listener(call, () -> {});
        }))) {
            var call = loopback.channel.newCall(raw(), CallOptions.DEFAULT);
            var answers = loopback.start(call);
            call.sendMessage(new byte[] {(byte) 0xff});
            call.halfClose();
            answers.end();

            ServerCall<?, ListTopicsResponse> refused = calls.take();
            refused.sendHeaders(new Metadata());
            refused.sendMessage(ListTopicsResponse.getDefaultInstance());
            refused.close(Status.OK, new Metadata());

            assertThat(refused.isCancelled()).isTrue();
            assertThat(refused.isReady()).isFalse();
        }
    }

    private Throwable callWith(byte[] message, Runnable onMessage) throws Exception {
        try (Loopback loopback =
                new Loopback(true, Loopback.service(METHOD, (call, headers) -> listener(call, onMessage)))) {
            var call = loopback.channel.newCall(raw(), CallOptions.DEFAULT);
            var answers = loopback.start(call);
            call.sendMessage(message);
            call.halfClose();
            return answers.end();
        }
    }

    private ServerCall.Listener<ListTopicsRequest> listener(ServerCall<?, ?> call, Runnable onMessage) {
        call.request(2);
        return new ServerCall.Listener<>() {
            @Override
            public void onMessage(ListTopicsRequest message) {
                onMessage.run();
                heard.add("message");
            }

            @Override
            public void onHalfClose() {
                heard.add("halfClose");
            }

            @Override
            public void onCancel() {
                heard.add("cancel");
            }

            @Override
            public void onComplete() {
                heard.add("complete");
            }
        };
    }

    /** The same method for a client that sends whatever it likes. */
    private static MethodDescriptor<byte[], ListTopicsResponse> raw() {
        MethodDescriptor.Marshaller<byte[]> bytes = new MethodDescriptor.Marshaller<>() {
            @Override
            public InputStream stream(byte[] value) {
                return new ByteArrayInputStream(value);
            }

            @Override
            public byte[] parse(InputStream stream) {
                throw new UnsupportedOperationException();
            }
        };
        return METHOD.toBuilder(bytes, METHOD.getResponseMarshaller()).build();
    }
}
