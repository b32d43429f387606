// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Deadline;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCall.Listener;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.varve.proto.v1.Authorization;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Every public call passes here: it gets its {@link RequestContext}, is checked against what its method declares, and
 * an exception that escapes its handler becomes an error with an id that is in the log. <i>Thread-safe.</i>
 */
public final class CallInterceptor implements ServerInterceptor {

    private final String listener;
    private final Authorizer authorizer;
    private final MethodAuthorizations authorizations;
    private final CallObserver observer;

    /** Throws IllegalStateException if a method of these services declares no authorization. */
    public CallInterceptor(
            String listener, Authorizer authorizer, List<ServiceDescriptor> services, CallObserver observer) {
        this.observer = observer;
        this.listener = listener;
        this.authorizer = authorizer;
        this.authorizations = new MethodAuthorizations(services);
    }

    @Override
    public <ReqT, RespT> Listener<ReqT> interceptCall(
            ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
        String method = call.getMethodDescriptor().getFullMethodName();
        Principal principal = Principal.ANONYMOUS;
        Optional<Authorization> needed = authorizations.of(method);
        if (needed.isEmpty() || !authorizer.isAllowed(principal, needed.get())) {
            call.close(
                    Status.PERMISSION_DENIED.withDescription(principal.name() + " may not call " + method),
                    new Metadata());
            return new Listener<>() {};
        }
        Deadline deadline = Context.current().getDeadline();
        RequestContext request = new RequestContext(
                principal,
                listener,
                deadline == null
                        ? Deadline.after(RequestContext.DEFAULT_DEADLINE.toNanos(), TimeUnit.NANOSECONDS)
                        : deadline);
        Context context = Context.current().withValue(RequestContext.KEY, request);
        ObservedCall<ReqT, RespT> observed = new ObservedCall<>(call, observer);
        return new Guard<>(Contexts.interceptCall(context, observed, headers, next), observed);
    }

    /** Turns what escapes a handler into an answer. */
    private static final class Guard<ReqT> extends SimpleForwardingServerCallListener<ReqT> {

        private final ObservedCall<ReqT, ?> call;

        Guard(Listener<ReqT> delegate, ObservedCall<ReqT, ?> call) {
            super(delegate);
            this.call = call;
        }

        @Override
        public void onCancel() {
            call.end(Status.CANCELLED);
            super.onCancel();
        }

        @Override
        public void onMessage(ReqT message) {
            call.received(message);
            run(() -> super.onMessage(message));
        }

        @Override
        public void onHalfClose() {
            run(super::onHalfClose);
        }

        @Override
        public void onReady() {
            run(super::onReady);
        }

        private void run(Runnable handler) {
            try {
                handler.run();
            } catch (RuntimeException e) {
                StatusRuntimeException status = Failures.toStatus(e);
                Metadata trailers = status.getTrailers();
                try {
                    call.close(status.getStatus(), trailers == null ? new Metadata() : trailers);
                } catch (IllegalStateException alreadyClosed) {
                    // The handler answered before it failed; the failure is in the log.
                }
            }
        }
    }
}
