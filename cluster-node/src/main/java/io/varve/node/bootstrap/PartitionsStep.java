// SPDX-License-Identifier: Apache-2.0
package io.varve.node.bootstrap;

import io.netty.buffer.PooledByteBufAllocator;
import io.varve.metadata.Controller;
import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.CommandBody;
import io.varve.metadata.command.CommandBody.ReportDamage;
import io.varve.metadata.command.CommandBody.ReportFreshStart;
import io.varve.metadata.command.CommandBody.ResignLeadership;
import io.varve.node.bootstrap.StartFailure.Reason;
import io.varve.node.broker.BrokerSession;
import io.varve.node.control.ReplicaGrpcService;
import io.varve.node.partition.DamagedReplicas;
import io.varve.node.partition.NodePartitions;
import io.varve.node.partition.ReplicaReports;
import io.varve.node.partition.Resignations;
import io.varve.replication.NodeFacts;
import io.varve.replication.PartitionRuntime;
import io.varve.replication.replica.Resignation;
import io.varve.storage.LogId;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes up this node's replicas from the image, is unfenced by the controller, and leads what it is given. */
final class PartitionsStep implements NodeStep {

    private static final Logger LOG = LoggerFactory.getLogger(PartitionsStep.class);
    private static final long LOOK_MILLIS = 100;
    private static final long COMPLAIN_LOOKS = 50;

    private final Foundation base;
    private final PushStep push;
    private final ChangeBell changes;
    private final BooleanSupplier stopWanted;
    private final Consumer<Throwable> onFatal;
    private volatile @Nullable NodePartitions partitions; // written at the start, read by loops

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

    /**
     * @param stopWanted asked while the quorum is waited for
     * @param onFatal hears when this node's replicas can follow the metadata no further
     */
    PartitionsStep(
            Foundation base,
            PushStep push,
            ChangeBell changes,
            BooleanSupplier stopWanted,
            Consumer<Throwable> onFatal) {
        this.base = base;
        this.push = push;
        this.changes = changes;
        this.stopWanted = stopWanted;
        this.onFatal = onFatal;
    }

    @Override
    public String name() {
        return "partitions";
    }

    @Override
    public void start() throws Exception {
        BrokerSession session = base.broker().session();
        DamagedReplicas damaged = new DamagedReplicas(() -> base.broker().broker(), PartitionsStep.this::reportDamage);
        Resignations resignations = new Resignations(base.threads().timer(), new ToController(), damaged::found);
        PartitionRuntime runtime = new PartitionRuntime(
                base.threads().loops(),
                base.threads().coldReads(),
                PooledByteBufAllocator.DEFAULT,
                resignations,
                new Facts(),
                push.push());
        NodePartitions made = new NodePartitions(
                base.config().identity().id(),
                base.data().directory(),
                runtime,
                damaged,
                image -> {
                    push.imageApplied(image);
                    session.imageApplied(image);
                    changes.ring();
                },
                onFatal);
        partitions = made;
        push.carry(made);
        base.broker().onIsolated(base.threads().loops()::isolated);
        var reports = new ReplicaReports(
                base.data().directory(),
                made.table(),
                () -> base.broker().broker().brokerEpoch());
        base.peers().listener().add(new ReplicaGrpcService(reports::report));
        // What the image does not know is set aside: one that has this registration knows all that came before it.
        awaited(base.controller().images().reached(base.broker().broker().brokerEpoch()), "bring it the metadata");
        made.follow(base.metadata().source());
        awaited(session.unfenced(), "let it take part");
    }

    NodePartitions partitions() {
        return Objects.requireNonNull(partitions);
    }

    @Override
    public void stop() throws Exception {
        NodePartitions made = partitions;
        if (made != null) {
            made.close();
        }
    }

    /** As long as it takes: a voter that gave up would be missed by the quorum that it waits for. */
    private void awaited(CompletableFuture<Void> step, String what) throws Exception {
        int nodeId = base.config().identity().id();
        for (long looks = 1; ; looks++) {
            try {
                step.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                return;
            } catch (TimeoutException e) {
                if (stopWanted.getAsBoolean()) {
                    throw new StartFailure(
                            Reason.QUORUM_UNAVAILABLE,
                            "node %d: stopped before the quorum could %s".formatted(nodeId, what),
                            "");
                }
                if (looks % COMPLAIN_LOOKS == 0) {
                    LOG.warn("node {}: waiting for the quorum to {}", nodeId, what);
                }
            }
        }
    }

    private CompletableFuture<Void> reportDamage(CommandBody report) {
        Controller controller = base.controller().controller();
        return report instanceof ReportDamage damage
                ? controller.reportDamage(damage)
                : controller.reportFreshStart((ReportFreshStart) report);
    }

    /** What its partitions know of this node. */
    private final class Facts implements NodeFacts {

        private final AtomicLong sessions = new AtomicLong();

        @Override
        public long brokerEpoch() {
            return base.broker().broker().brokerEpoch();
        }

        @Override
        public long metadataIndex() {
            NodePartitions made = partitions;
            return made == null ? -1 : made.follower().appliedIndex();
        }

        @Override
        public long nextSession() {
            return sessions.incrementAndGet();
        }
    }

    /** What replicas have to say to the controller. */
    private final class ToController implements Resignations.Controller {
        @Override
        public CompletableFuture<?> resign(LogId replica, Resignation resignation) {
            BrokerRef self = base.broker().broker();
            return base.controller()
                    .controller()
                    .resignLeadership(new ResignLeadership(
                            self,
                            replica.topicId(),
                            replica.partition(),
                            resignation.leaderEpoch(),
                            resignation.reason().name(),
                            resignation.reopened(),
                            resignation.recordsLost()));
        }
    }
}
