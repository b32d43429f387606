// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.node;

import io.varve.simulation.client.ClientAnswer;
import io.varve.simulation.client.ClientHost;
import io.varve.simulation.client.ClientRequest;
import io.varve.simulation.client.Connection;
import io.varve.simulation.engine.NetStream;
import io.varve.simulation.engine.Network;
import io.varve.simulation.engine.NodeProcess;
import io.varve.simulation.engine.SimRandom;
import io.varve.simulation.engine.StreamHandler;
import io.varve.simulation.engine.StreamKind;
import org.jspecify.annotations.Nullable;

/** A machine on which clients run; nothing ever happens to it but that time passes. */
final class ClientMachine implements ClientHost {
    private final NodeProcess process;
    private final Network network;
    private final SimRandom random;

    ClientMachine(NodeProcess process, Network network, SimRandom random) {
        this.process = process;
        this.network = network;
        this.random = random;
    }

    @Override
    public long nowNanos() {
        return process.clock().nowNanos();
    }

    @Override
    public long nowMillis() {
        return process.clock().wallMillis();
    }

    @Override
    public int chance(int bound) {
        return random.nextInt(bound);
    }

    @Override
    public void after(long nanos, Runnable event) {
        process.after(nanos, "client timer", null, event);
    }

    @Override
    public Connection connect(int node, Connection.Events events) {
        return new Dialled(node, events);
    }

    private final class Dialled implements Connection, StreamHandler {
        private final Events events;
        private final NetStream stream;
        private boolean over;

        Dialled(int node, Events events) {
            this.events = events;
            this.stream = network.dial(process.node(), node, StreamKind.CLIENT, ClientDoor.HELLO, this);
        }

        @Override
        public void send(long number, ClientRequest request) {
            stream.send(new WireTransfer.Numbered(number, request));
        }

        @Override
        public void close() {
            if (!over) {
                stream.close();
                process.post("client connection closed", null, () -> over("closed"));
            }
        }

        @Override
        public void onOpen() {
            events.up();
        }

        @Override
        public void onMessage(Object payload) {
            WireTransfer.Numbered answer = (WireTransfer.Numbered) payload;
            if (!over) {
                events.answered(answer.number(), (ClientAnswer) answer.body());
            }
        }

        @Override
        public void onClosed(Closed why) {
            over(why.name());
        }

        private void over(@Nullable String why) {
            if (!over) {
                over = true;
                events.down(String.valueOf(why));
            }
        }
    }
}
