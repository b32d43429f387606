// SPDX-License-Identifier: Apache-2.0
package io.varve.node.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.services.HealthStatusManager;
import io.varve.metadata.image.BrokerImage;
import io.varve.metadata.image.Endpoint;
import io.varve.metadata.image.FeatureRange;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.MetadataRecord.BrokerRecord;
import io.varve.node.config.HostPort;
import io.varve.node.peer.PeerChannels.Use;
import io.varve.transport.ChannelFactory;
import io.varve.transport.ChannelSettings;
import io.varve.transport.EventLoops;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PeerChannelsTest {

    private final EventLoops loops = EventLoops.open("test", 1);
    private final ChannelFactory factory = new ChannelFactory(loops, ChannelSettings.forMessagesUpTo(1 << 20, "test"));

    @AfterEach
    void close() {
        loops.close();
    }

    @Test
    void shouldServeAServiceThatCameAfterTheStart() throws Exception {
        try (PeerListener listener = listener();
                PeerChannels channels = new PeerChannels(factory, Map.of(1, at(listener)))) {
            assertThatThrownBy(() -> check(channels.channel(1, Use.CALLS).orElseThrow()))
                    .isInstanceOfSatisfying(
                            StatusRuntimeException.class,
                            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED));

            listener.add(new HealthStatusManager().getHealthService());

            check(channels.channel(1, Use.CALLS).orElseThrow());
        }
    }

    @Test
    void shouldFollowANodeToItsNewAddress() throws Exception {
        try (PeerListener first = serving();
                PeerListener second = serving();
                PeerChannels channels = new PeerChannels(factory, Map.of())) {
            assertThat(channels.channel(7, Use.CALLS)).isEmpty();
            channels.imageChanged(registered(first));
            var before = channels.channel(7, Use.CALLS).orElseThrow();
            check(before);
            channels.imageChanged(registered(first));
            assertThat(channels.channel(7, Use.CALLS)).containsSame(before);

            channels.imageChanged(registered(second));

            assertThat(before.isShutdown()).isTrue();
            check(channels.channel(7, Use.CALLS).orElseThrow());
        }
    }

    @Test
    void shouldHaveAConnectionOfItsOwnForEachUse() throws Exception {
        try (PeerListener listener = serving();
                PeerChannels channels = new PeerChannels(factory, Map.of(1, at(listener)))) {
            assertThat(channels.channel(1, Use.DATA).orElseThrow())
                    .isNotSameAs(channels.channel(1, Use.CONTROL).orElseThrow());
        }
    }

    @Test
    void shouldReachANodeThatComesBackWithoutWaitingLong() throws Exception {
        PeerListener gone = serving();
        HostPort address = at(gone);
        gone.close();
        try (PeerChannels channels = new PeerChannels(factory, Map.of(1, address))) {
            long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(1500);
            while (System.nanoTime() < until) { // long enough for a pause of several seconds to grow
                assertThatThrownBy(() -> check(channels.channel(1, Use.CALLS).orElseThrow()))
                        .isInstanceOf(StatusRuntimeException.class);
            }
            try (PeerListener back =
                    PeerListener.start(new InetSocketAddress(address.host(), address.port()), loops, 1 << 20)) {
                back.add(new HealthStatusManager().getHealthService());
                long begin = System.nanoTime();
                while (!answers(channels.channel(1, Use.CALLS).orElseThrow())) {
                    assertThat(System.nanoTime() - begin).isLessThan(TimeUnit.SECONDS.toNanos(2));
                }
            }
        }
    }

    private PeerListener listener() throws Exception {
        return PeerListener.start(new InetSocketAddress("127.0.0.1", 0), loops, 1 << 20);
    }

    private PeerListener serving() throws Exception {
        PeerListener listener = listener();
        listener.add(new HealthStatusManager().getHealthService());
        return listener;
    }

    private static HostPort at(PeerListener listener) {
        return new HostPort("127.0.0.1", listener.port());
    }

    private static void check(Channel channel) {
        var unused = HealthGrpc.newBlockingStub(channel)
                .withDeadlineAfter(10, TimeUnit.SECONDS)
                .check(HealthCheckRequest.getDefaultInstance());
    }

    private static boolean answers(Channel channel) {
        try {
            check(channel);
            return true;
        } catch (StatusRuntimeException e) {
            return false;
        }
    }

    private static MetadataImage registered(PeerListener listener) {
        return MetadataImage.EMPTY.plus(new BrokerRecord(new BrokerImage(
                7,
                1,
                new BrokerImage.Identity(UUID.randomUUID(), UUID.randomUUID()),
                List.of(new Endpoint(PeerListener.ENDPOINT, "127.0.0.1", listener.port())),
                "",
                FeatureRange.SUPPORTED,
                new BrokerImage.Liveness(true, false, 0),
                List.of())));
    }
}
