// SPDX-License-Identifier: Apache-2.0
package io.varve.simulation.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.client.internal.producer.TopicView;
import io.varve.metadata.command.CommandBody.CreateTopics;
import io.varve.metadata.command.CommandBody.Placement;
import io.varve.metadata.command.CommandBody.TopicToCreate;
import io.varve.metadata.machine.MachineRules;
import io.varve.record.BatchBuilder;
import io.varve.record.Codec;
import io.varve.replication.Acks;
import io.varve.replication.protocol.Rules;
import io.varve.simulation.client.ClientAnswer;
import io.varve.simulation.client.ClientHost;
import io.varve.simulation.client.ClientRequest;
import io.varve.simulation.client.Connection;
import io.varve.simulation.engine.FaultPlan;
import io.varve.simulation.engine.Shape;
import io.varve.simulation.engine.Trace;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class QuietWorldTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void shouldAcknowledgeWhatIsProducedWhenNothingGoesWrong() {
        Shape shape = Shape.USUAL.withTimes(1 * SECOND, 20 * SECOND);
        World world = new World(new FaultPlan(7, shape, List.of()), Rules.ALL, MachineRules.ALL, new Trace());
        world.begin();
        Client client = new Client(world.newClient());
        world.scheduler().runUntil(3 * SECOND);
        client.createTopics();
        world.scheduler().runUntil(4 * SECOND);
        client.start();
        world.scheduler().runUntil(20 * SECOND);
        world.checker().finish();
        System.out.println("acked " + client.acked + " refused " + client.refused + " last " + client.last + " events "
                + world.scheduler().executed() + " image "
                + world.log().committed().brokers().values().stream()
                        .map(b -> b.id() + ":" + b.fenced())
                        .toList()
                + " topics " + world.log().committed().topics().all());
        System.out.println(world.checker().violations());
        System.out.println(world.checker().unhealed());
        world.end();
        assertThat(client.acked).isPositive();
    }

    static final class Client {
        final ClientHost host;
        int acked;
        int refused;
        Object last = "";
        long numbers;
        TopicView view;
        final Map<Integer, Connection> connections = new TreeMap<>();

        Client(ClientHost host) {
            this.host = host;
        }

        Connection to(int node) {
            return connections.computeIfAbsent(
                    node,
                    n -> host.connect(n, new Connection.Events() {
                        @Override
                        public void up() {}

                        @Override
                        public void answered(long number, ClientAnswer answer) {
                            if (answer instanceof ClientAnswer.Stored) {
                                acked++;
                            } else if (answer instanceof ClientAnswer.Metadata m) {
                                view = m.view();
                            } else {
                                refused++;
                                last = answer;
                            }
                        }

                        @Override
                        public void down(String why) {
                            connections.remove(n);
                        }
                    }));
        }

        void createTopics() {
            TreeMap<String, String> configs =
                    new TreeMap<>(Map.of("segment.bytes", "1024", "index.interval.bytes", "64"));
            for (int node = 1; node <= 3; node++) {
                to(node).send(
                                ++numbers,
                                new ClientRequest.Administer(new CreateTopics(List.of(new TopicToCreate(
                                        "a", new UUID(1, 2), 8, 3, configs, Placement.seeded(5), false)))));
            }
        }

        void start() {
            to(1).send(++numbers, new ClientRequest.Metadata("a"));
            host.after(10_000_000, this::produce);
        }

        void produce() {
            if (view != null && view.id() != null) {
                int partition = host.chance(8);
                TopicView.Leader leader = view.partitions().get(partition);
                BatchBuilder builder = new BatchBuilder(Codec.NONE, 1 << 12);
                builder.tryAppend(
                        host.nowMillis(), null, ("value " + ++numbers).getBytes(StandardCharsets.UTF_8), List.of());
                ByteBuffer batch = builder.build();
                to(leader.node())
                        .send(
                                ++numbers,
                                new ClientRequest.Produce(view.id(), partition, 0, Acks.ALL, 2 * SECOND, batch));
            }
            host.after(10_000_000, this::produce);
        }
    }
}
