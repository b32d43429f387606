// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Single questions of a client to nodes, each on a connection to that node that is made when it is wanted. <i>Confined to
 * the client's machine.</i>
 */
final class NodeCalls {
    /** Hears the answer, once. */
    @FunctionalInterface
    interface Done {
        /** Null: there was none in time; whatever was asked for may have been done. */
        void answered(@Nullable ClientAnswer answer);
    }

    private final ClientHost host;
    private final Map<Integer, Line> lines = new TreeMap<>();
    private long lastNumber;

    NodeCalls(ClientHost host) {
        this.host = host;
    }

    void call(int node, ClientRequest request, long timeoutNanos, Done done) {
        Line line = lines.get(node);
        if (line == null) {
            line = new Line(node);
            lines.put(node, line);
            line.connection = host.connect(node, line);
        }
        line.ask(++lastNumber, request, done);
        Line asked = line;
        long number = lastNumber;
        host.after(timeoutNanos, () -> asked.giveUp(number));
    }

    private final class Line implements Connection.Events {
        private final int node;
        private final Map<Long, Done> waiting = new TreeMap<>();
        private final List<Runnable> untilUp = new ArrayList<>();
        private @Nullable Connection connection;
        private boolean up;

        Line(int node) {
            this.node = node;
        }

        void ask(long number, ClientRequest request, Done done) {
            waiting.put(number, done);
            if (up && connection != null) {
                connection.send(number, request);
            } else {
                untilUp.add(() -> {
                    if (connection != null && waiting.containsKey(number)) {
                        connection.send(number, request);
                    }
                });
            }
        }

        /** A node that is silent for so long is better asked over another connection. */
        void giveUp(long number) {
            Done done = waiting.remove(number);
            if (done != null) {
                if (lines.remove(node, this) && connection != null) {
                    connection.close();
                }
                done.answered(null);
            }
        }

        @Override
        public void up() {
            up = true;
            untilUp.forEach(Runnable::run);
            untilUp.clear();
        }

        @Override
        public void answered(long number, ClientAnswer answer) {
            Done done = waiting.remove(number);
            if (done != null) {
                done.answered(answer);
            }
        }

        @Override
        public void down(String why) {
            lines.remove(node, this);
            List<Done> all = List.copyOf(waiting.values());
            waiting.clear();
            all.forEach(done -> done.answered(null));
        }
    }
}
