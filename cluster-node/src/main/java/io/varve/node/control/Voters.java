// SPDX-License-Identifier: Apache-2.0
package io.varve.node.control;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.varve.metadata.ApplyReply;
import io.varve.metadata.BrokerHeartbeat;
import io.varve.metadata.HeartbeatReply;
import io.varve.metadata.command.CommandCodec;
import io.varve.metadata.command.MetadataCommand;
import io.varve.metadata.runtime.ControllerLoop;
import io.varve.node.peer.PeerChannels;
import io.varve.node.peer.PeerChannels.Use;
import io.varve.proto.internal.v1.ControllerServiceGrpc;
import io.varve.proto.internal.v1.ExecuteRequest;
import io.varve.proto.internal.v1.ExecuteResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** The voters behind their peer ports, and this node's own without a detour. <i>Thread-safe.</i> */
public final class Voters implements VoterPort, AutoCloseable {

    private final int self;
    private final List<Integer> voters;
    private final PeerChannels channels;
    private final @Nullable ControllerLoop here;
    private final long attemptNanos;
    private final Map<Integer, HeartbeatLine> lines = new ConcurrentHashMap<>();
    private volatile IntConsumer onBroken = voter -> {}; // volatile: set at the start, read by event loops

    /**
     * @param voters node ids in the order in which to ask them
     * @param here the controller of this node, if it is a voter
     * @param attempt how long one voter may take for one command
     */
    public Voters(
            int self, List<Integer> voters, PeerChannels channels, @Nullable ControllerLoop here, Duration attempt) {
        this.self = self;
        this.voters = List.copyOf(voters);
        this.channels = channels;
        this.here = here;
        this.attemptNanos = attempt.toNanos();
    }

    @Override
    public List<Integer> voters() {
        return voters;
    }

    @Override
    public boolean isActiveHere() {
        return here != null && here.isActive();
    }

    @Override
    public void onBroken(IntConsumer listener) {
        onBroken = listener;
    }

    @Override
    public CompletableFuture<VoterAnswer<ApplyReply>> execute(int voter, MetadataCommand command) {
        ControllerLoop own = here;
        if (voter == self && own != null) {
            return own.execute(command).handle((reply, failure) -> answer(own, reply, failure));
        }
        Optional<? extends Channel> channel = channels.channel(voter, Use.CALLS);
        if (channel.isEmpty()) {
            return unreachable(voter);
        }
        SentMark mark = new SentMark();
        CallOptions options = CallOptions.DEFAULT
                .withDeadlineAfter(attemptNanos, TimeUnit.NANOSECONDS)
                .withStreamTracerFactory(mark);
        ExecuteRequest request = ExecuteRequest.newBuilder()
                .setCommand(ByteString.copyFrom(CommandCodec.encode(command)))
                .build();
        Once once = new Once(mark);
        ClientCalls.asyncUnaryCall(
                channel.get().newCall(ControllerServiceGrpc.getExecuteMethod(), options), request, once);
        return once.answer;
    }

    /** Takes the one answer, or the one failure. */
    private static final class Once implements StreamObserver<ExecuteResponse> {

        private final SentMark mark;
        private final CompletableFuture<VoterAnswer<ApplyReply>> answer = new CompletableFuture<>();

        Once(SentMark mark) {
            this.mark = mark;
        }

        @Override
        public void onNext(ExecuteResponse response) {
            answer.complete(ControlMessages.answer(response));
        }

        @Override
        public void onError(Throwable why) {
            Status status = Status.fromThrowable(why);
            // A voter that has no such service yet is still starting.
            boolean sent = mark.sent() && status.getCode() != Status.Code.UNIMPLEMENTED;
            answer.complete(new VoterAnswer.Unreachable<>(sent, status.toString()));
        }

        @Override
        public void onCompleted() {
            answer.complete(new VoterAnswer.Unreachable<>(true, "it ended the call without an answer"));
        }
    }

    @Override
    public CompletableFuture<VoterAnswer<HeartbeatReply>> heartbeat(int voter, BrokerHeartbeat heartbeat) {
        ControllerLoop own = here;
        if (voter == self && own != null) {
            return own.heartbeat(heartbeat).handle((reply, failure) -> answer(own, reply, failure));
        }
        Optional<? extends Channel> channel = channels.channel(voter, Use.CALLS);
        if (channel.isEmpty()) {
            return unreachable(voter);
        }
        return lines.computeIfAbsent(voter, id -> new HeartbeatLine(() -> onBroken.accept(id)))
                .send(channel.get(), heartbeat);
    }

    private static <T> VoterAnswer<T> answer(ControllerLoop own, @Nullable T reply, @Nullable Throwable failure) {
        if (reply != null) {
            return new VoterAnswer.Given<>(reply);
        }
        Throwable why = failure == null ? new IllegalStateException("no answer") : failure;
        return new VoterAnswer.Refused<>(ControlMessages.rejection(why), own.hint());
    }

    private static <T> CompletableFuture<VoterAnswer<T>> unreachable(int voter) {
        return CompletableFuture.completedFuture(
                new VoterAnswer.Unreachable<>(false, "nobody knows the address of node " + voter));
    }

    /** Ends the streams of heartbeats. */
    @Override
    public void close() {
        lines.values().forEach(HeartbeatLine::close);
    }
}
