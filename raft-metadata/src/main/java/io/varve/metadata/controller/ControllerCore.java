// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.controller;

import io.varve.metadata.ApplyReply;
import io.varve.metadata.MetadataRejection;
import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.command.CommandBody;
import io.varve.metadata.command.CommandBody.ActivateController;
import io.varve.metadata.command.CommandBody.FenceBrokers;
import io.varve.metadata.command.CommandBody.NoOp;
import io.varve.metadata.command.CommandBody.UnfenceBroker;
import io.varve.metadata.command.MetadataCommand;
import io.varve.metadata.controller.CommandPort.Completion;
import io.varve.metadata.image.MetadataImage;
import io.varve.metadata.image.SnapshotCodec;
import io.varve.proto.v1.ErrorReason;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
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

    private final int nodeId;
    private final UUID incarnation;
    private final CommandPort port;
    private final Supplier<MetadataImage> image;
    private final LivenessRules liveness;
    private final long compareNanos;

    // Invariant: at most one of the two is not NONE.
    private long activatingTerm = NONE;
    private long activeTerm = NONE;
    private boolean activationUnderWay;
    private final Set<Pending> pending = new LinkedHashSet<>();
    private final Set<BrokerRef> unfencing = new HashSet<>();
    private final Set<BrokerRef> fencing = new HashSet<>();
    private long nextCompareNanos;
    private long comparedIndex;

    /** @param image the newest that was applied on this node */
    public ControllerCore(
            int nodeId,
            UUID incarnation,
            CommandPort port,
            Supplier<MetadataImage> image,
            Contacts contacts,
            ControllerSettings settings) {
        this.nodeId = nodeId;
        this.incarnation = incarnation;
        this.port = port;
        this.image = image;
        this.liveness = new LivenessRules(contacts, settings.session());
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
        activate(nowNanos);
    }

    public void onNotLeader() {
        renounce();
    }

    private void activate(long nowNanos) {
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
                liveness.reset(image.get(), nowNanos);
                nextCompareNanos = nowNanos + compareNanos;
            }

            @Override
            public void failed(MetadataRejection rejection) {
                if (activatingTerm == term) {
                    activationUnderWay = false; // the next tick tries again
                }
            }
        });
    }

    private void renounce() {
        activatingTerm = NONE;
        activeTerm = NONE;
        activationUnderWay = false;
        unfencing.clear();
        fencing.clear();
        var failed = new ArrayList<>(pending);
        pending.clear();
        // Their entries may still be committed by the next leader.
        failed.forEach(p -> p.completion.failed(MetadataRejection.indeterminate(
                ErrorReason.ERROR_REASON_NOT_CONTROLLER, "node " + nodeId + " stopped being the active controller")));
    }

    /** Submits what somebody asked for; it is fenced by the epochs that it carries. */
    public void execute(MetadataCommand command, Completion completion) {
        if (activeTerm == NONE) {
            completion.failed(MetadataRejection.notApplied(
                    ErrorReason.ERROR_REASON_NOT_CONTROLLER, "node " + nodeId + " is not the active controller"));
            return;
        }
        var one = new Pending(completion);
        pending.add(one);
        port.submit(command, one);
    }

    /** A fenced node has caught up with its own registration. */
    public void onCaughtUp(BrokerRef broker) {
        if (activeTerm != NONE && unfencing.add(broker)) {
            decide(new UnfenceBroker(broker), () -> unfencing.remove(broker));
        }
    }

    /** To be called {@link ControllerSettings#tick} after the last call. */
    public void tick(long nowNanos) {
        if (activatingTerm != NONE && !activationUnderWay) {
            activate(nowNanos);
        }
        if (activeTerm == NONE) {
            return;
        }
        var silent = new ArrayList<>(liveness.toFence(image.get(), nowNanos));
        silent.removeAll(fencing);
        if (!silent.isEmpty()) {
            fencing.addAll(silent);
            decide(new FenceBrokers(silent, "silent for a session"), () -> fencing.removeAll(silent));
        }
        compareImages(nowNanos);
    }

    /** I23: every voter compares its image with this one. A quiet cluster writes nothing. */
    private void compareImages(long nowNanos) {
        var now = image.get();
        if (nowNanos - nextCompareNanos < 0 || now.index() <= comparedIndex) {
            return;
        }
        nextCompareNanos = nowNanos + compareNanos;
        comparedIndex = Long.MAX_VALUE;
        port.submit(
                MetadataCommand.decidedBy(activeTerm, new NoOp(SnapshotCodec.crc(now), now.index())), new Completion() {
                    @Override
                    public void applied(ApplyReply reply) {
                        comparedIndex = reply.index();
                    }

                    @Override
                    public void failed(MetadataRejection rejection) {
                        comparedIndex = NONE;
                    }
                });
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
