// SPDX-License-Identifier: Apache-2.0
package io.varve.node.quorum;

import io.varve.node.config.QuorumConfig;
import io.varve.node.config.VoterAddress;
import io.varve.node.http.NodeHealth;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * Says in the node's health when the metadata quorum has had no leader for longer than an election takes: records go on,
 * but nothing can be decided. <i>Confined to one thread.</i>
 */
public final class LeaderWatch implements Runnable {

    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final IntSupplier leader;
    private final QuorumConfig quorum;
    private final NodeHealth health;
    private final String component;
    private final LongSupplier clockNanos;
    private long ledNanos;
    private boolean told;

    /**
     * @param leader the node that leads, 0 for none
     * @param component under which it is told
     * @param clockNanos monotonic
     */
    public LeaderWatch(
            IntSupplier leader, QuorumConfig quorum, NodeHealth health, String component, LongSupplier clockNanos) {
        this.leader = leader;
        this.quorum = quorum;
        this.health = health;
        this.component = component;
        this.clockNanos = clockNanos;
        this.ledNanos = clockNanos.getAsLong();
    }

    /** Looks; to be called every second or so. */
    @Override
    public void run() {
        long now = clockNanos.getAsLong();
        if (leader.getAsInt() != 0) {
            ledNanos = now;
            if (told) {
                health.clear(component);
                told = false;
            }
            return;
        }
        long seconds = TimeUnit.NANOSECONDS.toSeconds(now - ledNanos);
        if (seconds >= PATIENCE.toSeconds()) {
            told = true;
            health.warn(
                    component,
                    "QUORUM_UNAVAILABLE",
                    "the metadata quorum has had no leader for %d s; %d of its voters %s must run and reach each other"
                            .formatted(
                                    seconds,
                                    quorum.majority(),
                                    quorum.voters().stream()
                                            .map(VoterAddress::toString)
                                            .collect(Collectors.joining(", "))));
        }
    }
}
