// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.TreeMap;

/** Time, chance and a network that breaks, for clients and toy nodes. */
final class ToyWorld {
    private record Event(long atNanos, long number, Runnable what) {}

    final Random random;
    final Map<Integer, NodeFront> nodes = new TreeMap<>();
    final List<Wire> wires = new ArrayList<>();
    private final PriorityQueue<Event> events = new PriorityQueue<>(
            (a, b) -> a.atNanos != b.atNanos ? Long.compare(a.atNanos, b.atNanos) : Long.compare(a.number, b.number));
    private long number;
    long nowNanos = 1;
    int breakOneIn = 60;

    ToyWorld(long seed) {
        random = new Random(seed);
    }

    void after(long nanos, Runnable what) {
        events.add(new Event(nowNanos + nanos, number++, what));
    }

    void run(long untilNanos) {
        Event next = events.peek();
        while (next != null && next.atNanos <= untilNanos) {
            events.remove();
            nowNanos = next.atNanos;
            next.what.run();
            next = events.peek();
        }
        nowNanos = untilNanos;
    }

    ClientHost host() {
        return new ClientHost() {
            @Override
            public long nowNanos() {
                return nowNanos;
            }

            @Override
            public long nowMillis() {
                return 1_700_000_000_000L + nowNanos / 1_000_000;
            }

            @Override
            public int chance(int bound) {
                return random.nextInt(bound);
            }

            @Override
            public void after(long nanos, Runnable event) {
                ToyWorld.this.after(nanos, event);
            }

            @Override
            public Connection connect(int node, Connection.Events to) {
                Wire wire = new Wire(node, to);
                wires.add(wire);
                ToyWorld.this.after(latency(), wire::open);
                return wire;
            }
        };
    }

    private long latency() {
        return 200_000L + random.nextInt(3_000_000);
    }

    /** Ordered both ways; a node may go on with what arrived before the break. */
    final class Wire implements Connection {
        private final int node;
        private final Events to;
        private boolean ended;
        private long lastArrival;
        private long lastAnswer;

        Wire(int node, Events to) {
            this.node = node;
            this.to = to;
        }

        private void open() {
            if (!ended) {
                to.up();
            }
        }

        @Override
        public void send(long requestNumber, ClientRequest request) {
            if (breakOneIn > 0 && random.nextInt(breakOneIn) == 0) {
                close();
            }
            lastArrival = Math.max(lastArrival + 1, nowNanos + latency());
            after(lastArrival - nowNanos, () -> {
                NodeFront front = nodes.get(node);
                if (front != null) {
                    front.handle(request, answer -> back(requestNumber, answer));
                }
            });
        }

        private void back(long requestNumber, ClientAnswer answer) {
            lastAnswer = Math.max(lastAnswer + 1, nowNanos + latency());
            after(lastAnswer - nowNanos, () -> {
                if (!ended) {
                    to.answered(requestNumber, answer);
                }
            });
        }

        @Override
        public void close() {
            after(latency(), () -> {
                if (!ended) {
                    ended = true;
                    to.down("broken");
                }
            });
        }
    }
}
