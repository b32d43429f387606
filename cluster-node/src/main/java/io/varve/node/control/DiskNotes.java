// SPDX-License-Identifier: Apache-2.0
package io.varve.node.control;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.varve.metadata.ratis.RaftDirectory;
import io.varve.metadata.ratis.VoterId;
import io.varve.proto.Uuids;
import io.varve.proto.internal.v1.NoteDiskRequest;
import io.varve.proto.internal.v1.NoteDiskResponse;
import io.varve.proto.internal.v1.NoteDiskResponse.Verdict;
import io.varve.proto.internal.v1.VoterServiceGrpc;
import java.io.IOException;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers voters that start for the first time, from what the Raft directory knows of them. <i>Thread-safe.</i> */
public final class DiskNotes extends VoterServiceGrpc.VoterServiceImplBase implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DiskNotes.class);

    private final RaftDirectory directory;
    private final Executor executor;
    private volatile boolean closed; // volatile: set by whoever stops the node, read by the executor

    /** @param executor may write files */
    public DiskNotes(RaftDirectory directory, Executor executor) {
        this.directory = directory;
        this.executor = executor;
    }

    @Override
    public void noteDisk(NoteDiskRequest request, StreamObserver<NoteDiskResponse> observer) {
        executor.execute(() -> {
            try {
                if (closed) {
                    observer.onError(Status.UNAVAILABLE
                            .withDescription("the node is shutting down")
                            .asRuntimeException());
                    return;
                }
                NoteDiskResponse response = answer(request);
                observer.onNext(response);
                observer.onCompleted();
            } catch (IllegalArgumentException e) {
                observer.onError(
                        Status.INVALID_ARGUMENT.withDescription(e.getMessage()).asRuntimeException());
            } catch (IOException e) {
                LOG.error("what was learned of the disk of node {} cannot be stored", request.getNodeId(), e);
                observer.onError(Status.INTERNAL
                        .withDescription("the Raft directory failed")
                        .asRuntimeException());
            }
        });
    }

    private NoteDiskResponse answer(NoteDiskRequest request) throws IOException {
        var own = directory.format();
        var cluster = Uuids.toText(own.identity().clusterId());
        var voters = own.voters().stream().map(VoterId::toString).toList();
        if (!request.getClusterId().equals(cluster)) {
            return refusal(Verdict.VERDICT_OTHER_CLUSTER, "node %d is of cluster %s", cluster);
        }
        if (!request.getVotersList().equals(voters)) {
            return refusal(Verdict.VERDICT_OTHER_VOTERS, "node %d was formatted for the voters %s", voters);
        }
        var asker = new VoterId(request.getNodeId(), Uuids.fromText(request.getDirectoryId()));
        if (!directory.noteDisk(asker, Uuids.fromText(request.getDiskId()))) {
            return refusal(
                    Verdict.VERDICT_OTHER_DISK,
                    "node %d knows node %s from before, with another disk",
                    request.getNodeId());
        }
        return NoteDiskResponse.newBuilder()
                .setVerdict(Verdict.VERDICT_NOTED)
                .setNodeId(own.identity().nodeId())
                .build();
    }

    private NoteDiskResponse refusal(Verdict verdict, String sentence, Object what) {
        int self = directory.format().identity().nodeId();
        return NoteDiskResponse.newBuilder()
                .setVerdict(verdict)
                .setNodeId(self)
                .setMessage(sentence.formatted(self, what))
                .build();
    }

    /** From now on nothing is written. */
    @Override
    public void close() {
        closed = true;
    }
}
