// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.node;

import io.varve.metadata.ApplyReply;
import io.varve.metadata.BrokerHeartbeat;
import io.varve.metadata.MetadataRejection;
import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.MetadataCommand;
import io.varve.metadata.controller.BrokerPort;
import io.varve.metadata.controller.CommandPort;
import io.varve.metadata.controller.ContactTimes;
import io.varve.metadata.controller.ControllerCore;
import io.varve.metadata.controller.ControllerSettings;
import io.varve.metadata.controller.DialResult;
import io.varve.metadata.controller.ReplicaAnswer;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.ReplicaId;
import io.varve.simulation.engine.NetStream;
import io.varve.simulation.engine.Network;
import io.varve.simulation.engine.StreamHandler;
import io.varve.simulation.engine.StreamKind;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The controller on a voter: its core, the streams of the nodes to it, and how it reaches out to nodes. */
final class ControllerEnd implements BrokerPort {
    /** A dial that only wants to know whether somebody is there. */
    static final String PROBE = "probe";

    /** A dial by the controller that asks about a replica. */
    static final String QUESTION = "question";

    private static final long DIAL_NANOS = 1_000_000_000L;

    /** The controller wants to know what a node has of a partition. */
    record AskReplica(BrokerRef broker, ReplicaId replica) {}

    /** What it has. */
    record Had(ReplicaAnswer answer) {}

    /** An entry was applied; or the request was refused as a whole. */
    record Answer(@Nullable ApplyReply reply, @Nullable MetadataRejection rejection) {}

    private final int nodeId;
    private final NodeLoop loop;
    private final Network network;
    private final ControllerCore core;

    ControllerEnd(
            int nodeId,
            UUID incarnation,
            NodeLoop loop,
            Network network,
            CommandPort log,
            Supplier<MetadataImage> image,
            ControllerSettings settings) {
        this.nodeId = nodeId;
        this.loop = loop;
        this.network = network;
        CommandPort onLoop = (command, completion) -> log.submit(command, new CommandPort.Completion() {
            @Override
            public void applied(ApplyReply reply) {
                loop.run(() -> completion.applied(reply));
            }

            @Override
            public void failed(MetadataRejection rejection) {
                loop.run(() -> completion.failed(rejection));
            }
        });
        this.core = new ControllerCore(nodeId, incarnation, onLoop, this, image, new ContactTimes(), settings);
    }

    ControllerCore core() {
        return core;
    }

    boolean isActive() {
        return core.activeTerm() != 0;
    }

    /** A node opened a stream for its heartbeats and requests. */
    StreamHandler accept(NetStream stream) {
        return new StreamHandler() {
            private @Nullable BrokerRef broker;

            @Override
            public void onMessage(Object payload) {
                WireTransfer.Numbered request = (WireTransfer.Numbered) payload;
                loop.run(() -> {
                    if (request.body() instanceof BrokerHeartbeat heartbeat) {
                        broker = heartbeat.broker();
                        answer(stream, request.number(), core.onHeartbeat(heartbeat, loop.nowNanos()));
                    } else if (request.body() instanceof MetadataCommand command) {
                        execute(command, result -> answer(stream, request.number(), result));
                    } else {
                        throw new IllegalStateException("a controller does not understand " + request);
                    }
                });
            }

            @Override
            public void onClosed(Closed why) {
                BrokerRef gone = broker;
                if (gone != null) {
                    loop.run(() -> core.onHeartbeatStreamBroken(gone, loop.nowNanos()));
                }
            }
        };
    }

    /** Takes the answer to one command. */
    interface Completed {
        void completed(Answer answer);
    }

    void execute(MetadataCommand command, Completed completed) {
        core.execute(command.at(loop.nowMillis()), new CommandPort.Completion() {
            @Override
            public void applied(ApplyReply reply) {
                completed.completed(new Answer(reply, null));
            }

            @Override
            public void failed(MetadataRejection rejection) {
                completed.completed(new Answer(null, rejection));
            }
        });
    }

    private static void answer(NetStream stream, long number, Object body) {
        stream.send(new WireTransfer.Numbered(number, body));
    }

    @Override
    public void dial(BrokerRef broker) {
        Probe probe = new Probe(broker);
        NetStream stream = network.dial(nodeId, broker.nodeId(), StreamKind.CONTROLLER, PROBE, probe);
        probe.stream = stream;
        loop.after(DIAL_NANOS, "dial is over", () -> probe.over(DialResult.SILENT));
    }

    private final class Probe implements StreamHandler {
        private final BrokerRef broker;
        private @Nullable NetStream stream;
        private boolean over;

        Probe(BrokerRef broker) {
            this.broker = broker;
        }

        @Override
        public void onOpen() {
            loop.run(() -> over(DialResult.ANSWERED));
        }

        @Override
        public void onMessage(Object payload) {}

        @Override
        public void onClosed(Closed why) {
            DialResult result = switch (why) {
                case REFUSED -> DialResult.REFUSED;
                case RESET -> DialResult.RESET;
                case TIMED_OUT, BY_PEER -> DialResult.SILENT;
            };
            loop.run(() -> over(result));
        }

        void over(DialResult result) {
            if (!over) {
                over = true;
                if (stream != null) {
                    stream.close();
                }
                core.onDialed(broker, result, loop.nowNanos());
            }
        }
    }

    @Override
    public void askReplica(BrokerRef broker, ReplicaId replica) {
        StreamHandler handler = new StreamHandler() {
            @Override
            public void onMessage(Object payload) {
                Had had = (Had) payload;
                loop.run(() -> core.onReplicaReport(broker, replica, had.answer(), loop.nowNanos()));
            }

            @Override
            public void onClosed(Closed why) {
                loop.run(() -> core.onReplicaReport(broker, replica, new ReplicaAnswer.Unreachable(), loop.nowNanos()));
            }
        };
        NetStream stream = network.dial(nodeId, broker.nodeId(), StreamKind.CONTROLLER, QUESTION, handler);
        stream.send(new AskReplica(broker, replica));
        loop.after(DIAL_NANOS, "question is over", stream::close);
    }
}
