// SPDX-License-Identifier: Apache-2.0
package io.varve.node.control;

import io.grpc.stub.StreamObserver;
import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.controller.DialResult;
import io.varve.metadata.controller.ReplicaAnswer;
import io.varve.metadata.image.ReplicaId;
import io.varve.metadata.image.ReplicaReport;
import io.varve.metadata.runtime.NodeReach;
import io.varve.node.config.HostPort;
import io.varve.node.peer.PeerChannels;
import io.varve.node.peer.PeerChannels.Use;
import io.varve.proto.Uuids;
import io.varve.proto.internal.v1.DescribeReplicaRequest;
import io.varve.proto.internal.v1.DescribeReplicaResponse;
import io.varve.proto.internal.v1.ReplicaContent;
import io.varve.proto.internal.v1.ReplicaServiceGrpc;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * Reaches out to nodes' peer ports. Dials are plain TCP, on threads of their own because resolving a name may take long:
 * what is asked is whether the process is there, not whether it is well. <i>Thread-safe.</i>
 */
public final class NodeDialler implements NodeReach {

    private static final int CONNECT_MILLIS = 1000;
    private static final int CUT_MILLIS = 50;
    private static final long REPORT_SECONDS = 1;

    private final int self;
    private final PeerChannels channels;
    private final ExecutorService threads;

    /** @param threads that may block for a second */
    public NodeDialler(int self, PeerChannels channels, ExecutorService threads) {
        this.self = self;
        this.channels = channels;
        this.threads = threads;
    }

    @Override
    public CompletableFuture<DialResult> dial(BrokerRef broker) {
        if (broker.nodeId() == self) {
            return CompletableFuture.completedFuture(DialResult.ANSWERED);
        }
        Optional<HostPort> address = channels.address(broker.nodeId());
        if (address.isEmpty()) {
            return CompletableFuture.completedFuture(DialResult.SILENT);
        }
        try {
            return CompletableFuture.supplyAsync(() -> connect(address.get()), threads);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.completedFuture(DialResult.SILENT); // this node is shutting down
        }
    }

    static DialResult connect(HostPort address) {
        InetSocketAddress resolved = address.resolve();
        if (resolved.isUnresolved()) {
            return DialResult.SILENT;
        }
        try (Socket socket = new Socket()) {
            socket.connect(resolved, CONNECT_MILLIS);
            return wasCut(socket) ? DialResult.RESET : DialResult.ANSWERED;
        } catch (ConnectException e) {
            return String.valueOf(e.getMessage()).contains("refused") ? DialResult.REFUSED : DialResult.SILENT;
        } catch (IOException e) {
            return DialResult.SILENT;
        }
    }

    /** Something in between may accept for a process that is gone, and cuts the connection when it finds out. */
    private static boolean wasCut(Socket socket) {
        try {
            socket.setSoTimeout(CUT_MILLIS);
            return socket.getInputStream().read() < 0;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (SocketException e) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public CompletableFuture<ReplicaAnswer> report(BrokerRef broker, ReplicaId replica) {
        CompletableFuture<ReplicaAnswer> report = new CompletableFuture<>();
        var channel = channels.channel(broker.nodeId(), Use.CALLS);
        if (channel.isEmpty()) {
            return CompletableFuture.completedFuture(new ReplicaAnswer.Unreachable());
        }
        DescribeReplicaRequest request = DescribeReplicaRequest.newBuilder()
                .setBrokerEpoch(broker.brokerEpoch())
                .setTopicId(Uuids.toBytes(replica.topicId()))
                .setPartition(replica.partition())
                .build();
        ReplicaServiceGrpc.newStub(channel.get())
                .withDeadlineAfter(REPORT_SECONDS, TimeUnit.SECONDS)
                .describeReplica(request, new StreamObserver<>() {
                    @Override
                    public void onNext(DescribeReplicaResponse response) {
                        report.complete(answer(response));
                    }

                    @Override
                    public void onError(Throwable why) {
                        report.complete(new ReplicaAnswer.Unreachable());
                    }

                    @Override
                    public void onCompleted() {
                        report.complete(new ReplicaAnswer.Unreachable());
                    }
                });
        return report;
    }

    private static ReplicaAnswer answer(DescribeReplicaResponse response) {
        return switch (response.getOutcomeCase()) {
            case CONTENT -> {
                ReplicaContent has = response.getContent();
                yield new ReplicaAnswer.Report(
                        new ReplicaReport(has.getLastEpoch(), has.getLogEndOffset(), has.getHighWatermarkCheckpoint()));
            }
            case UNUSABLE -> new ReplicaAnswer.Unusable(response.getUnusable());
            case OUTCOME_NOT_SET -> new ReplicaAnswer.Unreachable();
        };
    }
}
