// SPDX-License-Identifier: Apache-2.0
package io.varve.node.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.stub.StreamObserver;
import io.varve.metadata.ApplyReply;
import io.varve.metadata.BrokerHeartbeat;
import io.varve.metadata.HeartbeatReply;
import io.varve.metadata.MetadataRejection;
import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.CommandBody.AllocateProducerIds;
import io.varve.metadata.command.CommandCodec;
import io.varve.metadata.command.MetadataCommand;
import io.varve.metadata.controller.DialResult;
import io.varve.metadata.controller.ReplicaAnswer;
import io.varve.metadata.image.CommandResult.ProducerIds;
import io.varve.metadata.image.ReplicaId;
import io.varve.metadata.image.ReplicaReport;
import io.varve.node.config.HostPort;
import io.varve.node.peer.PeerChannels;
import io.varve.node.peer.PeerListener;
import io.varve.proto.internal.v1.ControllerServiceGrpc.ControllerServiceImplBase;
import io.varve.proto.internal.v1.ExecuteRequest;
import io.varve.proto.internal.v1.ExecuteResponse;
import io.varve.proto.internal.v1.HeartbeatRequest;
import io.varve.proto.internal.v1.HeartbeatResponse;
import io.varve.proto.v1.ErrorReason;
import io.varve.transport.ChannelFactory;
import io.varve.transport.ChannelSettings;
import io.varve.transport.EventLoops;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Over real connections, against a controller that a test plays. */
@SuppressWarnings("NullAway.Init")
class VotersTest {

    private static final MetadataCommand COMMAND =
            MetadataCommand.unfenced(new AllocateProducerIds(new BrokerRef(1, 42)));
    private static final BrokerHeartbeat SIGN = new BrokerHeartbeat(new BrokerRef(1, 42), 17, false, true, true);
    private static final ReplicaId REPLICA = new ReplicaId(new UUID(3, 4), 5);

    private final EventLoops loops = EventLoops.open("test", 1);
    private final ExecutorService dials = Executors.newCachedThreadPool();
    private final Played controller = new Played();
    private final List<Integer> broken = new CopyOnWriteArrayList<>();
    private PeerListener listener;
    private PeerChannels channels;
    private Voters voters;

    /** What the test has the controller do. */
    private static final class Played extends ControllerServiceImplBase {

        final List<BrokerHeartbeat> heartbeats = new CopyOnWriteArrayList<>();
        final CompletableFuture<String> ended = new CompletableFuture<>();

        @Override
        public void execute(ExecuteRequest request, StreamObserver<ExecuteResponse> answers) {
            var decoded = CommandCodec.decode(request.getCommand().toByteArray());
            assertThat(decoded).isEqualTo(new CommandCodec.Decoded.Understood(COMMAND));
            answers.onNext(ControlMessages.response(new ApplyReply(7, 2, new ProducerIds(1000, 1000))));
            answers.onCompleted();
        }

        @Override
        public StreamObserver<HeartbeatRequest> heartbeat(StreamObserver<HeartbeatResponse> answers) {
            return new StreamObserver<>() {
                @Override
                public void onNext(HeartbeatRequest request) {
                    heartbeats.add(ControlMessages.heartbeat(request));
                    answers.onNext(
                            heartbeats.size() == 1
                                    ? ControlMessages.accepted(request.getNumber(), new HeartbeatReply(9, true, true))
                                    : HeartbeatResponse.newBuilder()
                                            .setNumber(request.getNumber())
                                            .setRefused(ControlMessages.refused(
                                                    MetadataRejection.notApplied(
                                                            ErrorReason.ERROR_REASON_NOT_CONTROLLER, "not me"),
                                                    3))
                                            .build());
                }

                @Override
                public void onError(Throwable why) {
                    ended.complete("broke");
                }

                @Override
                public void onCompleted() {
                    ended.complete("completed");
                }
            };
        }
    }

    @BeforeEach
    void open() throws Exception {
        listener = PeerListener.start(new InetSocketAddress("127.0.0.1", 0), loops, 1 << 20);
        channels = new PeerChannels(
                new ChannelFactory(loops, ChannelSettings.forMessagesUpTo(1 << 20, "test")),
                Map.of(2, new HostPort("127.0.0.1", listener.port())));
        voters = new Voters(1, List.of(2), channels, null, Duration.ofSeconds(10));
        voters.onBroken(broken::add);
    }

    @AfterEach
    void close() throws Exception {
        voters.close();
        channels.close();
        listener.close();
        dials.shutdownNow();
        loops.close();
    }

    @Test
    void shouldCarryACommandAndItsAnswer() throws Exception {
        listener.add(controller);

        assertThat(get(voters.execute(2, COMMAND)))
                .isEqualTo(new VoterAnswer.Given<>(new ApplyReply(7, 2, new ProducerIds(1000, 1000))));
    }

    @Test
    void shouldKnowThatNothingWasSentToAVoterThatIsNotThereOrStillStarting() throws Exception {
        assertThat(get(voters.execute(2, COMMAND)))
                .isInstanceOfSatisfying(
                        VoterAnswer.Unreachable.class, u -> assertThat(u.sent()).isFalse());
        listener.close();
        // Once the connection is gone, too.
        await().untilAsserted(() -> assertThat(get(voters.execute(2, COMMAND)))
                .isInstanceOfSatisfying(
                        VoterAnswer.Unreachable.class, u -> assertThat(u.sent()).isFalse()));
    }

    @Test
    void shouldSendSignsOfLifeOnOneStreamAndNoticeItsEndAtOnce() throws Exception {
        listener.add(controller);

        assertThat(get(voters.heartbeat(2, SIGN)))
                .isEqualTo(new VoterAnswer.Given<>(new HeartbeatReply(9, true, true)));
        assertThat(get(voters.heartbeat(2, SIGN)))
                .isInstanceOfSatisfying(
                        VoterAnswer.Refused.class, r -> assertThat(r.hint()).isEqualTo(3));
        assertThat(controller.heartbeats).containsExactly(SIGN, SIGN);

        listener.close();

        await().until(() -> broken.equals(List.of(2)));
    }

    @Test
    void shouldLetTheControllerNoticeTheEndOfTheStream() throws Exception {
        listener.add(controller);
        get(voters.heartbeat(2, SIGN));

        voters.close();

        assertThat(controller.ended.get(10, TimeUnit.SECONDS)).isEqualTo("broke");
    }

    @Test
    void shouldTellAProcessThatIsGoneFromOneThatIsThere() throws Exception {
        NodeDialler dialler = new NodeDialler(1, channels, dials);
        BrokerRef other = new BrokerRef(2, 8);

        assertThat(get(dialler.dial(other))).isEqualTo(DialResult.ANSWERED);
        assertThat(get(dialler.dial(new BrokerRef(9, 1)))).isEqualTo(DialResult.SILENT);
        listener.close();
        assertThat(get(dialler.dial(other))).isEqualTo(DialResult.REFUSED);
    }

    @Test
    void shouldTakeAConnectionThatIsCutForAProcessThatIsGone() throws Exception {
        try (ServerSocket proxy = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            dials.execute(() -> {
                try {
                    proxy.accept().close();
                } catch (java.io.IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            assertThat(NodeDialler.connect(new HostPort("127.0.0.1", proxy.getLocalPort())))
                    .isEqualTo(DialResult.RESET);
        }
    }

    @Test
    void shouldBringWhatAReplicaHas() throws Exception {
        ReplicaAnswer has = new ReplicaAnswer.Report(new ReplicaReport(3, 100, 90));
        listener.add(new ReplicaGrpcService((epoch, id) -> switch ((int) epoch) {
            case 8 -> id.equals(REPLICA) ? has : new ReplicaAnswer.Unreachable();
            case 9 -> new ReplicaAnswer.Unusable("damaged");
            default -> new ReplicaAnswer.Unreachable();
        }));
        NodeDialler dialler = new NodeDialler(1, channels, dials);

        assertThat(get(dialler.report(new BrokerRef(2, 8), REPLICA))).isEqualTo(has);
        assertThat(get(dialler.report(new BrokerRef(2, 9), REPLICA))).isEqualTo(new ReplicaAnswer.Unusable("damaged"));
        assertThat(get(dialler.report(new BrokerRef(2, 7), REPLICA))).isEqualTo(new ReplicaAnswer.Unreachable());
        assertThat(get(dialler.report(new BrokerRef(7, 8), REPLICA))).isEqualTo(new ReplicaAnswer.Unreachable());
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(10, TimeUnit.SECONDS);
    }
}
