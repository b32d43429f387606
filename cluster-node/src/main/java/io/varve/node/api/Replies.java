// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Ends calls that have one answer. Stateless. */
final class Replies {

    private Replies() {}

    /** With the answer, with why there is none, or when the call's time is over; on whatever thread that turns out. */
    static <T> void send(CompletableFuture<T> answer, StreamObserver<T> observer) {
        long nanosLeft = RequestContext.current().timeLeft().toNanos();
        var unused = answer.orTimeout(nanosLeft, TimeUnit.NANOSECONDS).whenComplete((value, failure) -> {
            if (failure != null) {
                observer.onError(Failures.toStatus(failure));
            } else {
                observer.onNext(value);
                observer.onCompleted();
            }
        });
    }
}
