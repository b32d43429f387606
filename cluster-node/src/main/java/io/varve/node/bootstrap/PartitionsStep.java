// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import io.netty.buffer.PooledByteBufAllocator;
import io.varve.metadata.Controller;
import io.varve.metadata.MetadataQuorum;
import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.CommandBody.ResignLeadership;
import io.varve.node.bootstrap.StartFailure.Reason;
import io.varve.node.broker.BrokerSession;
import io.varve.node.config.NodeConfig;
import io.varve.node.partition.NodePartitions;
import io.varve.node.partition.Resignations;
import io.varve.node.partition.Resignations.Resignation;
import io.varve.node.partition.UncleanRecovery;
import io.varve.replication.PartitionRuntime;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Takes up this node's replicas from the image, is unfenced by the controller, and leads what it is given. */
final class PartitionsStep implements NodeStep {

    private static final long UNFENCE_SECONDS = 60;

    private final NodeConfig config;
    private final ThreadsStep threads;
    private final DataDirectoryStep data;
    private final Supplier<MetadataQuorum> quorum;
    private final Supplier<Controller> controller;
    private final BrokerStep broker;
    private final ChangeBell changes;
    private final Runnable onSuperseded;
    private @Nullable NodePartitions partitions;
    private @Nullable BrokerSession session;

    /** What rings after every change of the metadata that was taken up; others listen. */
    static final class ChangeBell {

        // volatile: set once during start-up by another thread than the one that rings
        private volatile Runnable listener = () -> {};

        void listen(Runnable next) {
            Runnable before = listener;
            listener = () -> {
                before.run();
                next.run();
            };
        }

        void ring() {
            listener.run();
        }
    }

    PartitionsStep(
            NodeConfig config,
            ThreadsStep threads,
            DataDirectoryStep data,
            QuorumStep quorum,
            Supplier<Controller> controller,
            BrokerStep broker,
            ChangeBell changes,
            Runnable onSuperseded) {
        this.config = config;
        this.threads = threads;
        this.data = data;
        this.quorum = quorum::quorum;
        this.controller = controller;
        this.broker = broker;
        this.changes = changes;
        this.onSuperseded = onSuperseded;
    }

    @Override
    public String name() {
        return "partitions";
    }

    @Override
    public void start() throws Exception {
        Resignations resignations = new Resignations(threads.timer(), quorum.get()::image, this::resign);
        PartitionRuntime runtime = new PartitionRuntime(
                threads.loops(), threads.coldReads(), PooledByteBufAllocator.DEFAULT, resignations);
        NodePartitions made = new NodePartitions(config.identity().id(), data.directory(), runtime, changes::ring);
        partitions = made;
        BrokerSession started = new BrokerSession(
                controller.get(),
                broker.broker(),
                made.follower()::appliedIndex,
                threads.timer(),
                config.cluster().membership().heartbeatInterval(),
                onSuperseded);
        session = started;
        changes.listen(() -> started.imageApplied(quorum.get().image()));
        UncleanRecovery recovery =
                new UncleanRecovery(broker.broker(), quorum.get()::image, made.table(), controller.get()::electLeaders);
        changes.listen(recovery::check);
        made.follow(quorum.get());
        made.follower().whenApplied(broker.broker().brokerEpoch()).get(UNFENCE_SECONDS, TimeUnit.SECONDS);
        started.start();
        awaitUnfenced(started);
    }

    NodePartitions partitions() {
        return Objects.requireNonNull(partitions);
    }

    BrokerSession session() {
        return Objects.requireNonNull(session);
    }

    @Override
    public void stop() throws Exception {
        if (session != null) {
            session.close();
        }
        if (partitions != null) {
            partitions.close();
        }
    }

    private void awaitUnfenced(BrokerSession started) throws Exception {
        try {
            started.unfenced().get(UNFENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new StartFailure(
                    Reason.QUORUM_UNAVAILABLE,
                    "the controller did not let node %d take part within %d s"
                            .formatted(config.identity().id(), UNFENCE_SECONDS),
                    "look into the log of the active controller",
                    e);
        }
    }

    private CompletableFuture<?> resign(Resignation resignation) {
        BrokerRef self = broker.broker();
        return controller
                .get()
                .resignLeadership(new ResignLeadership(
                        self,
                        resignation.replica().topicId(),
                        resignation.replica().partition(),
                        resignation.leaderEpoch(),
                        resignation.reason().name(),
                        resignation.reopened(),
                        resignation.recordsLost()));
    }
}
