// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.broker;

import io.varve.metadata.BrokerHeartbeat;
import io.varve.metadata.broker.BrokerAction.Connected;
import io.varve.metadata.broker.BrokerAction.Fenced;
import io.varve.metadata.broker.BrokerAction.Isolated;
import io.varve.metadata.broker.BrokerAction.Register;
import io.varve.metadata.broker.BrokerAction.SendHeartbeat;
import io.varve.metadata.broker.BrokerAction.Stop;
import io.varve.metadata.broker.BrokerAction.StoreEpoch;
import io.varve.metadata.broker.BrokerAction.Unfenced;
import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.image.MetadataError;
import io.varve.metadata.image.MetadataImage;
import io.varve.proto.v1.ErrorReason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The life of one node's registration. *Confined to one loop of its shell.*
 *
 * <pre>
 * REGISTERING -> STORING       the controller registered it
 * STORING     -> FENCED        its epoch is durable; from now on heartbeats go out
 * FENCED      -> UNFENCED      the image says so, after a heartbeat that said that it has caught up
 * UNFENCED    -> FENCED        the image says so; the next heartbeat brings it back
 * any         -> STOPPED       another registration of this node id is in the image, or the controller will not have it
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
        STOPPED
    }

    private final int nodeId;
    private final long heartbeatNanos;
    private final long leaseNanos;
    private State state = State.REGISTERING;
    private boolean askedToRegister;
    private long brokerEpoch;
    private long appliedIndex;
    private long nextSendNanos;
    private long heardNanos;
    private boolean isolated;

    /** @param session of the controller; without an answer for 0.8 of it this node counts as isolated */
    public BrokerLifecycle(int nodeId, Duration heartbeatInterval, Duration session) {
        this.nodeId = nodeId;
        this.heartbeatNanos = heartbeatInterval.toNanos();
        this.leaseNanos = session.toNanos() * 8 / 10;
    }

    public State state() {
        return state;
    }

    /** To be called at least every heartbeat interval, and after each other event. */
    public List<BrokerAction> onTick(long nowNanos) {
        var actions = new ArrayList<BrokerAction>();
        if (state == State.REGISTERING && !askedToRegister && nowNanos - nextSendNanos >= 0) {
            askedToRegister = true;
            actions.add(new Register());
        } else if (isMember()) {
            if (nowNanos - nextSendNanos >= 0) {
                nextSendNanos = nowNanos + heartbeatNanos;
                var ref = new BrokerRef(nodeId, brokerEpoch);
                actions.add(new SendHeartbeat(new BrokerHeartbeat(ref, appliedIndex, false, false)));
            }
            if (!isolated && nowNanos - heardNanos > leaseNanos) {
                isolated = true;
                actions.add(new Isolated());
            }
        }
        return actions;
    }

    public List<BrokerAction> onRegistered(long epoch) {
        if (state != State.REGISTERING) {
            return List.of();
        }
        brokerEpoch = epoch;
        state = State.STORING;
        return List.of(new StoreEpoch(epoch));
    }

    public List<BrokerAction> onEpochStored(long nowNanos) {
        state = State.FENCED;
        heardNanos = nowNanos;
        nextSendNanos = nowNanos;
        return onTick(nowNanos);
    }

    /** A registration or heartbeat was refused, or nobody answered. */
    public List<BrokerAction> onRefused(MetadataError error, long nowNanos) {
        var reason = error.reason();
        if (reason == ErrorReason.ERROR_REASON_STALE_BROKER_EPOCH
                || reason == ErrorReason.ERROR_REASON_DUPLICATE_BROKER_REGISTRATION
                || reason == ErrorReason.ERROR_REASON_UNSUPPORTED_VERSION) {
            return stop(error);
        }
        askedToRegister = false;
        nextSendNanos = nowNanos + heartbeatNanos;
        return List.of();
    }

    public List<BrokerAction> onHeard(long nowNanos) {
        heardNanos = nowNanos;
        if (isolated) {
            isolated = false;
            return List.of(new Connected());
        }
        return List.of();
    }

    /** @param index that all partition loops and I/O of this node have applied, of this image */
    public List<BrokerAction> onApplied(long index, MetadataImage image, long nowNanos) {
        boolean wasBehind = appliedIndex < brokerEpoch;
        appliedIndex = Math.max(appliedIndex, index);
        var self = image.broker(nodeId);
        if (!isMember() || self.isEmpty() || self.get().epoch() < brokerEpoch) {
            return List.of();
        }
        if (self.get().epoch() > brokerEpoch) {
            return stop(MetadataError.of(
                    ErrorReason.ERROR_REASON_STALE_BROKER_EPOCH,
                    "node " + nodeId + " was registered again, as " + self.get().epoch() + " after " + brokerEpoch,
                    "another process runs with this node's directory or id: stop one of them"));
        }
        if (wasBehind && appliedIndex >= brokerEpoch) {
            nextSendNanos = nowNanos; // the sooner the controller hears it, the sooner this node serves
        }
        var actions = new ArrayList<BrokerAction>();
        if (self.get().fenced() != (state == State.FENCED)) {
            state = self.get().fenced() ? State.FENCED : State.UNFENCED;
            actions.add(state == State.FENCED ? new Fenced() : new Unfenced());
        }
        actions.addAll(onTick(nowNanos));
        return actions;
    }

    private boolean isMember() {
        return state == State.FENCED || state == State.UNFENCED;
    }

    private List<BrokerAction> stop(MetadataError why) {
        if (state == State.STOPPED) {
            return List.of();
        }
        state = State.STOPPED;
        return List.of(new Stop(why));
    }
}
