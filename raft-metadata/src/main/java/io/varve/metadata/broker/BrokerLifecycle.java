// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.broker;

import io.varve.metadata.BrokerHeartbeat;
import io.varve.metadata.HeartbeatReply;
import io.varve.metadata.broker.BrokerAction.Connected;
import io.varve.metadata.broker.BrokerAction.Exit;
import io.varve.metadata.broker.BrokerAction.Fenced;
import io.varve.metadata.broker.BrokerAction.FlushAndMark;
import io.varve.metadata.broker.BrokerAction.Isolated;
import io.varve.metadata.broker.BrokerAction.Register;
import io.varve.metadata.broker.BrokerAction.SendHeartbeat;
import io.varve.metadata.broker.BrokerAction.Stop;
import io.varve.metadata.broker.BrokerAction.StoreEpoch;
import io.varve.metadata.broker.BrokerAction.Unfenced;
import io.varve.metadata.broker.BrokerAction.WantMetadata;
import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.image.BrokerImage;
import io.varve.metadata.image.MetadataError;
import io.varve.metadata.image.MetadataImage;
import io.varve.proto.v1.ErrorReason;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * The life of one node's registration. *Confined to one loop of its shell.*
 *
 * <pre>
 * REGISTERING -> STORING       a controller registered it
 * STORING     -> FENCED        its epoch is durable; from now on heartbeats go out
 * FENCED      -> UNFENCED      the image says so, after a heartbeat that said that it has caught up
 * UNFENCED    -> FENCED        the image says so; the next heartbeat brings it back
 * UNFENCED    -> LEAVING       it is asked to stop: its heartbeats ask the controller to relieve it (P42)
 * LEAVING     -> FLUSHING      it leads nothing any more, or has waited long enough; also from every earlier state but UNFENCED
 * FLUSHING    -> STOPPED       the proof of a clean stop is written, or that took too long
 * any         -> STORING       its own registration was repeated on its way: the epoch in the image is its epoch
 * any         -> STOPPED       another process's registration of this node id is in the image, or no controller will have it
 * </pre>
 *
 * <p>Invariant: no heartbeat under an epoch that is not durable here. Otherwise an older image of the disk could come
 * back and name an epoch that looks current.
 */
public final class BrokerLifecycle {

    /** Where it stands. */
    public enum State {
        REGISTERING,
        STORING,
        FENCED,
        UNFENCED,
        LEAVING,
        FLUSHING,
        STOPPED
    }

    private final int nodeId;
    private final UUID incarnation;
    private final LifecycleSettings settings;
    private final RestartClaim former;
    private final ControllerContact contact;
    private State state = State.REGISTERING;
    private boolean shutdownWanted;
    private boolean directoryFailed;
    private boolean registrationUnderWay;
    private long brokerEpoch;
    private long appliedIndex;
    private long nextSendNanos;
    private boolean due = true; // whether nextSendNanos has no say yet
    private long heardNanos; // send time of the newest heartbeat whose answer counts for the lease
    private boolean isolated;
    private long leavingNanos;
    private long flushingNanos;
    private OptionalLong duplicateSince = OptionalLong.empty();
    private OptionalLong staleSince = OptionalLong.empty();
    private MetadataError staleError = MetadataError.of(ErrorReason.ERROR_REASON_STALE_BROKER_EPOCH, "");

    /**
     * @param incarnation drawn by this process; its registration carries it
     * @param voters node ids, in the order in which to ask them who is the active controller
     * @param former what its registration says about the process before this one
     */
    public BrokerLifecycle(
            int nodeId, UUID incarnation, List<Integer> voters, LifecycleSettings settings, RestartClaim former) {
        this.nodeId = nodeId;
        this.incarnation = incarnation;
        this.settings = settings;
        this.former = former;
        this.contact = new ControllerContact(voters);
    }

    public State state() {
        return state;
    }

    /** Under which this node is registered; 0 for not yet. */
    public long brokerEpoch() {
        return brokerEpoch;
    }

    /** Whom it takes for the active controller: proposals and other requests go there, too. */
    public int controller() {
        return contact.target();
    }

    /**
     * Whether it was answered lately enough to serve what needs a lease: acks 0 and 1, and reads. For the moment before
     * a reply; otherwise {@link Isolated} and {@link Connected} tell.
     */
    public boolean hasLease(long nowNanos) {
        return isMember() && !isolated && nowNanos - heardNanos <= settings.leaseNanos();
    }

    public void voters(List<Integer> order) {
        contact.replaceVoters(order);
    }

    /** To be called at least every fifth of a heartbeat interval, and when a lease is about to end. */
    public List<BrokerAction> onTick(long nowNanos) {
        var actions = new ArrayList<BrokerAction>();
        if (state == State.REGISTERING) {
            register(nowNanos, actions);
        } else if (isMember()) {
            if (staleSince.isPresent()) {
                if (nowNanos - staleSince.getAsLong() > settings.session().toNanos()) {
                    return stop(staleError);
                }
            } else {
                heartbeat(nowNanos, actions);
            }
            if (!isolated && nowNanos - heardNanos > settings.leaseNanos()) {
                isolated = true;
                actions.add(new Isolated());
            }
        }
        if (state == State.LEAVING && nowNanos - leavingNanos > settings.leave().toNanos()) {
            flush(nowNanos, actions); // P42: nobody relieves it; what it has written is worth a proof all the same
        } else if (state == State.FLUSHING
                && nowNanos - flushingNanos > settings.flush().toNanos()) {
            state = State.STOPPED;
            actions.add(new Exit(false));
        }
        return actions;
    }

    private void register(long nowNanos, List<BrokerAction> actions) {
        if (registrationUnderWay && contact.isAwaiting()) {
            if (!contact.isSilent(nowNanos, settings.registrationNanos())) {
                return;
            }
            contact.tryNext(0); // it may have been committed: then the image will say so
        } else if (!registrationUnderWay && !due && nowNanos - nextSendNanos < 0) {
            return;
        }
        registrationUnderWay = true;
        due = false;
        contact.forget();
        actions.add(new Register(contact.send(nowNanos, false), contact.target()));
    }

    private void heartbeat(long nowNanos, List<BrokerAction> actions) {
        boolean silent = contact.isSilent(nowNanos, settings.silenceNanos());
        if (silent) {
            contact.tryNext(0);
        }
        if (!silent && !due && nowNanos - nextSendNanos < 0) {
            return;
        }
        due = false;
        nextSendNanos = nowNanos + settings.heartbeat().toNanos();
        boolean leaving = state == State.LEAVING || state == State.FLUSHING;
        var heartbeat = new BrokerHeartbeat(
                new BrokerRef(nodeId, brokerEpoch), appliedIndex, leaving || directoryFailed, leaving, directoryFailed);
        actions.add(new SendHeartbeat(contact.send(nowNanos, leaving), contact.target(), heartbeat));
    }

    /** The answer to a {@link Register}. Only the newest counts: an older one may be followed by its repetition. */
    public List<BrokerAction> onRegistered(long request, long epoch, long nowNanos) {
        if (state != State.REGISTERING || !contact.isNewest(request)) {
            return List.of();
        }
        return registered(epoch);
    }

    private List<BrokerAction> registered(long epoch) {
        brokerEpoch = epoch;
        state = State.STORING;
        registrationUnderWay = false;
        staleSince = OptionalLong.empty();
        contact.forget(); // answers to heartbeats under an older epoch say nothing about this one
        return List.of(new StoreEpoch(epoch), new WantMetadata(epoch));
    }

    public List<BrokerAction> onEpochStored(long epoch, long nowNanos) {
        if (state != State.STORING || epoch != brokerEpoch) {
            return List.of();
        }
        state = State.FENCED;
        heardNanos = nowNanos; // fenced until a heartbeat that is sent from now on: no session began before
        due = true;
        var actions = new ArrayList<BrokerAction>();
        if (isolated) {
            isolated = false;
            actions.add(new Connected());
        }
        if (shutdownWanted) {
            flush(nowNanos, actions);
        }
        actions.addAll(onTick(nowNanos));
        return actions;
    }

    /** A registration or heartbeat was refused. See {@link #onRefused(long, MetadataError, int, long)}. */
    public List<BrokerAction> onRefused(long request, MetadataError error, long nowNanos) {
        return onRefused(request, error, 0, nowNanos);
    }

    /** @param hint the node that the refusing one takes for the controller, 0 for none */
    public List<BrokerAction> onRefused(long request, MetadataError error, int hint, long nowNanos) {
        boolean newest = contact.isNewest(request);
        var sent = contact.take(request);
        if (sent == null || !(isMember() || (state == State.REGISTERING && newest))) {
            return List.of();
        }
        registrationUnderWay = false;
        var reason = error.reason();
        if (reason == ErrorReason.ERROR_REASON_NOT_CONTROLLER) {
            if (sent.to() == contact.target()) {
                contact.tryNext(hint);
                due = false;
                nextSendNanos = nowNanos + settings.retryNanos();
            } else if (state == State.REGISTERING) {
                due = true; // nobody has asked the one that the metadata named meanwhile
            }
            return List.of();
        }
        due = false;
        nextSendNanos = nowNanos + settings.heartbeat().toNanos();
        if (reason == ErrorReason.ERROR_REASON_UNSUPPORTED_VERSION
                || reason == ErrorReason.ERROR_REASON_INVALID_REQUEST
                || reason == ErrorReason.ERROR_REASON_INCONSISTENT_CLUSTER_ID) {
            return stop(error);
        } else if (reason == ErrorReason.ERROR_REASON_DUPLICATE_BROKER_REGISTRATION) {
            // A replaced disk is refused while its former self counts as alive, and taken afterwards.
            duplicateSince = OptionalLong.of(duplicateSince.orElse(nowNanos));
            return nowNanos - duplicateSince.getAsLong() > settings.duplicateNanos() ? stop(error) : List.of();
        } else if (reason == ErrorReason.ERROR_REASON_STALE_BROKER_EPOCH && isMember()) {
            // Another process, or a late repetition of this one's registration: the image knows.
            staleSince = OptionalLong.of(staleSince.orElse(nowNanos));
            staleError = error;
            return List.of(new WantMetadata(brokerEpoch + 1));
        }
        return List.of();
    }

    /** The stream to a node broke, or it could not be reached: what was sent there may or may not have arrived. */
    public List<BrokerAction> onUnreachable(int node, long nowNanos) {
        if (node == contact.target() && (isMember() || state == State.REGISTERING)) {
            contact.tryNext(0);
            registrationUnderWay = false;
            due = false;
            nextSendNanos = nowNanos + settings.retryNanos();
        }
        return List.of();
    }

    public List<BrokerAction> onHeartbeatAnswered(long request, HeartbeatReply reply, long nowNanos) {
        var sent = contact.take(request);
        if (sent == null || !isMember()) {
            return List.of();
        }
        if (!contact.accept(sent, reply.controllerEpoch())) {
            if (sent.to() == contact.target()) {
                contact.tryNext(0); // it has been deposed and does not know it yet
                nextSendNanos = nowNanos + settings.retryNanos();
            }
            return List.of();
        }
        var actions = new ArrayList<BrokerAction>();
        // Nobody may serve on the word of a controller that has fenced it, least of all before it knows.
        boolean current = !reply.fenced() && appliedIndex >= reply.fencedIndex();
        if (current && heardNanos - sent.sentNanos() < 0) {
            // When it was sent, not when it was answered: the controller's session cannot have begun earlier.
            heardNanos = sent.sentNanos();
        }
        if (isolated && nowNanos - heardNanos <= settings.leaseNanos()) {
            isolated = false;
            actions.add(new Connected());
        }
        if (state == State.LEAVING && sent.wantShutdown() && reply.mayStop()) {
            flush(nowNanos, actions);
        }
        return actions;
    }

    /**
     * @param index that all partition loops and I/O of this node have applied
     * @param image of that index
     */
    public List<BrokerAction> onApplied(long index, MetadataImage image, long nowNanos) {
        if (state == State.STOPPED || (state == State.FLUSHING && brokerEpoch == 0)) {
            return List.of(); // it never was registered, so what the image has of this node is the life before this one
        }
        boolean wasBehind = appliedIndex < brokerEpoch;
        appliedIndex = Math.max(appliedIndex, index);
        if (contact.learn(image.controller())) {
            due = due || isMember();
        }
        var self = image.broker(nodeId);
        if (self.isEmpty() || self.get().epoch() < brokerEpoch) {
            return List.of();
        }
        if (self.get().epoch() > brokerEpoch) {
            return onNewerRegistration(self.get());
        }
        if (!isMember()) {
            return List.of();
        }
        if (wasBehind && appliedIndex >= brokerEpoch) {
            due = true; // the sooner the controller hears it, the sooner this node serves
        }
        var actions = new ArrayList<BrokerAction>();
        onFencing(self.get().fenced(), nowNanos, actions);
        actions.addAll(onTick(nowNanos));
        return actions;
    }

    private List<BrokerAction> onNewerRegistration(BrokerImage self) {
        if (self.identity().incarnation().equals(incarnation)) {
            var actions = new ArrayList<BrokerAction>();
            if (state == State.UNFENCED || state == State.LEAVING) {
                actions.add(new Fenced());
            }
            if (state != State.FLUSHING) {
                actions.addAll(registered(self.epoch()));
            }
            return actions;
        }
        if (state == State.REGISTERING) {
            return List.of(); // the life before this one
        }
        return stop(MetadataError.of(
                ErrorReason.ERROR_REASON_STALE_BROKER_EPOCH,
                "node " + nodeId + " was registered again, as " + self.epoch() + " after " + brokerEpoch,
                "another process runs with this node's directory or id: stop one of them"));
    }

    private void onFencing(boolean fenced, long nowNanos, List<BrokerAction> actions) {
        if (state == State.FENCED && !fenced) {
            state = State.UNFENCED;
            actions.add(new Unfenced());
        } else if (state == State.UNFENCED && fenced) {
            state = State.FENCED;
            actions.add(new Fenced());
        } else if (state == State.LEAVING && fenced) {
            actions.add(new Fenced());
            flush(nowNanos, actions); // fenced nodes lead nothing
        }
    }

    /** This process is to end. It goes on serving until {@link FlushAndMark}, so that leaders can move away. */
    public List<BrokerAction> onShutdownWanted(long nowNanos) {
        if (shutdownWanted || state == State.STOPPED) {
            return List.of();
        }
        shutdownWanted = true;
        var actions = new ArrayList<BrokerAction>();
        if (state == State.UNFENCED) {
            state = State.LEAVING;
            leavingNanos = nowNanos;
            due = true;
        } else if (state != State.STORING) { // then its epoch is durable first, so that the proof names it
            flush(nowNanos, actions);
        }
        actions.addAll(onTick(nowNanos));
        return actions;
    }

    /**
     * The data directory failed (P36): heartbeats say so, and the controller takes away what depends on it. Nothing that
     * is there can be proven any more, so a later stop is not a clean one.
     */
    public List<BrokerAction> onDirectoryFailed(long nowNanos) {
        if (directoryFailed) {
            return List.of();
        }
        directoryFailed = true;
        due = due || isMember();
        return onTick(nowNanos);
    }

    private void flush(long nowNanos, List<BrokerAction> actions) {
        if (directoryFailed) {
            state = State.STOPPED;
            actions.add(new Exit(false));
            return;
        }
        actions.add(new FlushAndMark(provenEpoch()));
        state = State.FLUSHING;
        flushingNanos = nowNanos;
    }

    /**
     * P29: the proof names an epoch under which this process ran. One that never was registered has written nothing: it
     * puts back the proof that it found, and has none to give if it found none, for its predecessor may have lost records.
     */
    private long provenEpoch() {
        return brokerEpoch > 0 ? brokerEpoch : former.clean() ? former.previousBrokerEpoch() : 0;
    }

    /** @param written whether everything is flushed and the proof durable; if not, the process ends without it */
    public List<BrokerAction> onMarked(boolean written) {
        if (state != State.FLUSHING) {
            return List.of();
        }
        state = State.STOPPED;
        return List.of(new Exit(written));
    }

    /** Whether it sends heartbeats. */
    private boolean isMember() {
        return state == State.FENCED
                || state == State.UNFENCED
                || state == State.LEAVING
                || (state == State.FLUSHING && brokerEpoch > 0);
    }

    private List<BrokerAction> stop(MetadataError why) {
        if (state == State.STOPPED) {
            return List.of();
        }
        state = State.STOPPED;
        return List.of(new Stop(why));
    }
}
