// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.ratis;

import io.varve.metadata.ApplyReply;
import io.varve.metadata.MetadataRejection;
import io.varve.metadata.QuorumListener;
import io.varve.metadata.command.CommandBody;
import io.varve.metadata.command.MetadataCommand;
import io.varve.metadata.image.FeatureRange;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.machine.World;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A real voter in a temporary directory, for tests. */
final class Voter implements AutoCloseable {

    static final RaftIdentity IDENTITY = new RaftIdentity(World.uuid("cluster"), 1, World.uuid("dir1"));

    final RatisQuorum quorum;
    final CompletableFuture<Long> ready = new CompletableFuture<>();
    final CompletableFuture<Throwable> fatal = new CompletableFuture<>();

    final AtomicInteger resets = new AtomicInteger();

    private Voter(RatisQuorum quorum) {
        this.quorum = quorum;
        quorum.addListener(new QuorumListener() {
            @Override
            public void onLeaderReady(long term) {
                ready.complete(term);
            }

            @Override
            public void onImageReset(MetadataImage image) {
                resets.incrementAndGet();
            }

            @Override
            public void onFatal(Throwable cause) {
                fatal.complete(cause);
            }
        });
    }

    static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    static RaftSettings settings(Path directory, RaftIdentity identity, int port) {
        return new RaftSettings(
                identity,
                directory,
                "127.0.0.1",
                port,
                List.of(new RaftSettings.Voter(identity.nodeId(), identity.directoryId(), "127.0.0.1", port)),
                RaftSettings.Tuning.DEFAULT);
    }

    /** Starts without waiting. */
    static Voter start(RaftSettings settings) {
        return new Voter(RatisQuorum.start(settings));
    }

    /** Formats, starts, and waits until it leads. */
    static Voter lead(Path directory) throws Exception {
        RaftDirectory.format(directory, IDENTITY);
        var voter = start(settings(directory, IDENTITY, freePort()));
        voter.ready.get(20, TimeUnit.SECONDS);
        return voter;
    }

    ApplyReply apply(CommandBody body) throws Exception {
        return quorum.submit(MetadataCommand.unfenced(body)).get(20, TimeUnit.SECONDS);
    }

    /** Registers node 1 and unfences it, creates a topic. */
    void populate(String topic) throws Exception {
        var registration = new CommandBody.RegisterBroker(
                1,
                new io.varve.metadata.image.BrokerImage.Identity(World.uuid("dir1"), World.uuid("i")),
                List.of(),
                "",
                FeatureRange.SUPPORTED,
                0,
                true,
                List.of());
        long epoch = apply(registration).index();
        apply(new CommandBody.UnfenceBroker(new io.varve.metadata.command.BrokerRef(1, epoch)));
        create(topic);
    }

    void create(String topic) throws Exception {
        apply(new CommandBody.CreateTopics(List.of(new CommandBody.TopicToCreate(
                topic, World.uuid(topic), 2, 1, new java.util.TreeMap<>(), CommandBody.Placement.seeded(1), false))));
    }

    static MetadataRejection rejection(Throwable t) {
        return t instanceof MetadataRejection r
                ? r
                : (MetadataRejection) java.util.Objects.requireNonNull(t.getCause());
    }

    /** What a kill -9 at this moment would leave. */
    static void copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (var file : files.toList()) {
                var target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }

    @Override
    public void close() {
        quorum.close();
    }
}
