// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import io.varve.node.bootstrap.PartitionsStep.ChangeBell;
import io.varve.node.bootstrap.StartFailure.Reason;
import io.varve.node.config.HostPort;
import io.varve.node.config.LoadedConfig;
import io.varve.node.config.NodeConfig;
import io.varve.node.http.NodeHealth;
import io.varve.node.metrics.CallMetrics;
import io.varve.node.metrics.NodeGauges;
import io.varve.node.metrics.NodeMetrics;
import io.varve.node.metrics.PartitionMetrics;
import io.varve.node.upkeep.DiskWatch;
import io.varve.storage.file.FileStore;
import io.varve.storage.file.RealFiles;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node: the list of its steps, and what surrounds them. A process may run several, on different ports and
 * directories. <i>Thread-safe.</i>
 */
public final class ClusterNode implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ClusterNode.class);
    private static final String COMPONENT = "node";

    private final NodeConfig config;
    private final NodeHealth health = new NodeHealth();
    private final NodeMetrics metrics;
    private final ChangeBell changes = new ChangeBell();
    private final DiskWatch disk;
    private final HttpStep http;
    private final BrokerStep broker;
    private final PartitionsStep partitions;
    private final ListenersStep listeners;
    private final StepSequence steps;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final AtomicReference<StartFailure> failure = new AtomicReference<>();
    private volatile boolean serving; // volatile: set by the starting thread, read by whoever stops
    private volatile boolean stopWanted; // volatile: set by whoever stops, read by the starting thread

    private ClusterNode(LoadedConfig loaded, FileStore files) {
        this.config = loaded.config();
        this.metrics = new NodeMetrics(config.identity().id(), Version.CURRENT);
        this.http = new HttpStep(config.network().httpBind(), health, metrics);
        var addresses = new AddressesStep(config);
        var threads = new ThreadsStep(config);
        this.disk = new DiskWatch(
                config.disk(),
                config.identity().id(),
                config.storage().directory(),
                health,
                why -> threads.loops().diskFull(why.orElse(null)));
        var data = new DataDirectoryStep(config, files);
        var peers = new PeerListenerStep(config, addresses, threads);
        var quorum = new QuorumStep(config, addresses, threads, data, peers, health, () -> stopWanted);
        var metadata = new MetadataStep(config.identity().id(), addresses, peers, quorum, this::metadataDiverged);
        var controller = new ControllerStep(config, threads, addresses, peers, metadata, this::quorumDied);
        this.broker = new BrokerStep(
                config, new Reachable(addresses, peers), data, metadata, controller, () -> stopWanted, this::fail);
        broker.onOffline(disk::failed);
        var base = new Foundation(config, threads, data, peers, metadata, controller, broker);
        var push = new PushStep(base);
        this.partitions = new PartitionsStep(base, push, changes, () -> stopWanted, this::metadataLost);
        var upkeep = new UpkeepStep(config, data, partitions, disk);
        var scrub = new ScrubStep(config.storage().scrub(), data, metrics);
        var services = new ServicesStep(base, partitions, changes, disk, loaded.settings());
        this.listeners = new ListenersStep(config, addresses, threads, services, new CallMetrics(metrics.registry()));
        this.steps = new StepSequence(
                List.of(
                        http,
                        addresses,
                        threads,
                        data,
                        peers,
                        quorum,
                        metadata,
                        controller,
                        broker,
                        push,
                        partitions,
                        upkeep,
                        scrub,
                        services,
                        listeners),
                step -> health.report(COMPONENT, "STARTING", "the node is starting: " + step));
    }

    /** A node that is not started. */
    public static ClusterNode of(LoadedConfig loaded) {
        return new ClusterNode(loaded, new RealFiles());
    }

    /** A node that cannot tell where its settings come from, for tests. */
    public static ClusterNode of(NodeConfig config) {
        return of(config, new RealFiles());
    }

    /** The same with its logs on another kind of file system, for tests of what becomes of them. */
    public static ClusterNode of(NodeConfig config, FileStore files) {
        return new ClusterNode(new LoadedConfig(config, List.of()), files);
    }

    /**
     * Starts all parts; takes requests when it returns.
     *
     * @throws StartFailure when the operator can do something about it
     */
    public void start() throws Exception {
        try {
            if (!steps.start()) {
                return;
            }
        } catch (StartFailure e) {
            StartFailure cause = failure.get(); // the step ended because the node is to stop: this is why
            throw cause == null ? e : cause;
        }
        bindMetrics();
        health.clear(COMPONENT);
        serving = true;
        LOG.info(
                "node {} ready in {} ms: {} http {}",
                config.identity().id(),
                Uptime.millis(),
                listeners.describe(),
                http.address());
    }

    /** Stops all parts. Safe to call twice, during the start, and from any thread. */
    public void stop() {
        stopWanted = true;
        health.report(COMPONENT, "STOPPING", "the node is shutting down");
        leave();
        steps.stop();
        metrics.close();
        stopped.countDown();
    }

    /** While everything still works, and not if the node stops because something does not. */
    private void leave() {
        if (!serving || failure.get() != null) {
            return;
        }
        serving = false;
        try {
            broker.leave();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns when the node has been stopped. */
    public void awaitStopped() throws InterruptedException {
        stopped.await();
    }

    /** Why the node stopped by itself. */
    public Optional<StartFailure> failure() {
        return Optional.ofNullable(failure.get());
    }

    /** The HTTP port that was bound. */
    public int httpPort() {
        return http.address().port();
    }

    /** Where a listener listens, with the port that was bound. */
    public HostPort address(String listener) {
        return listeners.bound(listener);
    }

    @Override
    public void close() {
        stop();
    }

    private void bindMetrics() {
        var perPartition = new PartitionMetrics(partitions.partitions().table());
        perPartition.bindCounts(metrics.registry());
        metrics.collect(perPartition);
        NodeGauges.bindDisk(metrics.registry(), disk);
        NodeGauges.bindMetadata(metrics.registry(), partitions.partitions().follower());
        NodeGauges.bindChunks(metrics.registry());
        metrics.bindProcess();
    }

    private void quorumDied(Throwable cause) {
        LOG.error("this node's voter of the metadata quorum is dead, the node stops", cause);
        fail(new StartFailure(
                Reason.QUORUM_UNAVAILABLE,
                "the metadata quorum's voter on this node failed: " + withRoot(cause),
                "see to the disk of raft.directory and start the node again",
                cause));
    }

    /** Ratis names its own class first, and what the system said last. */
    private static String withRoot(Throwable cause) {
        Throwable root = cause;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root == cause ? String.valueOf(cause.getMessage()) : cause.getMessage() + ": " + root.getMessage();
    }

    private void metadataLost(Throwable cause) {
        fail(new StartFailure(
                Reason.UNKNOWN_SERVER_ERROR,
                "what the metadata say cannot be done on this node: " + cause,
                "the node's log has the details; start it again",
                cause));
    }

    private void metadataDiverged(String detail) {
        fail(new StartFailure(
                Reason.DIRECTORY_FOREIGN,
                "the metadata that this node has is not this cluster's: " + detail,
                "look whether quorum.voters names another cluster"));
    }

    /** Stops the node by itself; its process ends with the reason. */
    private void fail(StartFailure why) {
        if (failure.compareAndSet(null, why)) {
            health.reportFatal(COMPONENT, why.reason().name(), String.valueOf(why.getMessage()));
            Thread stopper = new Thread(this::stop, "stop-after-failure");
            stopper.setDaemon(true);
            stopper.start();
        }
    }
}
