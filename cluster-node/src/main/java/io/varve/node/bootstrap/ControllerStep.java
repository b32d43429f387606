// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import io.varve.metadata.Controller;
import io.varve.metadata.MetadataQuorum;
import io.varve.metadata.MetadataSource;
import io.varve.metadata.QuorumListener;
import io.varve.metadata.controller.ControllerSettings;
import io.varve.metadata.runtime.ControllerCalls;
import io.varve.metadata.runtime.ControllerLoop;
import io.varve.metadata.runtime.IndexWait;
import io.varve.node.config.NodeConfig;
import io.varve.node.config.VoterAddress;
import io.varve.node.control.ControllerGrpcService;
import io.varve.node.control.NodeDialler;
import io.varve.node.control.RoutedDoor;
import io.varve.node.control.VoterPort;
import io.varve.node.control.Voters;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The controller: this node's own, active while it leads the metadata quorum, and the way to whoever is active. */
final class ControllerStep implements NodeStep {

    /** How long one voter may take for one command. */
    private static final Duration ATTEMPT = Duration.ofSeconds(3);

    /** How long a command is carried about while there is no controller. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final int DIAL_THREADS = 8;

    private final NodeConfig config;
    private final ThreadsStep threads;
    private final PeerListenerStep peers;
    private final AddressesStep addresses;
    private final MetadataStep metadata;
    private final Consumer<Throwable> onFatal;
    private @Nullable ExecutorService dials;
    private @Nullable ControllerLoop here;
    private @Nullable Voters voters;
    private @Nullable IndexWait images;
    private @Nullable Controller controller;

    /** @param onFatal hears when this node's voter is dead */
    ControllerStep(
            NodeConfig config,
            ThreadsStep threads,
            AddressesStep addresses,
            PeerListenerStep peers,
            MetadataStep metadata,
            Consumer<Throwable> onFatal) {
        this.config = config;
        this.threads = threads;
        this.addresses = addresses;
        this.peers = peers;
        this.metadata = metadata;
        this.onFatal = onFatal;
    }

    @Override
    public String name() {
        return "controller";
    }

    @Override
    public void start() {
        metadata.voter().ifPresent(this::startHere);
        Voters asked = new Voters(config.identity().id(), order(), peers.channels(), here, ATTEMPT);
        voters = asked;
        MetadataSource source = metadata.source();
        IndexWait wait = IndexWait.on(source, threads.calls());
        images = wait;
        var door = new RoutedDoor(asked, source, wait, threads.timer(), PATIENCE);
        controller = new ControllerCalls(door, source);
    }

    private void startHere(MetadataQuorum quorum) {
        quorum.addListener(new QuorumListener() {
            @Override
            public void onFatal(Throwable cause) {
                onFatal.accept(cause);
            }
        });
        ExecutorService diallers = ThreadPools.fixed("dial", DIAL_THREADS);
        dials = diallers;
        ControllerLoop loop = ControllerLoop.start(
                quorum,
                config.identity().id(),
                ControllerSettings.ofSession(config.cluster().membership().sessionTimeout()),
                new NodeDialler(config.identity().id(), peers.channels(), diallers));
        here = loop;
        peers.listener().add(new ControllerGrpcService(loop));
    }

    /** Itself first, if it votes. */
    private List<Integer> order() {
        int self = config.identity().id();
        Stream<Integer> own = metadata.voter().isPresent() ? Stream.of(self) : Stream.empty();
        return Stream.concat(own, addresses.quorum().others(self).stream().map(VoterAddress::nodeId))
                .toList();
    }

    Controller controller() {
        return Objects.requireNonNull(controller);
    }

    /** For whoever needs this node's image to be at some index. */
    IndexWait images() {
        return Objects.requireNonNull(images);
    }

    VoterPort voters() {
        return Objects.requireNonNull(voters);
    }

    @Override
    public void stop() throws InterruptedException {
        if (voters != null) {
            voters.close();
        }
        if (here != null) {
            here.close();
        }
        if (dials != null) {
            ThreadPools.stop("dial", dials);
        }
    }
}
