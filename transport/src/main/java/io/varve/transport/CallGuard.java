// SPDX-License-Identifier: Apache-2.0
package io.varve.transport;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.varve.proto.ErrorReasons;
import io.varve.proto.v1.ErrorReason;
import io.varve.proto.v1.Outcome;
import java.io.InputStream;
import java.util.Map;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands between gRPC and a service, so that every call ends with a status that says what happened. By itself gRPC
 * answers UNKNOWN, with a stack trace in the log, to a message that cannot be parsed as to a handler that throws.
 *
 * <ul>
 *   <li>A message that cannot be parsed: INVALID_REQUEST, or what the marshaller threw. The handler hears {@code
 *       onCancel}, and nothing more.
 *   <li>A handler that throws a status: that status.
 *   <li>A handler that throws anything else: UNKNOWN_SERVER_ERROR, INDETERMINATE, with an id that stands in the log
 *       beside the stack trace.
 * </ul>
 * *Thread-safe.*
 */
final class CallGuard {
    private static final Logger LOG = LoggerFactory.getLogger(CallGuard.class);

    private CallGuard() {}

    static ServerServiceDefinition around(ServerServiceDefinition service) {
        ServiceDescriptor.Builder descriptor = ServiceDescriptor.newBuilder(
                        service.getServiceDescriptor().getName())
                .setSchemaDescriptor(service.getServiceDescriptor().getSchemaDescriptor());
        var guarded = service.getMethods().stream().map(CallGuard::around).toList();
        guarded.forEach(method -> descriptor.addMethod(method.getMethodDescriptor()));
        ServerServiceDefinition.Builder builder = ServerServiceDefinition.builder(descriptor.build());
        guarded.forEach(builder::addMethod);
        return builder.build();
    }

    private static <ReqT, RespT> ServerMethodDefinition<InputStream, RespT> around(
            ServerMethodDefinition<ReqT, RespT> method) {
        MethodDescriptor<ReqT, RespT> descriptor = method.getMethodDescriptor();
        return ServerMethodDefinition.create(
                descriptor.toBuilder(Unparsed.INSTANCE, descriptor.getResponseMarshaller())
                        .build(),
                (call, headers) -> start(method, call, headers));
    }

    private static <ReqT, RespT> ServerCall.Listener<InputStream> start(
            ServerMethodDefinition<ReqT, RespT> method, ServerCall<InputStream, RespT> call, Metadata headers) {
        GuardedCall<ReqT, RespT> guarded = new GuardedCall<>(call, method.getMethodDescriptor());
        try {
            return new GuardedListener<>(guarded, method.getServerCallHandler().startCall(guarded, headers));
        } catch (RuntimeException | Error e) {
            guarded.refuse(status(guarded, e));
            return new ServerCall.Listener<>() {};
        }
    }

    private static StatusRuntimeException status(ServerCall<?, ?> call, Throwable failure) {
        if (failure instanceof StatusRuntimeException status) {
            return status;
        }
        String id = UUID.randomUUID().toString();
        String method = call.getMethodDescriptor().getFullMethodName();
        LOG.error("{} failed, error id {}", method, id, failure);
        return ErrorReasons.toStatus(ErrorReasons.error(
                ErrorReason.ERROR_REASON_UNKNOWN_SERVER_ERROR,
                method + " failed inside the server, error id " + id,
                "the server's log has the details under this id",
                Outcome.OUTCOME_INDETERMINATE,
                Map.of("id", id)));
    }

    /** *Confined to the call's executor*, as gRPC has it. */
    private static final class GuardedListener<ReqT> extends ServerCall.Listener<InputStream> {
        private final GuardedCall<ReqT, ?> call;
        private final ServerCall.Listener<ReqT> handler;

        GuardedListener(GuardedCall<ReqT, ?> call, ServerCall.Listener<ReqT> handler) {
            this.call = call;
            this.handler = handler;
        }

        @Override
        public void onMessage(InputStream stream) {
            if (call.isRefused()) {
                return;
            }
            ReqT message;
            try {
                message = call.getMethodDescriptor().parseRequest(stream);
            } catch (RuntimeException e) {
                refuse(unparsable(e));
                return;
            }
            guard(() -> handler.onMessage(message));
        }

        @Override
        public void onHalfClose() {
            guard(handler::onHalfClose);
        }

        @Override
        public void onReady() {
            guard(handler::onReady);
        }

        @Override
        public void onCancel() {
            guard(handler::onCancel);
        }

        @Override
        public void onComplete() {
            guard(handler::onComplete);
        }

        private void guard(Runnable callback) {
            if (call.isRefused()) {
                return;
            }
            try {
                callback.run();
            } catch (RuntimeException | Error e) {
                refuse(status(call, e));
            }
        }

        private void refuse(StatusRuntimeException reason) {
            call.refuse(reason);
            try {
                handler.onCancel();
            } catch (RuntimeException | Error e) {
                LOG.error("{} failed in onCancel", call.getMethodDescriptor().getFullMethodName(), e);
            }
        }

        private StatusRuntimeException unparsable(RuntimeException failure) {
            if (failure instanceof StatusRuntimeException known
                    && ErrorReasons.fromThrowable(known).isPresent()) {
                return known;
            }
            Status status = Status.fromThrowable(failure);
            if (status.getCode() == Status.Code.RESOURCE_EXHAUSTED) {
                return status.asRuntimeException();
            }
            Throwable cause = status.getCause() != null ? status.getCause() : failure;
            return Malformed.message(
                    call.getMethodDescriptor().getFullMethodName(), String.valueOf(cause.getMessage()));
        }
    }

    /** Hands the stream of a message through. gRPC closes it after onMessage. */
    private enum Unparsed implements MethodDescriptor.Marshaller<InputStream> {
        INSTANCE;

        @Override
        public InputStream stream(InputStream value) {
            return value;
        }

        @Override
        public InputStream parse(InputStream stream) {
            return stream;
        }
    }
}
