// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.broker;

import io.varve.metadata.image.ControllerImage;
import java.util.List;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * Whom a node takes for the active controller, and which of its requests were answered. *Confined to the lifecycle's
 * loop.*
 */
final class ControllerContact {

    /** A request under way. */
    record Sent(int to, long sentNanos, boolean wantShutdown) {}

    private static final int REMEMBERED = 64;

    private final TreeMap<Long, Sent> sent = new TreeMap<>();
    private List<Integer> voters;
    private int target;
    private long lastRequest;
    private long epoch; // the highest seen
    private OptionalLong unansweredSince = OptionalLong.empty();

    ControllerContact(List<Integer> voters) {
        this.voters = checked(voters);
        this.target = voters.get(0);
    }

    private static List<Integer> checked(List<Integer> voters) {
        if (voters.isEmpty()) {
            throw new IllegalArgumentException("there is no voter to ask");
        }
        return List.copyOf(voters);
    }

    int target() {
        return target;
    }

    void replaceVoters(List<Integer> next) {
        voters = checked(next);
        if (!voters.contains(target)) {
            aim(voters.get(0));
        }
    }

    long send(long nowNanos, boolean wantShutdown) {
        sent.put(++lastRequest, new Sent(target, nowNanos, wantShutdown));
        if (sent.size() > REMEMBERED) {
            sent.pollFirstEntry();
        }
        if (unansweredSince.isEmpty()) {
            unansweredSince = OptionalLong.of(nowNanos);
        }
        return lastRequest;
    }

    boolean isNewest(long request) {
        return request == lastRequest && sent.containsKey(request);
    }

    /** Whether anything was sent to the target that it has not answered; not if it was sent to an earlier target. */
    boolean isAwaiting() {
        return unansweredSince.isPresent();
    }

    /** Whether anything was sent to the target and the target has not answered for this long. */
    boolean isSilent(long nowNanos, long silenceNanos) {
        return unansweredSince.isPresent() && nowNanos - unansweredSince.getAsLong() >= silenceNanos;
    }

    /** What was answered, unless it was answered before or belongs to nobody. */
    @org.jspecify.annotations.Nullable
    Sent take(long request) {
        return sent.remove(request);
    }

    /** Forgets all requests, so that no late answer counts. */
    void forget() {
        sent.clear();
        unansweredSince = OptionalLong.empty();
    }

    /** Whether an answer under this epoch counts: a deposed controller's does not. */
    boolean accept(Sent request, long controllerEpoch) {
        if (controllerEpoch < epoch) {
            return false;
        }
        epoch = controllerEpoch;
        target = request.to();
        unansweredSince = OptionalLong.empty();
        return true;
    }

    /** The metadata names a controller; one that is newer than any heard of is asked from now on. */
    boolean learn(ControllerImage controller) {
        if (controller.epoch() <= epoch) {
            return false;
        }
        epoch = controller.epoch();
        if (controller.nodeId() == target || !voters.contains(controller.nodeId())) {
            return false;
        }
        aim(controller.nodeId());
        return true;
    }

    /** The target is not the one: the hint if it is a voter, else the next in turn. */
    void tryNext(int hint) {
        aim(voters.contains(hint) && hint != target ? hint : voters.get((voters.indexOf(target) + 1) % voters.size()));
    }

    private void aim(int node) {
        target = node;
        unansweredSince = OptionalLong.empty();
    }
}
