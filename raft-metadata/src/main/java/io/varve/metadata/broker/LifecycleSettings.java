// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.broker;

import java.time.Duration;

/**
 * @param heartbeat interval between signs of life
 * @param session of the controller: silence after which it fences a node
 * @param leave how long a node that wants to stop waits for the controller to relieve it; then it stops all the same
 * @param flush how long flushing may take then, before the process ends without the proof of a clean stop
 */
public record LifecycleSettings(Duration heartbeat, Duration session, Duration leave, Duration flush) {

    public static final LifecycleSettings DEFAULT = of(Duration.ofMillis(500), Duration.ofSeconds(3));

    public static LifecycleSettings of(Duration heartbeat, Duration session) {
        return new LifecycleSettings(heartbeat, session, session.multipliedBy(5), session.multipliedBy(10));
    }

    /** Without an answer to what was sent in this time, a node counts as isolated: before the controller fences it. */
    long leaseNanos() {
        return session.toNanos() / 10 * 8;
    }

    /** A voter that does not answer for this long is not asked again before the others. */
    long silenceNanos() {
        return 2 * heartbeat.toNanos();
    }

    /** A registration has to be committed first. */
    long registrationNanos() {
        return session.toNanos() / 3 * 2;
    }

    /** Before the next voter is asked. */
    long retryNanos() {
        return heartbeat.toNanos() / 5;
    }

    /** A node whose disk was replaced is refused until the session of its old self is over. */
    long duplicateNanos() {
        return 2 * session.toNanos();
    }
}
