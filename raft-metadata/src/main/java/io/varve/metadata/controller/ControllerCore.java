// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.controller;

import io.varve.metadata.ApplyReply;
import io.varve.metadata.BrokerHeartbeat;
import io.varve.metadata.HeartbeatReply;
import io.varve.metadata.MetadataRejection;
import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.CommandBody;
import io.varve.metadata.command.CommandBody.ActivateController;
import io.varve.metadata.command.CommandBody.BeginShutdown;
import io.varve.metadata.command.CommandBody.ElectLeaders;
import io.varve.metadata.command.CommandBody.ElectionType;
import io.varve.metadata.command.CommandBody.FenceBrokers;
import io.varve.metadata.command.CommandBody.NoOp;
import io.varve.metadata.command.CommandBody.PartitionToElect;
import io.varve.metadata.command.CommandBody.RegisterBroker;
import io.varve.metadata.command.CommandBody.ReportDamage;
import io.varve.metadata.command.CommandBody.TakeDirectoryOffline;
import io.varve.metadata.command.CommandBody.UnfenceBroker;
import io.varve.metadata.command.MetadataCommand;
import io.varve.metadata.controller.CommandPort.Completion;
import io.varve.metadata.image.BrokerImage;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.ReplicaId;
import io.varve.metadata.image.RequestId;
import io.varve.metadata.image.SnapshotCodec;
import io.varve.proto.v1.ErrorReason;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * The controller of one node. *Confined to the controller's loop.*
 *
 * <pre>
 * inactive   -> activating   this voter leads and has applied everything of earlier terms
 * activating -> active       its ActivateController, of this term, was applied: a majority answers in this term
 * activating, active -> inactive   this voter no longer leads; whatever is under way fails with NOT_CONTROLLER
 * </pre>
 *
 * <p>Everything it decides by itself carries the term in which it was activated, and is refused by the machine in any
 * other, so that a decision queued before a loss of leadership can do no harm after it.
 */
public final class ControllerCore {

    private static final long NONE = 0;

    // After a comparison that was not made; doubles, because a busy cluster may pass over many.
    private static final long COMPARE_AGAIN_NANOS = 1_000_000_000L;

    private final int nodeId;
    private final UUID incarnation;
    private final CommandPort port;
    private final Supplier<MetadataImage> image;
    private final Contacts contacts;
    private final LivenessRules liveness;
    private final Dialling dialling;
    private final ShutdownWatch shutdown = new ShutdownWatch();
    private final BalancedRecovery recovery;
    private final long compareNanos;

    // Invariant: at most one of the two is not NONE.
    private long activatingTerm = NONE;
    private long activeTerm = NONE;
    private boolean activationUnderWay;
    private final Set<Pending> pending = new LinkedHashSet<>();
    // Decisions under way, so that none is made twice at once.
    private final Set<CommandBody> deciding = new LinkedHashSet<>();
    private final Set<BrokerRef> fencing = new LinkedHashSet<>();
    // Where each registration was seen fenced last, and for all others where this controller began. No entry of an
    // earlier term comes after that, and nobody is unfenced here but after a look at it.
    private final Map<BrokerRef, Long> fencedIndex = new LinkedHashMap<>();
    private long begunIndex;
    private boolean electing;
    private boolean begun;
    private long nextCompareNanos;
    private long comparedIndex;
    private long compareAgainNanos = COMPARE_AGAIN_NANOS;

    /** @param image gives the newest that was applied on this node */
    public ControllerCore(
            int nodeId,
            UUID incarnation,
            CommandPort port,
            BrokerPort brokers,
            Supplier<MetadataImage> image,
            Contacts contacts,
            ControllerSettings settings) {
        this.nodeId = nodeId;
        this.incarnation = incarnation;
        this.port = port;
        this.image = image;
        this.contacts = contacts;
        this.liveness = new LivenessRules(contacts, settings.session());
        this.dialling = new Dialling(brokers, settings.session().toNanos());
        this.recovery = new BalancedRecovery(brokers);
        this.compareNanos = settings.compareInterval().toNanos();
    }

    /** Somebody's operation under way; forgotten when leadership is lost. */
    private final class Pending implements Completion {
        private final Completion completion;

        Pending(Completion completion) {
            this.completion = completion;
        }

        @Override
        public void applied(ApplyReply reply) {
            if (pending.remove(this)) {
                completion.applied(reply);
            }
        }

        @Override
        public void failed(MetadataRejection rejection) {
            if (pending.remove(this)) {
                completion.failed(rejection);
            }
        }
    }

    /** The term in which this controller is active; 0 while it is not. */
    public long activeTerm() {
        return activeTerm;
    }

    public void onLeaderReady(long term, long nowNanos) {
        renounce();
        activatingTerm = term;
        activate();
    }

    public void onNotLeader() {
        renounce();
    }

    private void activate() {
        long term = activatingTerm;
        activationUnderWay = true;
        var command = MetadataCommand.decidedBy(term, new ActivateController(nodeId, incarnation));
        port.submit(command, new Completion() {
            @Override
            public void applied(ApplyReply reply) {
                if (activatingTerm != term) {
                    return;
                }
                activationUnderWay = false;
                if (reply.result().rejection().isPresent()) {
                    // Another term has begun; whoever leads in it will hear that it is ready.
                    activatingTerm = NONE;
                    return;
                }
                activatingTerm = NONE;
                activeTerm = term;
            }

            @Override
            public void failed(MetadataRejection rejection) {
                if (activatingTerm == term) {
                    activationUnderWay = false; // the next tick tries again
                }
            }
        });
    }

    /** The first event of an active controller that has a time: everybody gets a session from here on. */
    private void begin(long nowNanos) {
        if (begun) {
            return;
        }
        begun = true;
        var now = image.get();
        liveness.reset(now, nowNanos);
        begunIndex = now.index();
        nextCompareNanos = nowNanos + compareNanos;
        // Heartbeats that broke off before nobody has told us about.
        LivenessRules.unfenced(now).forEach(broker -> dialling.suspect(broker, nowNanos));
    }

    private void renounce() {
        activatingTerm = NONE;
        activeTerm = NONE;
        activationUnderWay = false;
        begun = false;
        deciding.clear();
        fencing.clear();
        electing = false;
        fencedIndex.clear();
        dialling.clear();
        shutdown.clear();
        recovery.clear();
        var failed = new ArrayList<>(pending);
        pending.clear();
        // Their entries may still be committed by the next leader.
        failed.forEach(p -> p.completion.failed(MetadataRejection.indeterminate(
                ErrorReason.ERROR_REASON_NOT_CONTROLLER, "node " + nodeId + " stopped being the active controller")));
    }

    /** Submits what somebody asked for; it is fenced by the epochs that it carries. */
    public void execute(MetadataCommand command, Completion completion) {
        if (activeTerm == NONE) {
            completion.failed(notActive());
            return;
        }
        var one = new Pending(completion);
        pending.add(one);
        port.submit(onceOnly(command), one);
    }

    /** A process registers once: a copy of its registration that comes late must not supersede its successor. */
    private static MetadataCommand onceOnly(MetadataCommand command) {
        return command.requestId().isEmpty() && command.body() instanceof RegisterBroker r
                ? command.once(new RequestId(r.identity().incarnation(), 1))
                : command;
    }

    private MetadataRejection notActive() {
        return MetadataRejection.notApplied(
                ErrorReason.ERROR_REASON_NOT_CONTROLLER, "node " + nodeId + " is not the active controller");
    }

    /** A node gave a sign of life. Answers at once; what it leads to comes with the metadata. */
    public HeartbeatAnswer onHeartbeat(BrokerHeartbeat heartbeat, long nowNanos) {
        if (activeTerm == NONE) {
            return new HeartbeatAnswer.Refused(notActive());
        }
        begin(nowNanos);
        var now = image.get();
        var ref = heartbeat.broker();
        var refusal = notCurrent(now, ref);
        if (refusal.isPresent()) {
            return new HeartbeatAnswer.Refused(refusal.get());
        }
        contacts.touch(ref, nowNanos);
        dialling.heard(ref);
        shutdown.reported(ref, heartbeat.appliedIndex());
        var broker = now.broker(ref.nodeId()).orElseThrow();
        var liveness = broker.liveness();
        if (heartbeat.directoryFailed() && !liveness.directoryOffline()) {
            decide(new TakeDirectoryOffline(ref, "the node says that its directory failed"));
        } else if (heartbeat.wantShutdown() && !liveness.shuttingDown()) {
            decide(new BeginShutdown(ref));
        } else if (!heartbeat.wantFence() && heartbeat.appliedIndex() >= ref.brokerEpoch()) {
            unfence(broker, ref);
        }
        if (broker.fenced()) {
            fencedIndex.put(ref, now.index());
        }
        boolean mayStop = heartbeat.wantShutdown() && liveness.shuttingDown() && shutdown.mayStop(now, ref);
        return new HeartbeatAnswer.Accepted(new HeartbeatReply(
                activeTerm, broker.fenced(), mayStop, Math.max(begunIndex, fencedIndex.getOrDefault(ref, 0L))));
    }

    private void unfence(BrokerImage broker, BrokerRef ref) {
        var liveness = broker.liveness();
        if (liveness.fenced() && !liveness.directoryOffline() && !liveness.shuttingDown()) {
            decide(new UnfenceBroker(ref));
        }
    }

    private static Optional<MetadataRejection> notCurrent(MetadataImage now, BrokerRef ref) {
        var broker = now.broker(ref.nodeId());
        if (broker.isEmpty() || broker.get().epoch() < ref.brokerEpoch()) {
            return Optional.of(MetadataRejection.notApplied(
                    ErrorReason.ERROR_REASON_BROKER_ID_NOT_REGISTERED,
                    "node " + ref.nodeId() + " is not registered under broker epoch " + ref.brokerEpoch()));
        }
        return broker.get().epoch() == ref.brokerEpoch()
                ? Optional.empty()
                : Optional.of(MetadataRejection.notApplied(
                        ErrorReason.ERROR_REASON_STALE_BROKER_EPOCH,
                        "node " + ref.nodeId() + ": broker epoch " + ref.brokerEpoch() + " is over, it is "
                                + broker.get().epoch()));
    }

    /** The stream that carried a node's heartbeats is gone: the node may be too. */
    public void onHeartbeatStreamBroken(BrokerRef broker, long nowNanos) {
        if (activeTerm != NONE && Dialling.isLive(image.get(), broker)) {
            begin(nowNanos);
            dialling.suspect(broker, nowNanos);
        }
    }

    /** What came of a {@link BrokerPort#dial}. */
    public void onDialed(BrokerRef broker, DialResult result, long nowNanos) {
        if (activeTerm != NONE && dialling.dialed(broker, result, nowNanos)) {
            fence(dialling.gone(image.get()), "its node-to-node port refused twice");
        }
    }

    /** The answer to a {@link BrokerPort#askReplica}. */
    public void onReplicaReport(BrokerRef broker, ReplicaId replica, ReplicaAnswer answer, long nowNanos) {
        if (activeTerm == NONE) {
            return;
        }
        begin(nowNanos);
        recovery.answered(broker, replica, answer, nowNanos);
        if (answer instanceof ReplicaAnswer.Report && !electing) {
            // While an election is under way others gather for the next one.
            recovery.decide(image.get(), replica, nowNanos).ifPresent(one -> elect(List.of(one)));
        } else if (answer instanceof ReplicaAnswer.Unusable unusable) {
            decide(new ReportDamage(broker, List.of(replica), unusable.why()));
        }
    }

    /** To be called {@link ControllerSettings#tick} after the last call. */
    public void tick(long nowNanos) {
        if (activatingTerm != NONE && !activationUnderWay) {
            activate();
        }
        if (activeTerm == NONE) {
            return;
        }
        begin(nowNanos);
        var now = image.get();
        fence(dialling.gone(now), "its node-to-node port refused twice");
        fence(liveness.toFence(now, nowNanos), "silent for a session");
        shutdown.retain(now);
        fencedIndex.keySet().removeIf(ref -> notCurrent(now, ref).isPresent());
        if (!electing) {
            elect(recovery.decide(now, nowNanos));
        }
        compareImages(nowNanos);
    }

    private void fence(List<BrokerRef> brokers, String why) {
        var these = new ArrayList<>(brokers);
        these.removeAll(fencing);
        if (!these.isEmpty()) {
            fencing.addAll(these);
            decide(new FenceBrokers(these, why), () -> {
                fencing.removeAll(these);
                these.forEach(ref -> fencedIndex.put(ref, image.get().index()));
            });
        }
    }

    private void elect(List<PartitionToElect> elections) {
        if (!elections.isEmpty()) {
            electing = true;
            decide(new ElectLeaders(ElectionType.UNCLEAN, elections), () -> electing = false);
        }
    }

    /** I23: every voter compares its image with this one. A quiet cluster writes nothing. */
    private void compareImages(long nowNanos) {
        var now = image.get();
        if (nowNanos - nextCompareNanos < 0 || now.index() <= comparedIndex) {
            return;
        }
        nextCompareNanos = nowNanos + compareNanos;
        comparedIndex = Long.MAX_VALUE;
        long againNanos = nowNanos + compareAgainNanos;
        Runnable again = () -> {
            comparedIndex = NONE;
            nextCompareNanos = againNanos;
            compareAgainNanos = Math.min(2 * compareAgainNanos, compareNanos);
        };
        port.submit(
                MetadataCommand.decidedBy(activeTerm, new NoOp(SnapshotCodec.crc(now), now.index())), new Completion() {
                    @Override
                    public void applied(ApplyReply reply) {
                        if (reply.result().rejection().isPresent()) {
                            again.run(); // a command came between, so nothing was compared
                        } else {
                            comparedIndex = reply.index();
                            compareAgainNanos = COMPARE_AGAIN_NANOS;
                        }
                    }

                    @Override
                    public void failed(MetadataRejection rejection) {
                        again.run();
                    }
                });
    }

    private void decide(CommandBody body) {
        if (deciding.add(body)) {
            decide(body, () -> deciding.remove(body));
        }
    }

    private void decide(CommandBody body, Runnable whenOver) {
        port.submit(MetadataCommand.decidedBy(activeTerm, body), new Completion() {
            @Override
            public void applied(ApplyReply reply) {
                whenOver.run();
            }

            @Override
            public void failed(MetadataRejection rejection) {
                whenOver.run();
            }
        });
    }
}
