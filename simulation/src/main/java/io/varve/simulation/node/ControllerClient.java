// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.node;

import io.varve.simulation.engine.NetStream;
import io.varve.simulation.engine.Network;
import io.varve.simulation.engine.StreamHandler;
import io.varve.simulation.engine.StreamKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** A node's streams to the voters, for its heartbeats and requests. */
final class ControllerClient {
    /** What a stream of this kind is for, said when it is dialled. */
    static final String HELLO = "broker";

    private static final long KEEPALIVE_NANOS = 4_000_000_000L;

    private final int nodeId;
    private final NodeLoop loop;
    private final Network network;
    private final IntConsumer onUnreachable;
    private final Map<Integer, Conversation> byVoter = new TreeMap<>();
    private long numbers;

    ControllerClient(int nodeId, NodeLoop loop, Network network, IntConsumer onUnreachable) {
        this.nodeId = nodeId;
        this.loop = loop;
        this.network = network;
        this.onUnreachable = onUnreachable;
    }

    /** Asks a voter; null comes if there is no answer, and none will be. */
    void ask(int voter, Object body, Consumer<@Nullable Object> answer) {
        Conversation before = byVoter.get(voter);
        if (before != null && before.isDead()) {
            before.stream.close();
            before.onClosed(StreamHandler.Closed.TIMED_OUT);
        }
        Conversation conversation = byVoter.computeIfAbsent(voter, Conversation::new);
        conversation.ask(body, answer);
    }

    private record Waiting(long sentNanos, Consumer<@Nullable Object> answer) {}

    private final class Conversation implements StreamHandler {
        private final int voter;
        private final NetStream stream;
        private final Map<Long, Waiting> waiting = new LinkedHashMap<>(); // oldest first

        Conversation(int voter) {
            this.voter = voter;
            this.stream = network.dial(nodeId, voter, StreamKind.CONTROLLER, HELLO, this);
        }

        void ask(Object body, Consumer<@Nullable Object> answer) {
            long number = ++numbers;
            waiting.put(number, new Waiting(loop.nowNanos(), answer));
            stream.send(new WireTransfer.Numbered(number, body));
        }

        /** What the keepalive of a real connection finds out: the other end may be gone without a word. */
        boolean isDead() {
            return !waiting.isEmpty()
                    && loop.nowNanos() - waiting.values().iterator().next().sentNanos() > KEEPALIVE_NANOS;
        }

        @Override
        public void onMessage(Object payload) {
            WireTransfer.Numbered numbered = (WireTransfer.Numbered) payload;
            Waiting request = waiting.remove(numbered.number());
            if (request != null) {
                loop.run(() -> request.answer().accept(numbered.body()));
            }
        }

        @Override
        public void onClosed(Closed why) {
            byVoter.remove(voter, this);
            List<Waiting> unanswered = new ArrayList<>(waiting.values());
            waiting.clear();
            loop.run(() -> {
                unanswered.forEach(request -> request.answer().accept(null));
                onUnreachable.accept(voter);
            });
        }
    }
}
