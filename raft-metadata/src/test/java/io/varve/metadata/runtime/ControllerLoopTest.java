// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.varve.metadata.BrokerHeartbeat;
import io.varve.metadata.MetadataRejection;
import io.varve.metadata.NewTopicSpec;
import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.CommandBody.RegisterBroker;
import io.varve.metadata.command.MetadataCommand;
import io.varve.metadata.controller.ControllerSettings;
import io.varve.metadata.image.BrokerImage;
import io.varve.metadata.image.CommandResult;
import io.varve.metadata.image.CommandResult.ProducerIds;
import io.varve.metadata.image.CommandResult.TopicResult;
import io.varve.metadata.image.FeatureRange;
import io.varve.metadata.image.MetadataError;
import io.varve.metadata.machine.World;
import io.varve.metadata.ratis.RaftDirectory;
import io.varve.metadata.ratis.RaftIdentity;
import io.varve.metadata.ratis.RaftSettings;
import io.varve.metadata.ratis.RatisQuorum;
import io.varve.proto.v1.ErrorReason;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
@SuppressWarnings("NullAway.Init")
class ControllerLoopTest {

    private static final RaftIdentity IDENTITY = new RaftIdentity(World.uuid("cluster"), 1, World.uuid("dir1"));

    @TempDir
    Path directory;

    private RatisQuorum quorum;
    private ControllerLoop controller;
    private ControllerCalls calls;

    @BeforeEach
    void start() throws Exception {
        RaftDirectory.format(directory, IDENTITY);
        int port;
        try (var socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            port = socket.getLocalPort();
        }
        quorum = RatisQuorum.start(new RaftSettings(
                IDENTITY,
                directory,
                "127.0.0.1",
                port,
                List.of(new RaftSettings.Voter(1, IDENTITY.directoryId(), "127.0.0.1", port)),
                RaftSettings.Tuning.DEFAULT));
        controller =
                ControllerLoop.start(quorum, 1, ControllerSettings.ofSession(Duration.ofSeconds(1)), NodeReach.NONE);
        calls = new ControllerCalls(controller, quorum);
        await().pollInterval(Duration.ofMillis(5)).until(controller::isActive);
    }

    @AfterEach
    void stop() {
        controller.close();
        quorum.close();
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(10, TimeUnit.SECONDS);
    }

    private BrokerRef register(long previous) throws Exception {
        var registration = new RegisterBroker(
                1,
                new BrokerImage.Identity(World.uuid("dir1"), World.uuid("i" + previous)),
                List.of(),
                "",
                FeatureRange.SUPPORTED,
                previous,
                false,
                List.of());
        var reply = get(controller.execute(MetadataCommand.unfenced(registration)));
        return new BrokerRef(1, ((CommandResult.BrokerRegistered) reply.result()).brokerEpoch());
    }

    private boolean fenced() {
        return quorum.image().broker(1).orElseThrow().fenced();
    }

    private static MetadataError error(TopicResult result) {
        return result.error().orElseThrow();
    }

    @Test
    void shouldTakeNodeFromRegistrationToTopicsAndFenceItForSilence() throws Exception {
        assertThat(quorum.image().controller().nodeId()).isEqualTo(1);
        // when it registers, it is fenced until it has caught up
        var ref = register(0);
        assertThat(fenced()).isTrue();
        assertThat(get(controller.heartbeat(new BrokerHeartbeat(ref, ref.brokerEpoch() - 1, false, false)))
                        .fenced())
                .isTrue();
        get(controller.heartbeat(new BrokerHeartbeat(ref, ref.brokerEpoch(), false, false)));
        await().pollInterval(Duration.ofMillis(5)).until(() -> !fenced());
        // then topics can be made, but first only tried
        var spec = NewTopicSpec.of("orders", 3, 0, Map.of());
        assertThat(get(calls.createTopics(List.of(spec), true)).get(0).error()).isEmpty();
        assertThat(quorum.image().topic("orders")).isEmpty();
        var results = get(calls.createTopics(List.of(spec, NewTopicSpec.of("x", 0, 0, Map.of())), false));
        assertThat(results.get(0).topicId())
                .isEqualTo(quorum.image().topic("orders").orElseThrow().id());
        assertThat(error(results.get(1)).reason()).isEqualTo(ErrorReason.ERROR_REASON_INVALID_PARTITIONS);
        assertThat(get(calls.allocateProducerIds(1, ref.brokerEpoch()))).isEqualTo(new ProducerIds(0, 1000));
        assertThat(get(calls.createPartitions("orders", 5)).partitions()).isEqualTo(5);
        SortedMap<String, Optional<String>> changes = new TreeMap<>(Map.of("retention.ms", Optional.of("1000")));
        assertThat(get(calls.alterConfigs("orders", changes, true)).error()).isEmpty();
        assertThat(quorum.image().topic("orders").orElseThrow().configs()).isEmpty();
        assertThat(get(calls.alterConfigs("orders", changes, false)).error()).isEmpty();
        assertThat(quorum.image().topic("orders").orElseThrow().configs()).containsEntry("retention.ms", "1000");
        changes.put("retention.msec", Optional.of("1"));
        assertThatThrownBy(() -> get(calls.alterConfigs("orders", changes, true)))
                .hasMessageContaining("INVALID_CONFIG");
        // and deleted by name
        var deleted = get(calls.deleteTopics(List.of("x", "orders", "__groups")));
        assertThat(error(deleted.get(0)).message()).isEqualTo("there is no topic x");
        assertThat(deleted.get(1).error()).isEmpty();
        // when it falls silent
        await().atMost(Duration.ofSeconds(5)).until(this::fenced);
    }

    @Test
    void shouldSupersedeOldIncarnation() throws Exception {
        var old = register(0);
        var current = register(old.brokerEpoch());
        assertThatThrownBy(
                        () -> get(controller.heartbeat(new BrokerHeartbeat(old, current.brokerEpoch(), false, false))))
                .hasCauseInstanceOf(MetadataRejection.class)
                .hasMessageContaining("STALE_BROKER_EPOCH");
        assertThatThrownBy(() -> get(calls.allocateProducerIds(1, old.brokerEpoch())))
                .hasMessageContaining("STALE_BROKER_EPOCH");
    }

    @Test
    void shouldRefuseEverythingOnceClosed() throws Exception {
        var ref = register(0);
        controller.close();
        await().until(() -> !controller.isActive());
        assertThatThrownBy(() -> get(controller.heartbeat(new BrokerHeartbeat(ref, 1, false, false))))
                .hasMessageContaining("NOT_CONTROLLER");
        assertThatThrownBy(() -> get(calls.createTopics(List.of(), false))).hasMessageContaining("NOT_CONTROLLER");
    }
}
