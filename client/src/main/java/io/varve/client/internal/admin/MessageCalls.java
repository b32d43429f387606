// SPDX-License-Identifier: Apache-2.0
package io.varve.client.internal.admin;

import io.grpc.MethodDescriptor;
import io.varve.client.internal.ClientContext;
import java.util.concurrent.CompletableFuture;

/** Calls whose answers go to the user as they are. <i>Thread-safe.</i> */
final class MessageCalls {
    private final ClientContext context;

    MessageCalls(ClientContext context) {
        this.context = context;
    }

    /** One that changes nothing: asked again while the failure may pass. */
    <Q, R> CompletableFuture<R> question(MethodDescriptor<Q, R> method, Q question) {
        return toUser(context.cluster().askAny(method, question, true));
    }

    /** One that changes something: asked again only as long as nothing can have happened. */
    <Q, R> CompletableFuture<R> change(MethodDescriptor<Q, R> method, Q request) {
        return toUser(context.cluster().askAny(method, request, false));
    }

    /** Leaves the event loop before any code of the user's can run. */
    <R> CompletableFuture<R> toUser(CompletableFuture<R> answer) {
        CompletableFuture<R> result = new CompletableFuture<>();
        answer.whenCompleteAsync(
                (value, failure) -> {
                    if (failure != null) {
                        result.completeExceptionally(ClientContext.asVarveException(failure));
                    } else {
                        result.complete(value);
                    }
                },
                context.callbacks());
        return result;
    }
}
