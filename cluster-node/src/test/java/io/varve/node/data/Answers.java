// SPDX-License-Identifier: Apache-2.0
package io.varve.node.data;

import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.varve.proto.ErrorReasons;
import io.varve.proto.v1.Error;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** What a call brings. */
final class Answers<T> extends ClientCall.Listener<T> {
    private static final long PATIENCE_SECONDS = 10;

    private final BlockingQueue<T> messages = new LinkedBlockingQueue<>();
    private final BlockingQueue<Throwable> end = new LinkedBlockingQueue<>();

    static <Q, R> Answers<R> start(ClientCall<Q, R> call, int requests) {
        Answers<R> answers = new Answers<>();
        call.start(answers, new Metadata());
        if (requests > 0) {
            call.request(requests);
        }
        return answers;
    }

    @Override
    public void onMessage(T message) {
        messages.add(message);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
        end.add(status.asRuntimeException(trailers));
    }

    T next() {
        return take(messages, "no message");
    }

    int waiting() {
        return messages.size();
    }

    Status status() {
        return Status.fromThrowable(take(end, "no end"));
    }

    /** The error that ended the call. */
    Error error() {
        Throwable failure = take(end, "no end");
        return ErrorReasons.fromThrowable(failure).orElseThrow(() -> new AssertionError(failure));
    }

    private static <T> T take(BlockingQueue<T> queue, String otherwise) {
        try {
            T next = queue.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (next == null) {
                throw new AssertionError(otherwise + " within " + PATIENCE_SECONDS + " s");
            }
            return next;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
