// SPDX-License-Identifier: Apache-2.0
package io.varve.transport;

import io.grpc.Attributes;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.SecurityLevel;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * A call that may be ended behind its handler's back, by {@link #refuse}. From then on the handler talks into the void:
 * what it sends is dropped, and the call looks cancelled to it.
 *
 * <p>Sending and closing take a lock, because a refusal on one thread can meet an answer on another. *Thread-safe* as
 * far as gRPC's own calls are.
 */
final class GuardedCall<ReqT, RespT> extends ServerCall<ReqT, RespT> {
    private final ServerCall<InputStream, RespT> delegate;
    private final MethodDescriptor<ReqT, RespT> method;
    private boolean closed; // guarded by this
    private volatile boolean refused;

    GuardedCall(ServerCall<InputStream, RespT> delegate, MethodDescriptor<ReqT, RespT> method) {
        this.delegate = delegate;
        this.method = method;
    }

    /** Ends the call, unless it is closed already. */
    synchronized void refuse(StatusRuntimeException reason) {
        refused = true;
        if (!closed) {
            closed = true;
            Metadata trailers = reason.getTrailers();
            delegate.close(reason.getStatus(), trailers != null ? trailers : new Metadata());
        }
    }

    boolean isRefused() {
        return refused;
    }

    @Override
    public void request(int count) {
        delegate.request(count);
    }

    @Override
    public synchronized void sendHeaders(Metadata headers) {
        if (!refused) {
            delegate.sendHeaders(headers);
        }
    }

    @Override
    public synchronized void sendMessage(RespT message) {
        if (!refused) {
            delegate.sendMessage(message);
        }
    }

    @Override
    public synchronized void close(Status status, Metadata trailers) {
        if (!refused) {
            closed = true;
            delegate.close(status, trailers);
        }
    }

    @Override
    public boolean isReady() {
        return !refused && delegate.isReady();
    }

    @Override
    public boolean isCancelled() {
        return refused || delegate.isCancelled();
    }

    @Override
    public void setMessageCompression(boolean enabled) {
        delegate.setMessageCompression(enabled);
    }

    @Override
    public void setCompression(String compressor) {
        delegate.setCompression(compressor);
    }

    @Override
    public void setOnReadyThreshold(int numBytes) {
        delegate.setOnReadyThreshold(numBytes);
    }

    @Override
    public SecurityLevel getSecurityLevel() {
        return delegate.getSecurityLevel();
    }

    @Override
    public Attributes getAttributes() {
        return delegate.getAttributes();
    }

    @Override
    public @Nullable String getAuthority() {
        return delegate.getAuthority();
    }

    @Override
    public MethodDescriptor<ReqT, RespT> getMethodDescriptor() {
        return method;
    }
}
