// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.varve.transport.ProduceBatch;
import io.varve.transport.SubscribeBatches;
import java.util.concurrent.atomic.AtomicBoolean;

/** Tells a {@link CallObserver} what goes through one call. <i>As thread-safe as the call.</i> */
final class ObservedCall<ReqT, RespT> extends SimpleForwardingServerCall<ReqT, RespT> {

    private final CallObserver observer;
    private final String method;
    private final AtomicBoolean ended = new AtomicBoolean();

    ObservedCall(ServerCall<ReqT, RespT> call, CallObserver observer) {
        super(call);
        this.observer = observer;
        this.method = call.getMethodDescriptor().getFullMethodName();
        observer.started(method);
    }

    @Override
    public void sendMessage(RespT message) {
        // Before it is handed over: its buffer is gone afterwards.
        observer.sent(method, payloadBytes(message));
        super.sendMessage(message);
    }

    @Override
    public void close(Status status, Metadata trailers) {
        end(status);
        super.close(status, trailers);
    }

    void received(ReqT message) {
        observer.received(method, payloadBytes(message));
    }

    /** A call may be closed here and be reported as cancelled, too: it counts once. */
    void end(Status status) {
        if (ended.compareAndSet(false, true)) {
            observer.ended(method, status.getCode().name());
        }
    }

    private static int payloadBytes(Object message) {
        if (message instanceof ProduceBatch produce) {
            return produce.batch().readableBytes();
        }
        return message instanceof SubscribeBatches subscribe
                ? subscribe.batches().readableBytes()
                : 0;
    }
}
