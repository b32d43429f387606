// SPDX-License-Identifier: Apache-2.0
package io.varve.client.fake;

import io.grpc.stub.ServerCallStreamObserver;
import io.varve.proto.v1.ClusterMetadata;
import io.varve.proto.v1.WatchMetadataRequest;
import io.varve.proto.v1.WatchMetadataResponse;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A WatchMetadata stream of the fake node. */
final class FakeWatch {
    private final FakeNode node;
    private final WatchMetadataRequest request;
    private final ServerCallStreamObserver<WatchMetadataResponse> answers;
    private @Nullable ClusterMetadata last;

    FakeWatch(FakeNode node, WatchMetadataRequest request, ServerCallStreamObserver<WatchMetadataResponse> answers) {
        this.node = node;
        this.request = request;
        this.answers = answers;
    }

    void start() {
        answers.setOnCancelHandler(() -> {
            synchronized (node.cluster) {
                node.watchers.remove(this);
            }
        });
        synchronized (node.cluster) {
            node.watchesSeen++;
            node.watchers.add(this);
            send();
        }
        if (request.getSignOfLifeMs() > 0) {
            var unused = node.signs.scheduleAtFixedRate(
                    this::sign, request.getSignOfLifeMs(), request.getSignOfLifeMs(), TimeUnit.MILLISECONDS);
        }
    }

    /** With the cluster's lock. */
    void send() {
        ClusterMetadata now = FakeMetadata.some(node.metadata(), request.getTopicsList());
        if (!node.still && !answers.isCancelled() && !now.equals(last)) {
            last = now;
            answers.onNext(WatchMetadataResponse.newBuilder()
                    .setMetadata(now)
                    .setMetadataIndex(now.getMetadataIndex())
                    .build());
        }
    }

    private void sign() {
        synchronized (node.cluster) {
            if (!node.still && !answers.isCancelled()) {
                answers.onNext(WatchMetadataResponse.newBuilder()
                        .setMetadataIndex(node.metadata().getMetadataIndex())
                        .build());
            }
        }
    }
}
