// SPDX-License-Identifier: Apache-2.0
package io.varve.node.control;

import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.varve.metadata.BrokerHeartbeat;
import io.varve.metadata.HeartbeatReply;
import io.varve.proto.internal.v1.ControllerServiceGrpc;
import io.varve.proto.internal.v1.HeartbeatRequest;
import io.varve.proto.internal.v1.HeartbeatResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The stream of signs of life to one voter, opened when there is something to send. <i>Thread-safe.</i> */
final class HeartbeatLine {

    /** A stream that answers nothing for so long is dead, however alive its connection looks. */
    private static final long DEAD_NANOS = TimeUnit.SECONDS.toNanos(4);

    private final Runnable onBroken;
    private @Nullable Line line; // guarded by this
    private long numbers; // guarded by this

    /** @param onBroken hears whenever the stream is gone, on an event loop */
    HeartbeatLine(Runnable onBroken) {
        this.onBroken = onBroken;
    }

    /** @param channel for a new stream if there is none */
    CompletableFuture<VoterAnswer<HeartbeatReply>> send(Channel channel, BrokerHeartbeat heartbeat) {
        Line dead = null;
        CompletableFuture<VoterAnswer<HeartbeatReply>> answer = new CompletableFuture<>();
        synchronized (this) {
            Line now = line;
            if (now != null && now.isDead()) {
                dead = now;
                now = null;
            }
            if (now == null) {
                now = new Line();
                line = now;
                var unused = ControllerServiceGrpc.newStub(channel).heartbeat(now);
            }
            now.send(++numbers, heartbeat, answer);
        }
        if (dead != null) {
            dead.cancel();
        }
        return answer;
    }

    /** Ends the stream; the voter notices at once. */
    void close() {
        Line now;
        synchronized (this) {
            now = line;
            line = null;
        }
        if (now != null) {
            now.cancel();
        }
    }

    private synchronized boolean forget(Line gone) {
        boolean current = line == gone;
        line = current ? null : line;
        return current;
    }

    private record Waiting(long sentNanos, CompletableFuture<VoterAnswer<HeartbeatReply>> answer) {}

    /** One stream. <i>Thread-safe.</i> */
    private final class Line implements ClientResponseObserver<HeartbeatRequest, HeartbeatResponse> {

        private final Map<Long, Waiting> waiting = new LinkedHashMap<>(); // oldest first; guarded by this
        private @Nullable ClientCallStreamObserver<HeartbeatRequest> requests; // set before anything is sent
        private boolean over; // guarded by this

        @Override
        public void beforeStart(ClientCallStreamObserver<HeartbeatRequest> stream) {
            requests = stream;
        }

        synchronized boolean isDead() {
            return over
                    || (!waiting.isEmpty()
                            && System.nanoTime()
                                            - waiting.values().iterator().next().sentNanos()
                                    > DEAD_NANOS);
        }

        void send(long number, BrokerHeartbeat heartbeat, CompletableFuture<VoterAnswer<HeartbeatReply>> answer) {
            synchronized (this) {
                ClientCallStreamObserver<HeartbeatRequest> call = requests;
                if (!over && call != null) {
                    waiting.put(number, new Waiting(System.nanoTime(), answer));
                    call.onNext(ControlMessages.request(number, heartbeat));
                    return;
                }
            }
            answer.complete(new VoterAnswer.Unreachable<>(false, "the stream broke"));
        }

        @Override
        public void onNext(HeartbeatResponse response) {
            Waiting answered;
            synchronized (this) {
                answered = waiting.remove(response.getNumber());
            }
            if (answered != null) {
                answered.answer().complete(ControlMessages.answer(response));
            }
        }

        @Override
        public void onError(Throwable why) {
            ended(String.valueOf(Status.fromThrowable(why)));
        }

        @Override
        public void onCompleted() {
            ended("the voter ended the stream");
        }

        void cancel() {
            ended("closed");
            ClientCallStreamObserver<HeartbeatRequest> call = requests;
            if (call != null) {
                call.cancel("closed", null);
            }
        }

        private void ended(String why) {
            List<Waiting> unanswered;
            synchronized (this) {
                if (over) {
                    return;
                }
                over = true;
                unanswered = new ArrayList<>(waiting.values());
                waiting.clear();
            }
            boolean current = forget(this);
            unanswered.forEach(one -> one.answer().complete(new VoterAnswer.Unreachable<>(true, why)));
            if (current) {
                onBroken.run();
            }
        }
    }
}
