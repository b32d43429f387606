// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.varve.node.peer.PeerChannels;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** One question to another node over its peer port. <i>Thread-safe.</i> */
final class PeerQuestions {

    private final PeerChannels channels;
    private final Duration patience;

    /** @param patience how long the other node may take to answer */
    PeerQuestions(PeerChannels channels, Duration patience) {
        this.channels = channels;
        this.patience = patience;
    }

    <Q, R> CompletableFuture<R> ask(int node, MethodDescriptor<Q, R> method, Q question) {
        Optional<ManagedChannel> channel = channels.channel(node, PeerChannels.Use.CALLS);
        CompletableFuture<R> answer = new CompletableFuture<>();
        if (channel.isEmpty()) {
            answer.completeExceptionally(new IllegalStateException("its address is not known"));
            return answer;
        }
        CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(patience.toMillis(), TimeUnit.MILLISECONDS);
        ClientCalls.asyncUnaryCall(channel.get().newCall(method, options), question, new StreamObserver<R>() {
            @Override
            public void onNext(R value) {
                answer.complete(value);
            }

            @Override
            public void onError(Throwable failure) {
                answer.completeExceptionally(failure);
            }

            @Override
            public void onCompleted() {
                // a unary call has answered before
            }
        });
        return answer;
    }
}
