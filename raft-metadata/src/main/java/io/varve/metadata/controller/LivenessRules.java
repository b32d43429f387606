// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.controller;

import io.varve.metadata.command.BrokerRef;
import io.varve.metadata.image.BrokerImage;
import io.varve.metadata.image.MetadataImage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Who is to be fenced for silence. *Confined to the controller's loop.*
 *
 * <p>Silence is only believed when the controller itself was awake to hear: a pass that comes late shifts all contacts.
 * Few are fenced per pass, the longest silent first, so that each effect is in the image before the next decision. If
 * much of the cluster falls silent at once, the fault is more likely here than there, and one more session is waited.
 */
final class LivenessRules {

    /** A pass is made so many times in a session. */
    static final int PASSES_PER_SESSION = 8;

    private static final int FENCED_PER_PASS = 4;
    private static final int MASS_MIN = 2;
    private static final int MASS_PERCENT = 30;

    private final Contacts contacts;
    private final long sessionNanos;
    private long lastPassNanos;
    private long graceUntilNanos;
    private boolean inGrace;

    LivenessRules(Contacts contacts, Duration session) {
        this.contacts = contacts;
        this.sessionNanos = session.toNanos();
    }

    /** After activation everybody gets a whole session, and a little more to find the new controller. */
    void reset(MetadataImage image, long nowNanos) {
        contacts.reset(unfenced(image), nowNanos + sessionNanos / PASSES_PER_SESSION);
        lastPassNanos = nowNanos;
        inGrace = false;
    }

    List<BrokerRef> toFence(MetadataImage image, long nowNanos) {
        long gap = nowNanos - lastPassNanos - sessionNanos / PASSES_PER_SESSION;
        lastPassNanos = nowNanos;
        if (gap > sessionNanos / 4) {
            contacts.shift(gap);
        }
        var unfenced = unfenced(image);
        contacts.retain(all(image));
        var silent = new ArrayList<BrokerRef>();
        for (var broker : unfenced) {
            var last = contacts.last(broker);
            if (last.isEmpty()) {
                contacts.touch(broker, nowNanos);
            } else if (nowNanos - last.getAsLong() > sessionNanos) {
                silent.add(broker);
            }
        }
        if (isMass(silent.size(), unfenced.size(), nowNanos)) {
            return List.of();
        }
        silent.sort(Comparator.comparingLong(b -> contacts.last(b).orElse(nowNanos) - nowNanos));
        return silent.subList(0, Math.min(FENCED_PER_PASS, silent.size()));
    }

    private boolean isMass(int silent, int unfenced, long nowNanos) {
        if (silent < MASS_MIN || silent * 100 <= MASS_PERCENT * unfenced) {
            inGrace = false;
            return false;
        }
        if (!inGrace) {
            inGrace = true;
            graceUntilNanos = nowNanos + sessionNanos;
        }
        return nowNanos - graceUntilNanos < 0;
    }

    static List<BrokerRef> unfenced(MetadataImage image) {
        return image.brokers().values().stream()
                .filter(b -> !b.fenced())
                .map(LivenessRules::ref)
                .toList();
    }

    private static List<BrokerRef> all(MetadataImage image) {
        return image.brokers().values().stream().map(LivenessRules::ref).toList();
    }

    private static BrokerRef ref(BrokerImage broker) {
        return new BrokerRef(broker.id(), broker.epoch());
    }
}
