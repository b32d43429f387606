// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.runtime;

import io.varve.metadata.ApplyReply;
import io.varve.metadata.BrokerHeartbeat;
import io.varve.metadata.HeartbeatReply;
import io.varve.metadata.MetadataQuorum;
import io.varve.metadata.MetadataRejection;
import io.varve.metadata.QuorumListener;
import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.MetadataCommand;
import io.varve.metadata.controller.BrokerPort;
import io.varve.metadata.controller.CommandPort;
import io.varve.metadata.controller.CommandPort.Completion;
import io.varve.metadata.controller.ContactTimes;
import io.varve.metadata.controller.Contacts;
import io.varve.metadata.controller.ControllerCore;
import io.varve.metadata.controller.ControllerSettings;
import io.varve.metadata.controller.DialResult;
import io.varve.metadata.controller.HeartbeatAnswer;
import io.varve.metadata.controller.ReplicaAnswer;
import io.varve.metadata.image.ReplicaId;
import io.varve.proto.v1.ErrorReason;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one thread on which {@link ControllerCore} lives. *Thread-safe.* */
final class ControllerThread implements QuorumListener, CommandPort, BrokerPort {

    private static final Logger LOG = LoggerFactory.getLogger(ControllerThread.class);

    private final MetadataQuorum quorum;
    private final int nodeId;
    private final NodeReach nodes;
    private final Contacts contacts = new ContactTimes(new ConcurrentHashMap<>()); // noted by every thread
    private final ControllerCore core; // touched on the executor only
    private final ControllerSettings settings;
    private final ScheduledExecutorService executor;
    // Losses of leadership, as reported and as the loop knows them: while they differ this controller is inactive,
    // whatever the loop still believes.
    private final AtomicLong lossesReported = new AtomicLong();
    private volatile long lossesKnown; // volatile: written by the loop, read by every thread
    private volatile long activeTerm; // volatile: written by the loop, read by every thread

    ControllerThread(
            MetadataQuorum quorum, int nodeId, UUID incarnation, ControllerSettings settings, NodeReach nodes) {
        this.nodes = nodes;
        this.quorum = quorum;
        this.nodeId = nodeId;
        this.settings = settings;
        this.core = new ControllerCore(nodeId, incarnation, this, this, quorum::image, contacts, settings);
        this.executor = Executors.newSingleThreadScheduledExecutor(task -> {
            var thread = new Thread(task, "controller");
            thread.setDaemon(true);
            return thread;
        });
    }

    void start() {
        quorum.addListener(this);
        long period = settings.tick().toNanos();
        executor.scheduleAtFixedRate(
                () -> run(() -> core.tick(System.nanoTime())), period, period, TimeUnit.NANOSECONDS);
    }

    @Override
    public void onLeaderReady(long term) {
        post(() -> core.onLeaderReady(term, System.nanoTime()));
    }

    @Override
    public void onNotLeader() {
        long losses = lossesReported.incrementAndGet();
        post(() -> {
            core.onNotLeader();
            activeTerm = 0; // before the loss counts as known
            lossesKnown = losses;
        });
    }

    @Override
    public void onFatal(Throwable cause) {
        onNotLeader();
    }

    boolean isActive() {
        return activeTerm() != 0;
    }

    /** 0 while this controller is not active. */
    long activeTerm() {
        return lossesKnown == lossesReported.get() ? activeTerm : 0;
    }

    /** Noted at once, so that a busy loop never makes a node look silent; answered by the loop. */
    CompletableFuture<HeartbeatReply> heartbeat(BrokerHeartbeat heartbeat) {
        if (!isActive()) {
            return CompletableFuture.failedFuture(notController());
        }
        long nowNanos = System.nanoTime();
        contacts.touch(heartbeat.broker(), nowNanos);
        var answer = new CompletableFuture<HeartbeatReply>();
        if (!post(() -> answer(answer, core.onHeartbeat(heartbeat, nowNanos)))) {
            answer.completeExceptionally(notController());
        }
        return answer;
    }

    private static void answer(CompletableFuture<HeartbeatReply> future, HeartbeatAnswer answer) {
        if (answer instanceof HeartbeatAnswer.Accepted a) {
            future.complete(a.reply());
        } else if (answer instanceof HeartbeatAnswer.Refused r) {
            future.completeExceptionally(r.rejection());
        }
    }

    void heartbeatsBrokeOff(BrokerRef broker) {
        post(() -> core.onHeartbeatStreamBroken(broker, System.nanoTime()));
    }

    @Override
    public void dial(BrokerRef broker) {
        var unused = nodes.dial(broker).exceptionally(e -> DialResult.SILENT).thenAccept(result -> {
            boolean accepted = post(() -> core.onDialed(broker, result, System.nanoTime()));
            LOG.trace("node {} was dialled: {}, noted {}", broker.nodeId(), result, accepted);
        });
    }

    @Override
    public void askReplica(BrokerRef broker, ReplicaId replica) {
        var unused = nodes.report(broker, replica)
                .exceptionally(e -> new ReplicaAnswer.Unreachable())
                .thenAccept(report -> {
                    boolean accepted = post(() -> core.onReplicaReport(broker, replica, report, System.nanoTime()));
                    LOG.debug("node {} has {} of {}, noted {}", broker.nodeId(), report, replica, accepted);
                });
    }

    void execute(MetadataCommand command, Completion completion) {
        if (!isActive()) {
            completion.failed(notController());
        } else if (!post(() -> core.execute(command, completion))) {
            completion.failed(notController());
        }
    }

    MetadataRejection notController() {
        int leader = quorum.leader().nodeId();
        return MetadataRejection.notApplied(
                ErrorReason.ERROR_REASON_NOT_CONTROLLER,
                "node " + nodeId + " is not the active controller"
                        + (leader == 0 || leader == nodeId ? ", there is none yet" : ", node " + leader + " is"));
    }

    /** The port of the core. */
    @Override
    public void submit(MetadataCommand command, Completion completion) {
        var unused = quorum.submit(command).whenComplete((reply, failure) -> {
            if (!post(() -> answer(completion, reply, failure))) {
                answer(completion, null, closed());
            }
        });
    }

    private static void answer(Completion completion, @Nullable ApplyReply reply, @Nullable Throwable failure) {
        if (reply != null) {
            completion.applied(reply);
            return;
        }
        var cause = failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        completion.failed(
                cause instanceof MetadataRejection rejection
                        ? rejection
                        : MetadataRejection.indeterminate(
                                ErrorReason.ERROR_REASON_UNKNOWN_SERVER_ERROR, "the metadata quorum failed: " + cause));
    }

    private static MetadataRejection closed() {
        return MetadataRejection.indeterminate(ErrorReason.ERROR_REASON_NOT_CONTROLLER, "this node is shutting down");
    }

    /** Whether it will be run. */
    private boolean post(Runnable event) {
        try {
            executor.execute(() -> run(event));
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    private void run(Runnable event) {
        try {
            event.run();
        } catch (RuntimeException e) {
            LOG.error("the controller failed on an event", e);
        }
        long before = activeTerm;
        activeTerm = core.activeTerm();
        if (before != activeTerm) {
            LOG.info(
                    "node {} is {}",
                    nodeId,
                    activeTerm == 0
                            ? "no longer the active controller"
                            : "the active controller in term " + activeTerm);
        }
    }

    void close() {
        post(core::onNotLeader);
        executor.shutdown();
        try {
            if (!executor.awaitTermination(1, TimeUnit.SECONDS)) {
                LOG.warn("the controller's thread is still busy");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
