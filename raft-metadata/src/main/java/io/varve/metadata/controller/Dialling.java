// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.controller;

import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.image.BrokerImage;
import io.varve.metadata.image.MetadataImage;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Tells a process that is gone from one that is only silent. *Confined to the controller's loop.*
 *
 * <p>A node whose heartbeats broke off is dialled. Its host refusing twice in a short time proves that nobody is there; an
 * answer or silence proves nothing, and the session decides. Wrong proof does no harm: fencing is always safe.
 */
final class Dialling {

    private static final long PROOF_NANOS = 100_000_000;

    /** A refusal that comes alone is looked into again, but not for ever. */
    private static final int MAX_DIALS = 10;

    private final BrokerPort port;
    private final long lostNanos;
    private final Map<BrokerRef, Attempt> attempts = new LinkedHashMap<>();
    private final Set<BrokerRef> gone = new LinkedHashSet<>();

    /** @param lostNanos after so long without a result a dial counts as lost */
    Dialling(BrokerPort port, long lostNanos) {
        this.port = port;
        this.lostNanos = lostNanos;
    }

    /** What is known since the heartbeats broke off. Invariant: at most one dial is under way. */
    private static final class Attempt {
        boolean underWay;
        long sinceNanos;
        // The dial under way began before a heartbeat: its result says nothing.
        boolean outdated;
        boolean again;
        int dials;
        boolean refused;
        long refusedNanos;
    }

    void clear() {
        attempts.clear();
        gone.clear();
    }

    /** The heartbeats of this node broke off, or nobody knows whether they ever came. */
    void suspect(BrokerRef broker, long nowNanos) {
        if (gone.contains(broker)) {
            return;
        }
        var attempt = attempts.computeIfAbsent(broker, b -> new Attempt());
        if (attempt.underWay && nowNanos - attempt.sinceNanos < lostNanos) {
            attempt.again = attempt.outdated;
            return;
        }
        dial(broker, attempt, nowNanos);
    }

    private void dial(BrokerRef broker, Attempt attempt, long nowNanos) {
        attempt.underWay = true;
        attempt.outdated = false;
        attempt.again = false;
        attempt.sinceNanos = nowNanos;
        attempt.dials++;
        port.dial(broker);
    }

    /** A heartbeat came: whatever was suspected is over. */
    void heard(BrokerRef broker) {
        gone.remove(broker);
        var attempt = attempts.get(broker);
        if (attempt == null) {
            return;
        }
        if (!attempt.underWay) {
            attempts.remove(broker);
            return;
        }
        attempt.outdated = true;
        attempt.again = false;
        attempt.dials = 0;
        attempt.refused = false;
    }

    /** Whether this proves that the node is gone. */
    boolean dialed(BrokerRef broker, DialResult result, long nowNanos) {
        var attempt = attempts.get(broker);
        if (attempt == null || !attempt.underWay) {
            return false;
        }
        attempt.underWay = false;
        if (attempt.outdated) {
            if (attempt.again) {
                dial(broker, attempt, nowNanos);
            } else {
                attempts.remove(broker);
            }
            return false;
        }
        if (result == DialResult.ANSWERED || result == DialResult.SILENT) {
            // Whoever answers need not be the process of this registration: no sign of life of it.
            attempts.remove(broker);
            return false;
        }
        if (attempt.refused && nowNanos - attempt.refusedNanos <= PROOF_NANOS) {
            attempts.remove(broker);
            gone.add(broker);
            return true;
        }
        attempt.refused = true;
        attempt.refusedNanos = nowNanos;
        if (attempt.dials < MAX_DIALS) {
            dial(broker, attempt, nowNanos);
        } else {
            attempts.remove(broker);
        }
        return false;
    }

    /** Nodes that are proven gone and not fenced yet. Forgets registrations that are over. */
    List<BrokerRef> gone(MetadataImage image) {
        if (!attempts.isEmpty()) {
            attempts.keySet().removeIf(ref -> !isLive(image, ref));
        }
        if (gone.isEmpty()) {
            return List.of();
        }
        gone.removeIf(ref -> !isLive(image, ref));
        return List.copyOf(gone);
    }

    static boolean isLive(MetadataImage image, BrokerRef ref) {
        return image.broker(ref.nodeId()).map(b -> isLive(b, ref)).orElse(false);
    }

    private static boolean isLive(BrokerImage broker, BrokerRef ref) {
        return broker.epoch() == ref.brokerEpoch() && !broker.fenced();
    }
}
