// SPDX-License-Identifier: Apache-2.0
package io.varve.node.quorum;

import io.varve.metadata.ratis.RaftDirectory;
import io.varve.metadata.ratis.RaftStartException;
import io.varve.metadata.ratis.RaftStartException.Kind;
import io.varve.metadata.ratis.VoterId;
import io.varve.node.config.VoterAddress;
import io.varve.node.peer.PeerChannels;
import io.varve.node.peer.PeerChannels.Use;
import io.varve.proto.Uuids;
import io.varve.proto.internal.v1.NoteDiskRequest;
import io.varve.proto.internal.v1.NoteDiskResponse;
import io.varve.proto.internal.v1.VoterServiceGrpc;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * The first start of a voter: before it may vote, enough of the others must have noted its disk, so that it can never
 * come back on an empty one under its old name. Asks until they have. <i>Confined to one thread.</i>
 */
public final class FirstStart {

    private static final long PAUSE_MILLIS = 100;
    private static final long CALL_MILLIS = 3_000;

    private final RaftDirectory directory;
    private final PeerChannels channels;
    private final Map<Integer, VoterAddress> missing = new HashMap<>();

    /** @param others all voters but this one */
    public FirstStart(RaftDirectory directory, List<VoterAddress> others, PeerChannels channels) {
        this.directory = directory;
        this.channels = channels;
        others.forEach(other -> missing.put(other.nodeId(), other));
    }

    /**
     * Returns when this voter may start, at once if it has started before or has no others.
     *
     * @param waitingFor hears now and then which voters have not answered yet
     * @return false if a stop was wanted first
     * @throws RaftStartException DISK_LOST if this voter was here before with another disk; FOREIGN if another voter was
     *     formatted for another cluster or other voters
     */
    public boolean await(BooleanSupplier stopWanted, Consumer<List<VoterAddress>> waitingFor)
            throws InterruptedException, IOException {
        int all = missing.size();
        int needed = directory.notesNeeded();
        while (all - missing.size() < needed) {
            if (stopWanted.getAsBoolean()) {
                return false;
            }
            ask();
            if (all - missing.size() < needed) {
                waitingFor.accept(List.copyOf(missing.values()));
                Thread.sleep(PAUSE_MILLIS);
            }
        }
        directory.markNoted();
        return true;
    }

    private void ask() throws InterruptedException {
        NoteDiskRequest question = question();
        List<Future<NoteDiskResponse>> calls = new ArrayList<>();
        for (int other : missing.keySet()) {
            channels.channel(other, Use.CALLS)
                    .ifPresent(channel -> calls.add(VoterServiceGrpc.newFutureStub(channel)
                            .withDeadlineAfter(CALL_MILLIS, TimeUnit.MILLISECONDS)
                            .noteDisk(question)));
        }
        for (Future<NoteDiskResponse> call : calls) {
            try {
                take(call.get());
            } catch (ExecutionException e) {
                // Not there yet, or not as far as to answer: asked again.
            }
        }
    }

    private void take(NoteDiskResponse answer) {
        switch (answer.getVerdict()) {
            case VERDICT_NOTED -> missing.remove(answer.getNodeId());
            case VERDICT_OTHER_DISK ->
                throw new RaftStartException(
                        Kind.DISK_LOST,
                        "node %d was a voter of the metadata quorum with another disk (%s), and must not vote with this empty one"
                                .formatted(directory.format().identity().nodeId(), answer.getMessage()),
                        "bring the old disk back, or format an empty directory with --initial-voters none: the node then"
                                + " joins without a vote");
            case VERDICT_OTHER_CLUSTER ->
                throw foreign(
                        "this node was formatted for cluster "
                                + Uuids.toText(directory.format().identity().clusterId()),
                        answer);
            case VERDICT_OTHER_VOTERS ->
                throw foreign(
                        "this node was formatted for the voters "
                                + directory.format().voters(),
                        answer);
            default -> {
                // From software that knows more: no yes.
            }
        }
    }

    private static RaftStartException foreign(String own, NoteDiskResponse answer) {
        return new RaftStartException(
                Kind.FOREIGN,
                own + ", but " + answer.getMessage(),
                "format all voters with the same --cluster-id and --initial-voters");
    }

    private NoteDiskRequest question() {
        var format = directory.format();
        return NoteDiskRequest.newBuilder()
                .setClusterId(Uuids.toText(format.identity().clusterId()))
                .setNodeId(format.identity().nodeId())
                .setDirectoryId(Uuids.toText(format.identity().directoryId()))
                .setDiskId(Uuids.toText(format.diskId()))
                .addAllVoters(format.voters().stream().map(VoterId::toString).toList())
                .build();
    }
}
